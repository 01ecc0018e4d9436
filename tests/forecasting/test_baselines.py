"""Seasonal naive and drift forecasts against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.forecasting import drift_forecast, seasonal_naive

SERIES = st.lists(st.integers(-100, 100), min_size=2, max_size=40)


@settings(deadline=None, max_examples=50)
@given(SERIES, st.integers(1, 30), st.data())
def test_seasonal_naive_is_the_formula(y, horizon, data):
    m = data.draw(st.integers(1, len(y)))
    expected = [y[len(y) - 1 + h - m * math.ceil(h / m)] for h in range(1, horizon + 1)]
    np.testing.assert_array_equal(seasonal_naive(y, horizon, season_length=m), expected)


@settings(deadline=None, max_examples=50)
@given(SERIES, st.integers(1, 30))
def test_drift_lies_on_the_line_through_both_ends(y, horizon):
    line = np.polyfit([0, len(y) - 1], [y[0], y[-1]], 1)
    expected = np.polyval(line, np.arange(len(y), len(y) + horizon))
    np.testing.assert_allclose(drift_forecast(y, horizon), expected, atol=1e-8)


def test_result_is_no_view_of_the_input():
    y = np.arange(6.0)
    seasonal_naive(y, 2, season_length=2)[:] = -1
    seasonal_naive(pd.Series(y, index=list("abcdef")), 2)[:] = -1
    np.testing.assert_array_equal(y, np.arange(6.0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: seasonal_naive([1, 2], 0), "horizon must be an integer of at least 1"),
        (lambda: seasonal_naive([1, 2], 1.5), "horizon must be an integer"),
        (lambda: seasonal_naive([1, 2], True), "horizon must be an integer"),
        (lambda: seasonal_naive([1, 2], 1, season_length=0), "season_length must be"),
        (lambda: seasonal_naive([1, 2], 1, season_length=3), "y holds 2 values; give at least 3"),
        (lambda: seasonal_naive([1, np.nan], 1), "y holds NaN"),
        (lambda: drift_forecast([1], 1), "y holds 1 values; give at least 2"),
        (lambda: drift_forecast([1, 2], 0), "horizon"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
