"""What a mean absolute percentage error must do, from simple to subtle."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same


def oracle(y_true, y_pred):
    """The definition, one day at a time."""
    errors = [abs(a - f) / abs(a) for a, f in zip(y_true, y_pred, strict=True) if a != 0]
    return 100 * sum(errors) / len(errors) if errors else math.nan


@st.composite
def days(draw, lowest=1, smallest=1, most=6):
    """Few days, small whole numbers: ties, zeros and equal values turn up often."""
    n = draw(st.integers(smallest, most))
    actual = st.lists(st.integers(lowest, 20), min_size=n, max_size=n)
    forecast = st.lists(st.integers(-5, 25), min_size=n, max_size=n)
    return {"y_true": draw(actual), "y_pred": draw(forecast)}


@check(
    days(),
    always=[
        {"y_true": [100, 200], "y_pred": [110, 180]},
        {"y_true": [10, 40], "y_pred": [15, 20]},
        {"y_true": [10, 20], "y_pred": [15, 10]},
    ],
)
def the_mean_of_the_relative_errors_in_percent(call, given):
    """The mean over the days of |actual - forecast| / |actual|, in percent."""
    same(call(**given), oracle(**given))


@check(
    days(lowest=0, smallest=2),
    always=[
        {"y_true": [100, 200, 0], "y_pred": [110, 180, 5]},
        {"y_true": [0, 10, 0, 0], "y_pred": [1, 20, 0, 3]},
    ],
)
def days_without_sales_are_left_out(call, given):
    """A day whose actual is 0 counts neither in the sum nor in the number of days."""
    same(call(**given), oracle(**given))


def _arrays(y_true, y_pred, dtype=float):
    return {"y_true": np.array(y_true, dtype), "y_pred": np.array(y_pred, dtype)}


@check(
    always=[
        _arrays([100, 200, 0], [110, 180, 5]),
        _arrays([100, -100, 0], [-100, 100, 1], int),
        _arrays([0.0], [1.0]),
        _arrays([100, 200, 0], [110, 180, 5], "uint8"),
        _arrays([100, -128, 0], [-100, 127, 1], "int8"),
        _arrays([], []),
        {"y_true": [10, 40], "y_pred": np.array([15, 20])},
    ],
)
def arrays_are_as_good_as_lists(call, given):
    """Arrays of any type, uint8 included, give what lists of the same numbers give."""
    same(call(**given), oracle(**{name: np.asarray(v).tolist() for name, v in given.items()}))


@check(
    always=[
        {"y_true": [0], "y_pred": [3]},
        {"y_true": [0, 0, 0], "y_pred": [0, 1, 2]},
        {"y_true": [], "y_pred": []},
    ],
)
def no_day_left_gives_nan(call, given):
    """If no actual differs from 0 the answer is nan."""
    same(call(**given), math.nan)


@check(
    days(lowest=-20),
    always=[
        {"y_true": [-10, 10], "y_pred": [-5, 5]},
        {"y_true": [-10, 10, -20], "y_pred": [-15, 5, 10]},
    ],
)
def negative_actuals_divide_by_their_absolute_value(call, given):
    """An actual may be negative: its error is divided by |actual| and never below 0."""
    got = call(**given)
    same(got, oracle(**given))
    require(not got < 0, f"an average of absolute errors is never negative, got {got}")


@st.composite
def scaled(draw):
    given = draw(days(lowest=-20, smallest=2))
    return {name: [float(v) for v in values] for name, values in given.items()}


@check(scaled(), always=[{"y_true": [2.0, 0.0, 5.0], "y_pred": [1.0, 1.0, 7.0]}])
def the_unit_does_not_matter(call, given):
    """Counting in dozens instead of pieces changes nothing, however small the numbers become."""
    smaller = {name: [value * 1e-9 for value in values] for name, values in given.items()}
    same(call(**smaller), oracle(**given), rel=1e-7)


def speed_inputs(rng):
    """A year of sales of many items."""
    n = 1_000_000
    actual = rng.poisson(5.0, n).astype(float)
    return {"y_true": actual, "y_pred": actual + rng.normal(0.0, 1.0, n)}
