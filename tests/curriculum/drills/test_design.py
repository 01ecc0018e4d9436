"""Knobs: what may be set, and what is said of the rest."""

import pytest

from mlsd_kit.curriculum.drills.errors import DrillError


def test_an_open_knob_is_named_with_its_range(good):
    told = good.but(clerks=...).problems()
    assert told == ["clerks is still open: people who serve, 1 to 20."]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"clerks": 2.5}, "clerks = 2.5 is not a whole number: 1 to 20."),
        ({"clerks": 0}, "clerks = 0 is outside 1 to 20."),
        ({"clerks": "many"}, "clerks = 'many' is not a number: 1 to 20."),
        ({"clerks": True}, "clerks = True is not a number: 1 to 20."),
        ({"patience": float("nan")}, "patience = nan is outside 0 to 60 s."),
        ({"drink": "water"}, "drink = 'water' is not one of 'tea', 'coffee'."),
        ({"extras": "milk"}, "extras = 'milk' is not a tuple of some of 'milk', 'sugar'."),
        ({"extras": ("milk", "milk")}, "extras names 'milk' more than once."),
        ({"extras": ("salt",)}, "extras = ('salt',) is not a tuple of some of 'milk', 'sugar'."),
    ],
)
def test_a_value_that_makes_no_sense(good, changes, says):
    assert good.but(**changes).problems() == [says]


@pytest.mark.parametrize("wish", ["hit_rate", "p99_ms", "cache_recall", "availability"])
def test_an_outcome_is_no_knob(good, wish):
    with pytest.raises(DrillError, match=f"{wish} is an outcome, not a knob"):
        type(good)(clerks=3, **{wish: 0.9})


def test_a_misspelt_knob_is_corrected(good):
    with pytest.raises(DrillError, match=r"no knob 'clerk'. Did you mean clerks\?"):
        good.but(clerk=3)
    with pytest.raises(DrillError, match="Name every knob"):
        type(good)(3)


def test_random_designs_lie_within_the_ranges(good, many):
    drawn = [type(good).random(many) for _ in range(200)]
    assert all(not each.problems() for each in drawn)
    assert {each.drink for each in drawn} == {"tea", "coffee"}
    assert {each.clerks for each in drawn} >= {1, 2, 10}


def test_every_design_is_imported_by_the_name_that_its_task_gives():
    from mlsd_kit.curriculum.drills import designs
    from mlsd_kit.curriculum.drills.drill import load, names

    for name in names():
        cls = load(name).design
        assert getattr(designs, cls.__name__).drill == name
    with pytest.raises(AttributeError, match="there is no design 'Fraud'"):
        _ = designs.Fraud
