"""CUPED: the same mean, less variance, no bias, and the regression it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.experiments import cuped_adjust, welch_test

PAIRS = st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), min_size=2, max_size=40)


@settings(deadline=None, max_examples=50)
@given(PAIRS)
def test_mean_is_kept_and_variance_falls_by_the_squared_correlation(pairs):
    x, y = np.array(pairs, dtype=float).T
    result = cuped_adjust(y, x)
    assert result.values.mean() == pytest.approx(y.mean(), abs=1e-9)
    if x.std() > 0 and y.std() > 0:
        rho = np.corrcoef(x, y)[0, 1]
        assert result.variance_reduction == pytest.approx(rho**2, abs=1e-9)
        assert result.theta == pytest.approx(np.polyfit(x, y, 1)[0], abs=1e-8)


def experiment(seed, effect):
    rng = np.random.default_rng(seed)
    before = rng.gamma(2, 10, 400)
    arm = rng.random(400) < 0.5
    return before, 0.9 * before + rng.normal(0, 5, 400) + effect * arm, arm


def test_narrower_interval_and_no_bias():
    plain, adjusted = [], []
    for seed in range(60):
        before, after, arm = experiment(seed, effect=1.0)
        values = cuped_adjust(after, before).values
        plain.append(welch_test(after[~arm], after[arm]))
        adjusted.append(welch_test(values[~arm], values[arm]))
    ratio = np.mean([e.std_error for e in adjusted]) / np.mean([e.std_error for e in plain])
    assert ratio < 0.5
    covered = np.mean([e.low <= 1.0 <= e.high for e in adjusted])
    assert covered >= 0.87
    assert np.mean([e.estimate for e in adjusted]) == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("value", [3.0, 0.1])
def test_constant_covariate_explains_nothing(value):
    metric = np.array([1.0, 2.0, 4.0])
    result = cuped_adjust(metric, [value] * 3)
    np.testing.assert_array_equal(result.values, metric)
    assert result.theta == 0 and result.variance_reduction == 0


def test_constant_metric_and_given_theta():
    assert cuped_adjust([2, 2, 2], [1, 2, 3]).variance_reduction == 0
    result = cuped_adjust([1, 2, 3], [1, 2, 3], theta=-1.0)
    assert result.theta == -1 and result.variance_reduction == pytest.approx(-3)


def test_inputs_are_left_alone():
    metric, covariate = np.arange(5.0), np.arange(5.0) ** 2
    metric.flags.writeable = covariate.flags.writeable = False
    assert cuped_adjust(metric, covariate).values is not metric


@pytest.mark.parametrize(
    ("metric", "covariate", "theta", "message"),
    [
        ([1, 2], [1, 2, 3], None, "differ in length .2 and 3."),
        ([1], [1], None, "metric holds 1 values"),
        ([1, 2], [1, np.nan], None, "covariate holds NaN"),
        ([1, 2], [1, 2], np.nan, "theta must be finite"),
    ],
)
def test_bad_input(metric, covariate, theta, message):
    with pytest.raises(ValueError, match=message):
        cuped_adjust(metric, covariate, theta=theta)
