"""What the scorer decides, without a broker: its store is a function."""

import json

import numpy as np
import pytest

from mlsd_kit.systems.fraud.load import messages
from mlsd_kit.systems.fraud.scorer import Model, Scorer, Settings
from mlsd_kit.systems.fraud.state import PaymentState


@pytest.fixture
def settings(models):
    return Settings("nowhere", 0, **models)


@pytest.fixture
def log(payments):
    return [
        (k, {**message, "due": 0.0, "sent": 0.0})
        for k, message in enumerate(messages(payments)[:200])
    ]


def answering():
    state = PaymentState()
    return lambda batch: [state.update(payment) for _, payment in batch]


def test_every_payment_gets_one_decision_in_order(settings, log):
    made = Scorer(settings, answering()).decide(log)
    assert [d["offset"] for d in made] == list(range(200))
    assert not any(d["degraded"] for d in made)


def test_batches_change_no_score(settings, log):
    whole = Scorer(settings, answering()).decide(log)
    scorer = Scorer(settings, answering())
    pieces = [d for k in range(0, 200, 7) for d in scorer.decide(log[k : k + 7])]
    assert [d["score"] for d in whole] == [d["score"] for d in pieces]


def test_scores_are_the_champions_of_the_logged_features(settings, log, models):
    made = Scorer(settings, answering()).decide(log)
    scores = Model(models["champion"])([d["features"] for d in made])
    assert [d["score"] for d in made] == scores
    assert len(set(scores)) > 3


def test_duplicates_get_no_second_decision_in_one_batch_or_later(settings, log):
    scorer = Scorer(settings, answering())
    twice = [(k, payment) for k, (_, payment) in enumerate([*log[:5], *log[:5], log[5]])]
    assert [d["id"] for d in scorer.decide(twice)] == [p["id"] for _, p in log[:6]]
    assert scorer.decide([(11, log[0][1])]) == []
    assert scorer.position == 12


def test_a_silent_store_means_a_marked_decision_from_the_fallback(settings, log, models):
    made = Scorer(settings, lambda batch: None).decide(log)
    assert all(d["degraded"] and d["features"] is None for d in made)
    assert {d["model"] for d in made} == {"fallback"}
    assert len({d["score"] for d in made}) > 1  # it looks at the amount


def test_a_successor_goes_on_where_the_decisions_end(settings, log):
    first = Scorer(settings, answering())
    made = first.decide(log[:120])
    successor = Scorer(settings, answering())
    successor.resume(made[:100])  # the last twenty never reached the topic
    assert successor.position == 100
    rest = successor.decide(log[successor.position :])
    assert [d["id"] for d in made[:100] + rest] == [p["id"] for _, p in log]


def test_a_successor_of_nobody_starts_at_the_beginning(settings):
    scorer = Scorer(settings, answering())
    scorer.resume([])
    assert scorer.position == 0


def test_the_shadow_scores_and_does_not_decide(settings, log, models):
    from dataclasses import replace

    plain = Scorer(settings, answering()).decide(log)
    shadowed = Scorer(replace(settings, shadow=models["champion"]), answering()).decide(log)
    assert [d["shadow"] for d in shadowed] == [d["score"] for d in shadowed]
    assert [d["block"] for d in shadowed] == [d["block"] for d in plain]
    assert {d["shadow"] for d in plain} == {None}


def test_it_blocks_where_the_money_at_stake_exceeds_the_alarm(settings, log):
    for d in Scorer(settings, answering()).decide(log):
        assert d["block"] == (d["score"] * d["amount"] > (1 - d["score"]) * settings.alarm)


def test_no_decision_holds_a_card_number_and_one_card_has_one_token(settings, log):
    made = Scorer(settings, answering()).decide(log)
    text = json.dumps(made)
    numbers = {payment["card"] for _, payment in log}
    assert not any(number in text for number in numbers)
    assert len({d["token"] for d in made}) == len(numbers)


def test_what_it_remembers_is_bounded(settings, log, monkeypatch):
    monkeypatch.setattr("mlsd_kit.systems.fraud.scorer.REMEMBER", 50)
    scorer = Scorer(settings, answering())
    scorer.decide(log)
    assert list(scorer.decided) == [p["id"] for _, p in log[150:]]


def test_a_models_probabilities_are_probabilities(models, offline):
    p = np.array(Model(models["champion"])(offline.to_numpy(float)[:500]))
    assert p.shape == (500,)
    assert ((p > 0) & (p < 1)).all()
