"""The gate lets good days in, and refuses a broken one with its reason."""

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.data.gates import DayGate, RefusedError

GATE = DayGate(keys=["shop", "product"], date="day", value="demand", kind=["weekday"])


def panel(n_days: int, seed: int = 0) -> pd.DataFrame:
    """Four shops, two products; Sundays (weekday 6) all but one shop closed."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2024-01-01", periods=n_days)
    index = pd.MultiIndex.from_product(
        [days, range(4), list("ab")], names=["day", "shop", "product"]
    )
    table = index.to_frame(index=False)
    table["weekday"] = table["day"].dt.day_of_week.astype("int64")
    table["demand"] = rng.integers(20, 60, len(table)).astype(float)
    table.loc[(table["weekday"] == 6) & (table["shop"] > 0), "demand"] = 0.0
    return table


@pytest.fixture
def split():
    table = panel(29)
    last = table["day"].max()
    return table[table["day"] < last], table[table["day"] == last].reset_index(drop=True)


def test_every_ordinary_day_is_let_in_as_it_is():
    table = panel(40)
    for day in pd.date_range("2024-01-22", "2024-02-09"):
        today = table[table["day"] == day]
        assert GATE.check(today, table[table["day"] < day]) is today


def closed(day):
    return day.assign(demand=0.0)


def half_closed(day):
    return day.assign(demand=day["demand"].where(day["shop"] > 1, 0.0))


def one(value):
    def change(day):
        return day.assign(demand=day["demand"].where(day.index != 3, value))

    return change


BROKEN = {
    "a series is missing": (lambda day: day.iloc[1:], "1 of 8 series missing"),
    "empty": (lambda day: day.iloc[:0], "8 of 8 series missing"),
    "loaded twice": (lambda day: pd.concat([day, day]), "8 rows repeat a series"),
    "a new shop": (lambda day: pd.concat([day, day.tail(1).assign(shop=9)]), "1 unknown series"),
    "yesterday again": (
        lambda day: day.assign(day=day["day"] - pd.Timedelta("1D")),
        "a date other",
    ),
    "all closed": (closed, "100% of rows are 0"),
    "half closed": (half_closed, "50% of rows are 0, at most 0% on days before"),
    "other unit": (lambda day: day.assign(demand=day["demand"] * 12), "above 3 x the most"),
    "doubled": (lambda day: day.assign(demand=day["demand"] * 2.9), "outside"),
    "a till off by 1000": (one(1e6), "most of its series in 1 rows"),
    "a return booked as demand": (one(-1.0), "demand below 0"),
    "missing value": (one(np.nan), "demand has missing values"),
    "text": (lambda day: day.assign(demand=day["demand"].astype(str)), "not of type float64"),
    "column lost": (lambda day: day.drop(columns="weekday"), "'weekday' is missing"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_day_is_refused_and_says_why(split, name):
    history, day = split
    breaks, reason = BROKEN[name]
    with pytest.raises(RefusedError, match=r"^the day is refused: ") as refused:
        GATE.check(breaks(day), history)
    assert any(reason in said for said in refused.value.reasons), refused.value.reasons


def test_every_reason_is_given_at_once(split):
    history, day = split
    with pytest.raises(RefusedError) as refused:
        GATE.check(one(-1.0)(day).iloc[1:], history)
    assert {"demand below 0", "1 of 8 series missing"} <= set(refused.value.reasons)


def test_what_is_normal_depends_on_the_kind_of_day(split):
    history = panel(27)  # up to Saturday
    sunday = panel(28).tail(8)
    assert GATE.check(sunday, history) is sunday
    blind = DayGate(keys=GATE.keys, date="day", value="demand", recent=5)  # Tuesday to Saturday
    with pytest.raises(RefusedError, match="outside"):
        blind.check(sunday, history)


def test_the_first_day_of_its_kind_is_judged_by_its_series_only(split):
    history, day = split
    first = day.assign(weekday=7)
    assert GATE.check(first, history) is first
    with pytest.raises(RefusedError, match="missing"):
        GATE.check(first.iloc[2:], history)
