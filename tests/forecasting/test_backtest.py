"""Rolling origins: no future in the past, gaps, windows, and the table of a backtest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import TimeSeriesSplit

from mlsd_kit.forecasting import backtest, rolling_origin_splits, seasonal_naive


@settings(deadline=None, max_examples=50)
@given(
    st.integers(1, 60),
    st.integers(1, 10),
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(0, 4),
    st.none() | st.integers(1, 8),
)
def test_no_leakage_and_every_origin_that_fits(n, initial, horizon, step, gap, window):
    options = {"initial": initial, "horizon": horizon, "step": step, "gap": gap, "window": window}
    if initial + gap + horizon > n:
        with pytest.raises(ValueError, match="exceeds the"):
            rolling_origin_splits(n, **options)
        return
    splits = list(rolling_origin_splits(n, **options))
    assert len(splits) == (n - gap - horizon - initial) // step + 1
    for i, (train, test) in enumerate(splits):
        origin = initial + i * step
        assert train[-1] == origin - 1 and test[0] == origin + gap
        assert test[0] - train[-1] == gap + 1
        assert len(test) == horizon and test[-1] < n
        assert np.all(np.diff(train) == 1)
        assert len(train) == (origin if window is None else min(window, origin))


def test_same_splits_as_scikit_learns_time_series_split():
    peer = TimeSeriesSplit(n_splits=4, test_size=3, gap=2).split(np.zeros(30))
    ours = rolling_origin_splits(30, initial=16, horizon=3, step=3, gap=2)
    for (train, test), (train_peer, test_peer) in zip(ours, peer, strict=True):
        np.testing.assert_array_equal(train, train_peer)
        np.testing.assert_array_equal(test, test_peer)


def test_forecaster_sees_the_past_only_and_cannot_change_it():
    y = np.arange(20.0)
    seen = []

    def spy(train, steps):
        seen.append((train[-1], len(train), steps))
        train[:] = -1
        return np.zeros(steps)

    result = backtest(spy, y, initial=5, horizon=2, step=4, gap=3)
    assert seen == [(4.0, 5, 5), (8.0, 9, 5), (12.0, 13, 5)]
    np.testing.assert_array_equal(y, np.arange(20.0))
    first = result[result["fold"] == 0]
    assert first["origin"].tolist() == [4, 4] and first["time"].tolist() == [8, 9]


def test_gap_scores_the_right_steps():
    y = np.arange(12.0)
    result = backtest(
        lambda train, steps: train[-1] + np.arange(1, steps + 1), y, initial=4, horizon=2, gap=2
    )
    np.testing.assert_allclose(result["forecast"], result["actual"])


def test_series_keeps_its_index_and_window_limits_the_past():
    y = pd.Series(np.arange(10.0), index=pd.date_range("2026-01-01", periods=10), name="sales")

    def forecaster(train, steps):
        assert isinstance(train, pd.Series) and train.name == "sales" and len(train) <= 3
        return seasonal_naive(train, steps, season_length=2)

    result = backtest(forecaster, y, initial=4, horizon=3, step=3, window=3)
    assert result.columns.tolist() == ["fold", "origin", "time", "step", "actual", "forecast"]
    assert result["origin"].unique().tolist() == list(pd.to_datetime(["2026-01-04", "2026-01-07"]))
    assert (y[result["time"]].to_numpy() == result["actual"]).all()
    assert result["forecast"].tolist() == [2.0, 3.0, 2.0, 5.0, 6.0, 5.0]
    assert result["step"].tolist() == [1, 2, 3] * 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rolling_origin_splits(10, initial=0), "initial must be an integer of at least 1"),
        (lambda: rolling_origin_splits(10, initial=1, horizon=0), "horizon"),
        (lambda: rolling_origin_splits(10, initial=1, step=0), "step"),
        (
            lambda: rolling_origin_splits(10, initial=1, gap=-1),
            "gap must be an integer of at least 0",
        ),
        (lambda: rolling_origin_splits(10, initial=1, window=0), "window"),
        (lambda: rolling_origin_splits(0, initial=1), "n must be"),
        (lambda: backtest(seasonal_naive, [1, np.nan, 2], initial=1), "y holds NaN"),
        (
            lambda: backtest(lambda y, h: [0], [1, 2, 3], initial=1, horizon=2),
            "gave 1 values for 2",
        ),
        (lambda: backtest(lambda y, h: [np.nan], [1, 2], initial=1), "the forecast holds NaN"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
