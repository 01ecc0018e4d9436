"""ADWIN: false alarms, detection, forgetting, bounded state, and its sums against a plain list."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mlsd_kit.drift import ADWIN
from mlsd_kit.drift.adwin import _merge


def feed(adwin, values):
    return [i for i, value in enumerate(values) if (adwin.update(value), adwin.drift_detected)[1]]


def test_no_false_alarm_on_stationary_streams():
    alarms = 0
    for seed in range(20):
        adwin = ADWIN()
        alarms += len(feed(adwin, np.random.default_rng(seed).random(5000) < 0.2))
    assert alarms <= 1


@pytest.mark.parametrize("seed", range(5))
def test_sudden_change_is_found_soon_and_the_past_forgotten(seed):
    rng = np.random.default_rng(seed)
    adwin = ADWIN()
    assert feed(adwin, rng.random(2000) < 0.2) == []
    alarms = feed(adwin, rng.random(1000) < 0.5)
    assert 0 < alarms[0] < 200
    assert adwin.width < 1500
    assert adwin.get() == pytest.approx(0.5, abs=0.08)
    assert adwin.n_detections == len(alarms)


def test_slow_change_is_found_too():
    rng = np.random.default_rng(0)
    adwin = ADWIN()
    assert feed(adwin, rng.random(6000) < np.linspace(0.1, 0.6, 6000))
    assert adwin.get() > 0.4


def test_state_stays_bounded():
    adwin = ADWIN(max_buckets=5)
    rng = np.random.default_rng(0)
    for value in rng.random(20_000):
        adwin.update(value)
    assert adwin.width == 20_000
    assert adwin.n_buckets <= 5 * math.ceil(math.log2(20_000))


def test_window_sums_are_exact():
    adwin = ADWIN()
    values = np.random.default_rng(0).normal(1e6, 1e-3, 500)
    feed(adwin, values)
    buckets = adwin._oldest_first()
    total = buckets[0]
    for bucket in buckets[1:]:
        total = _merge(total, bucket)
    assert total[0] == 500
    assert adwin.get() == pytest.approx(values.mean(), rel=1e-14)
    assert total[2] / 500 == pytest.approx(values.var(), rel=1e-5)  # far from the origin


def test_value_range_scales_the_bound():
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.random(600) * 0.2, rng.random(600) * 0.2 + 0.3])
    plain, scaled = ADWIN(), ADWIN(value_range=1000.0)
    assert feed(plain, values) == feed(scaled, values * 1000) != []


def test_empty_and_constant_streams():
    assert math.isnan(ADWIN().get())
    adwin = ADWIN(clock=1, min_window=1)
    assert feed(adwin, [3.0] * 300) == []
    assert adwin.get() == 3.0


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_bad_value(value):
    with pytest.raises(ValueError, match="x must be finite"):
        ADWIN().update(value)


@pytest.mark.parametrize(
    "arguments",
    [
        {"delta": 0},
        {"delta": 1},
        {"clock": 0},
        {"max_buckets": 1},
        {"min_window": 0},
        {"value_range": 0},
        {"value_range": math.inf},
    ],
)
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        ADWIN(**arguments)
