"""The delayed split and card precision, against small worlds worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.systems.fraud.evaluation import card_precision, delayed_split


def world(rows):
    table = pd.DataFrame(rows, columns=["day", "card", "fraud"])
    start = pd.Timestamp("2018-04-01 12:00")
    return table.assign(time=start + pd.to_timedelta(table["day"], unit="D"))


def test_train_delay_and_test_are_apart(payments):
    train, test = delayed_split(payments, "2018-04-10")
    time = payments["time"]
    assert time.iloc[train].min() >= pd.Timestamp("2018-04-10")
    assert time.iloc[train].max() < pd.Timestamp("2018-04-17")
    assert time.iloc[test].min() >= pd.Timestamp("2018-04-24")
    assert time.iloc[test].max() < pd.Timestamp("2018-05-01")


def test_a_card_leaves_the_test_when_its_fraud_is_known_and_not_before():
    # train day 0, labels after 2 days: a fraud of day 1 is known from day 4 on
    rows = [(0, 1, 0), (1, 7, 1), (3, 7, 1), (4, 7, 1), (3, 8, 0), (4, 8, 0)]
    days = dict(train_days=1, delay_days=2, test_days=2)
    split = delayed_split(world(rows), "2018-04-01", **days)
    assert split.test.tolist() == [2, 4, 5]


def test_a_card_stolen_in_the_train_week_is_no_test():
    rows = [(0, 1, 1), (3, 1, 1), (3, 2, 0)]
    days = dict(train_days=1, delay_days=2, test_days=1)
    split = delayed_split(world(rows), "2018-04-01", **days)
    assert split.test.tolist() == [2]


@pytest.mark.parametrize(("start", "period"), [("2017-01-01", "train"), ("2018-05-25", "test")])
def test_an_empty_period_is_named(payments, start, period):
    with pytest.raises(ValueError, match=f"{period} days of {start}"):
        delayed_split(payments, start)


def test_a_card_is_judged_by_its_most_suspicious_payment():
    table = world([(0, 1, 0), (0, 1, 1), (0, 2, 0), (0, 3, 0)])
    assert card_precision(table, [0.0, 0.9, 0.5, 0.4], k=1) == 1.0
    assert card_precision(table, [0.0, 0.3, 0.5, 0.4], k=1) == 0.0
    assert card_precision(table, [0.0, 0.9, 0.5, 0.4], k=2) == 0.5


def test_a_found_card_is_not_looked_at_again():
    table = world([(0, 1, 1), (0, 2, 0), (1, 1, 1), (1, 2, 1)])
    score = [0.9, 0.1, 0.9, 0.1]
    assert card_precision(table, score, k=1) == 1.0  # card 1, then card 2
    table.loc[3, "fraud"] = 0
    assert card_precision(table, score, k=1) == 0.5
    assert card_precision(table, score, k=1, remove_found=False) == 1.0


def test_a_perfect_score_finds_all_and_a_reversed_one_none(payments):
    perfect = payments["fraud"].to_numpy(float)
    assert card_precision(payments, perfect, k=1) > 0.9
    assert card_precision(payments, -perfect, k=1) < 0.2


@pytest.mark.parametrize("bad", [{"k": 0}, {"score": [1.0]}])
def test_bad_arguments_are_refused(bad):
    table = world([(0, 1, 1), (0, 2, 0)])
    with pytest.raises(ValueError, match=r"k must be|score has shape"):
        card_precision(table, **({"score": np.zeros(2)} | bad))
