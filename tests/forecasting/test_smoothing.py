"""Exponential smoothing against statsmodels at fixed parameters, and what it must reproduce."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing as Peer

from mlsd_kit.forecasting import ExponentialSmoothing, seasonal_naive
from mlsd_kit.forecasting.smoothing import State

MODELS = [
    (seasonal, trend, phi)
    for seasonal in (None, "add", "mul")
    for trend, phi in ((False, 1.0), (True, 1.0), (True, 0.9))
]
SEASON = {
    None: np.zeros(1),
    "add": np.array([1.0, 5, -3, -3]),
    "mul": np.array([1.1, 1.2, 0.8, 0.9]),
}


def series(n=41, seed=0):
    t = np.arange(n)
    noise = np.random.default_rng(seed).normal(size=n)
    return 50 + 0.5 * t + 10 * np.sin(t * np.pi / 2) + noise


def both(seasonal, trend, phi, n):
    """Our model and statsmodels' at the same parameters and the same start."""
    y, start = series(n), State(48.0, 0.7 if trend else 0.0, SEASON[seasonal])
    ours = ExponentialSmoothing(
        trend=trend, seasonal=seasonal, season_length=4, alpha=0.3, beta=0.2, gamma=0.25, phi=phi
    ).fit(y, initial=start)
    peer = Peer(
        y,
        trend="add" if trend else None,
        damped_trend=phi < 1,
        seasonal=seasonal,
        seasonal_periods=4 if seasonal else None,
        initialization_method="known",
        initial_level=48.0,
        initial_trend=0.7 if trend else None,
        initial_seasonal=SEASON[seasonal] if seasonal else None,
    ).fit(
        smoothing_level=0.3,
        smoothing_trend=0.2 if trend else None,
        smoothing_seasonal=0.25 if seasonal else None,
        damping_trend=phi if phi < 1 else None,
        optimized=False,
    )
    return ours, peer


@pytest.mark.parametrize("n", [40, 41, 43])
@pytest.mark.parametrize(("seasonal", "trend", "phi"), MODELS)
def test_matches_statsmodels_at_fixed_parameters(seasonal, trend, phi, n):
    ours, peer = both(seasonal, trend, phi, n)
    np.testing.assert_allclose(ours.fitted_, peer.fittedvalues, rtol=1e-10)
    assert ours.sse_ == pytest.approx(peer.sse, rel=1e-9)
    assert ours.state_.level == pytest.approx(peer.level[-1], rel=1e-10)
    steps = np.arange(1, 10)
    whole = (steps % 4 == 0) & (seasonal is not None)
    np.testing.assert_allclose(ours.forecast(9)[~whole], peer.forecast(9)[~whole], rtol=1e-10)
    if seasonal:  # a whole season ahead statsmodels uses a stale value of its own ``season``
        path = peer.level[-1] + (peer.trend[-1] if trend else 0) * np.cumsum(phi**steps)
        last = peer.season[-1]
        expected = path * last if seasonal == "mul" else path + last
        np.testing.assert_allclose(ours.forecast(9)[whole], expected[whole], rtol=1e-10)


@pytest.mark.parametrize(("seasonal", "trend", "phi"), [m for m in MODELS if m[0] != "mul"])
def test_whole_forecast_matches_statsmodels_state_space_form(seasonal, trend, phi):
    ours, _ = both(seasonal, trend, phi, 41)
    model = ETSModel(
        series(),
        error="add",
        trend="add" if trend else None,
        damped_trend=phi < 1,
        seasonal=seasonal,
        seasonal_periods=4 if seasonal else None,
        initialization_method="known",
        initial_level=48.0,
        initial_trend=0.7 if trend else None,
        initial_seasonal=SEASON[seasonal] if seasonal else None,
    )
    # the error-correction form writes the trend's weight as alpha · beta
    parts = {
        "smoothing_level": 0.3,
        "smoothing_trend": 0.06,
        "smoothing_seasonal": 0.25,
        "damping_trend": phi,
    }
    start = {"initial_level": 48.0, "initial_trend": 0.7}
    start |= {f"initial_seasonal.{i}": value for i, value in enumerate(SEASON[seasonal])}
    peer = model.smooth([(parts | start)[name] for name in model.param_names])
    np.testing.assert_allclose(ours.fitted_, peer.fittedvalues, rtol=1e-9)
    np.testing.assert_allclose(ours.forecast(9), peer.forecast(9), rtol=1e-9)


def test_line_is_continued_as_a_line_and_a_season_as_a_season():
    line = ExponentialSmoothing(trend=True, alpha=0.4, beta=0.3).fit(np.arange(10.0))
    np.testing.assert_allclose(line.fitted_, np.arange(10.0), atol=1e-12)
    np.testing.assert_allclose(line.forecast(3), [10, 11, 12])
    wave = np.tile([1.0, 5.0, 9.0], 4)
    for seasonal in ("add", "mul"):
        model = ExponentialSmoothing(seasonal=seasonal, season_length=3, alpha=0.3, gamma=0.3).fit(
            wave[:-1]
        )
        np.testing.assert_allclose(model.forecast(4), [9, 1, 5, 9])


def test_alpha_one_is_naive_and_alpha_zero_never_learns():
    y = series()
    np.testing.assert_allclose(
        ExponentialSmoothing(alpha=1.0).fit(y).forecast(3), seasonal_naive(y, 3)
    )
    np.testing.assert_allclose(ExponentialSmoothing(alpha=0.0).fit(y).forecast(2), y[0])


def test_damped_trend_levels_off():
    model = ExponentialSmoothing(trend=True, alpha=0.5, beta=0.5, phi=0.8).fit(np.arange(30.0))
    steps = np.diff(model.forecast(50))
    np.testing.assert_allclose(steps[1:] / steps[:-1], 0.8)


@pytest.mark.parametrize(("seasonal", "trend", "phi"), MODELS)
def test_estimated_weights_beat_a_grid(seasonal, trend, phi):
    y, options = series(), {"trend": trend, "seasonal": seasonal, "season_length": 4, "phi": phi}
    best = ExponentialSmoothing(**options).fit(y)
    for alpha in (0.05, 0.3, 0.7):
        for beta in (0.05, 0.4):
            for gamma in (0.05, 0.5):
                fixed = ExponentialSmoothing(**options, alpha=alpha, beta=beta, gamma=gamma).fit(y)
                assert best.sse_ <= fixed.sse_ * (1 + 1e-4)
    partly = ExponentialSmoothing(**options, alpha=0.3).fit(y)
    assert partly.alpha_ == 0.3 and partly.sse_ >= best.sse_ * (1 - 1e-4)


def test_constant_series_and_every_kind_of_input():
    assert ExponentialSmoothing(trend=True).fit([3.0] * 8).forecast(2) == pytest.approx([3, 3])
    y = series().astype(np.float32)
    y.flags.writeable = False
    expected = ExponentialSmoothing(alpha=0.3).fit(y.tolist()).forecast(2)
    for same in (y, pd.Series(y), np.repeat(y, 2)[::2]):
        np.testing.assert_allclose(ExponentialSmoothing(alpha=0.3).fit(same).forecast(2), expected)
    assert ExponentialSmoothing(alpha=0.3).fit([4]).forecast(1) == [4]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ExponentialSmoothing().fit([]), "y holds 0 values"),
        (lambda: ExponentialSmoothing(trend=True).fit([1]), "y holds 1 values; give at least 2"),
        (lambda: ExponentialSmoothing().fit([1, np.inf]), "y holds infinite"),
        (lambda: ExponentialSmoothing(alpha=1.1).fit([1]), "alpha must lie between 0 and 1"),
        (lambda: ExponentialSmoothing(phi=0).fit([1]), "phi must lie in"),
        (lambda: ExponentialSmoothing(seasonal="x").fit([1]), "seasonal must be"),
        (lambda: ExponentialSmoothing(seasonal="add").fit([1]), "season_length is missing"),
        (lambda: ExponentialSmoothing(seasonal="add", season_length=1).fit([1]), "season_length"),
        (lambda: ExponentialSmoothing(seasonal="add", season_length=3).fit([1] * 5), "at least 6"),
        (
            lambda: ExponentialSmoothing(seasonal="mul", season_length=2).fit([1, 2, 0, 1]),
            "y must be positive",
        ),
        (lambda: ExponentialSmoothing().forecast(1), "not fitted"),
        (lambda: ExponentialSmoothing().fit([1, 2]).forecast(0), "horizon"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
