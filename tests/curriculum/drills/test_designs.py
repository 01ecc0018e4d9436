"""The drills that the curriculum ships: each is solvable, and tells wrong designs apart."""

import time

import numpy as np
import pytest

from mlsd_kit.curriculum.drills.answers import understood
from mlsd_kit.curriculum.drills.drill import load, names
from mlsd_kit.curriculum.drills.grade import grade
from mlsd_kit.curriculum.drills.measuring import simulate
from mlsd_kit.curriculum.drills.neighbours import passes_quickly
from mlsd_kit.curriculum.drills.reading import read
from mlsd_kit.curriculum.drills.report import NOT_STARTED
from mlsd_kit.curriculum.drills.stub import stub

DRILLS = [load(name) for name in names()]
WRONG = [(drill, name) for drill in DRILLS for name in drill.wrong]
FOLLOW_UPS = [(drill, follow_up) for drill in DRILLS for follow_up in drill.follow_ups]
MARGIN = 0.10
RANDOM, ENOUGH, LEAST, MOST = 300, 4, 0.01, 0.15
SECONDS = 3.0


def of_drill(pair):
    return pair.id if hasattr(pair, "id") else ""


@pytest.fixture(params=DRILLS, ids=lambda drill: drill.name)
def drill(request):
    return request.param


def test_the_stub_is_up_to_date_and_not_started(drill):
    text = (drill.folder / "exercise.py").read_text()
    assert text == stub(drill)
    assert grade(drill, read(text, drill.design)).status == NOT_STARTED


def test_the_reference_passes_with_room_to_spare(drill):
    report = grade(drill, drill.reference(), explain=False)
    assert report.passed, str(report)
    assert {c.limit.key: c.margin for c in report.checks if c.margin < MARGIN} == {}


def test_the_best_known_design_costs_no_more_than_the_reference(drill):
    cost = sum(drill.cost(drill.reference(), drill.world).values())
    assert 0 < drill.best_cost <= cost


def test_the_prompt_names_every_limit_and_there_are_enough_wrong_designs(drill):
    assert len(drill.wrong) >= 4
    assert len(drill.follow_ups) >= 1
    assert set(drill.wrong) <= {trap.name for trap in drill.traps}
    assert len({trap.says for trap in drill.traps}) == len(drill.traps)
    assert len(drill.questions) >= 4


@pytest.mark.parametrize(
    ("drill", "name"), WRONG, ids=[f"{drill.name}-{name}" for drill, name in WRONG]
)
def test_a_wrong_design_fails_for_its_own_reason(drill, name):
    design = drill.reference().but(**drill.wrong[name])
    report = grade(drill, design, explain=False)
    assert not report.passed
    assert [told for told, _ in report.traps] == [name], str(report)
    says = next(trap.says for trap in drill.traps if trap.name == name)
    assert says.format(d=design) in str(report)


@pytest.mark.parametrize(
    ("name", "changes", "told", "not_told"),
    [
        ("flash_crowd", {"most": 30, "signal": "utilisation"}, "saturated_signal", "capped"),
        ("flash_crowd", {"most": 30}, "(capped)", "saturated_signal"),
        ("recommendation_feed", {"fresh_slots": 2}, "too_few_places", "no_room_for_the_new"),
        ("ab_sizing", {"days": 9, "peeking": "daily, stop at p < alpha"}, "9 daily looks", "{"),
        ("fraud_50ms", {"review": "before"}, "cannot be made faster", "a smaller model"),
    ],
)
def test_only_what_is_the_cause_is_told(name, changes, told, not_told):
    drill = load(name)
    said = str(grade(drill, drill.reference().but(**changes), explain=False))
    assert told in said
    assert not_told not in said


def test_few_random_designs_pass(drill):
    rng, passed = np.random.default_rng(0), []
    while len(passed) < RANDOM and not (len(passed) >= RANDOM // 3 and sum(passed) >= ENOUGH):
        passed.append(passes_quickly(drill, drill.design.random(rng)))
    assert LEAST <= np.mean(passed) <= MOST


def test_the_interviewer_knows_every_world(drill):
    assert drill.opening.startswith(drill.prompt[:10])
    assert not any(sign.isdigit() for sign in drill.opening)
    for world in (drill.world, *(drill.within(f).world for f in drill.follow_ups)):
        for question in drill.questions:
            assert question.answer.format(**vars(world))
        own = [understood(each.asks, drill.questions) for each in drill.questions]
        assert own == [[n] for n in range(len(own))]
        for each in drill.estimates:
            assert 0 < each.answer(world) < np.inf
    answers = [q.answer.format(**vars(drill.world)) for q in drill.questions]
    other = drill.within(drill.follow_ups[0]).world
    assert answers != [q.answer.format(**vars(other)) for q in drill.questions]


@pytest.mark.parametrize(
    ("drill", "follow_up"),
    FOLLOW_UPS,
    ids=[f"{drill.name}-{number}" for number, (drill, _) in enumerate(FOLLOW_UPS)],
)
def test_a_follow_up_changes_the_answer(drill, follow_up):
    other = drill.within(follow_up)
    assert not grade(other, drill.reference(), explain=False).passed
    answer = grade(other, drill.reference().but(**follow_up.answer), explain=False)
    assert answer.passed, str(answer)


def test_the_whole_verdict_is_quick_and_the_same_every_time(drill):
    worst = drill.reference().but(**next(iter(drill.wrong.values())))
    start = time.process_time()
    first = str(grade(drill, worst))
    assert time.process_time() - start < SECONDS
    assert str(grade(drill, worst)) == first


def test_seeds_differ_and_a_seed_does_not(drill):
    runs = simulate(drill, drill.reference(), seeds=(1, 1, 2)).calm
    assert runs[0].values == runs[1].values
    assert runs[0].values != runs[2].values
