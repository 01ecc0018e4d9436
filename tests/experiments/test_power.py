"""Sample sizes and power against statsmodels, and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import (
    power_proportions_2indep,
    samplesize_proportions_2indep_onetail,
)

from mlsd_kit.experiments import (
    power_means,
    power_two_proportions,
    sample_size_means,
    sample_size_two_proportions,
    two_proportion_test,
)

RATES = st.floats(0.02, 0.98)


@settings(deadline=None, max_examples=50)
@given(RATES, RATES, st.sampled_from([0.6, 0.8, 0.95]), st.sampled_from([0.5, 1.0, 2.0]))
def test_sample_size_of_rates_matches_statsmodels(p, q, power, ratio):
    assume(abs(p - q) > 0.01)
    ours = sample_size_two_proportions(p, q, power=power, ratio=ratio)
    # statsmodels counts arm 1 first: ratio is n2 / n1, and prop2 belongs to arm 2
    oracle = samplesize_proportions_2indep_onetail(
        p - q, q, power, ratio=ratio, alpha=0.05, alternative="two-sided"
    )
    assert ours.n_control == np.ceil(oracle)
    assert ours.total == ours.n_control + np.ceil(oracle * ratio)


@settings(deadline=None, max_examples=50)
@given(RATES, RATES, st.integers(20, 3000))
def test_power_of_rates_matches_statsmodels(p, q, n):
    assume(abs(p - q) > 0.001)
    oracle = power_proportions_2indep(p - q, q, n, alternative="two-sided", return_results=False)
    assert power_two_proportions(p, q, n) == pytest.approx(oracle, abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(RATES, RATES, st.sampled_from([0.6, 0.8, 0.95]))
def test_planned_sample_has_the_planned_power(p, q, power):
    assume(abs(p - q) > 0.01)
    n, m = sample_size_two_proportions(p, q, power=power)
    assert power_two_proportions(p, q, n, m) >= power - 1e-9
    if n > 2:
        assert power_two_proportions(p, q, n - 1) < power + 1e-3


def test_power_of_rates_by_simulation():
    rng = np.random.default_rng(0)
    control, treatment = rng.binomial(1000, 0.10, 800), rng.binomial(1000, 0.14, 800)
    found = np.mean(
        [
            two_proportion_test(a, 1000, b, 1000).pvalue <= 0.05
            for a, b in zip(control, treatment, strict=True)
        ]
    )
    assert power_two_proportions(0.10, 0.14, 1000) == pytest.approx(found, abs=0.05)


def test_power_without_a_difference_is_alpha():
    assert power_two_proportions(0.3, 0.3, 500, 700, alpha=0.02) == pytest.approx(0.02)
    assert power_means(0.0, 2.0, 30, alpha=0.02) == pytest.approx(0.02)


@settings(deadline=None, max_examples=50)
@given(st.floats(0.05, 3), st.floats(0.5, 5), st.integers(2, 200), st.sampled_from([0.5, 1, 3]))
def test_power_of_means_matches_statsmodels(effect, std, n, ratio):
    m = max(2, int(n * ratio))
    oracle = TTestIndPower().power(effect / std, n, 0.05, ratio=m / n, alternative="two-sided")
    ours = power_means(effect, std, n, m)
    if np.isnan(oracle):  # far out the oracle breaks down: nothing is left to miss there
        assert ours > 1 - 1e-6
    else:
        assert ours == pytest.approx(oracle, abs=1e-6)
    assert power_means(-effect, std, n, m) == power_means(effect, std, n, m)


@pytest.mark.parametrize("effect", [0.02, 0.1, 0.5, 2.0, 50.0])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
def test_sample_size_of_means_is_the_smallest_that_suffices(effect, ratio):
    n, m = sample_size_means(effect, 1.0, ratio=ratio, power=0.9)
    assert power_means(effect, 1.0, n, m) >= 0.9
    if n > 2:
        assert power_means(effect, 1.0, n - 1, max(2, int(np.ceil((n - 1) * ratio)))) < 0.9


def test_huge_effect_is_certain_not_nan():
    assert power_means(1e6, 1.0, 1000) == 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sample_size_two_proportions(0.1, 0.1), "equal: no sample finds"),
        (lambda: sample_size_two_proportions(0.0, 0.1), "p_control must lie"),
        (lambda: sample_size_two_proportions(0.1, 1.0), "p_treatment must lie"),
        (lambda: sample_size_two_proportions(0.1, 0.2, power=0.05), "must exceed alpha"),
        (lambda: sample_size_two_proportions(0.1, 0.2, alpha=0), "alpha must lie"),
        (lambda: sample_size_two_proportions(0.1, 0.2, ratio=0), "ratio must be positive"),
        (lambda: power_two_proportions(0.1, 0.2, 0), "n_control must be at least 1"),
        (lambda: power_two_proportions(0.1, 0.2, 5, 0), "n_treatment must be at least 1"),
        (lambda: sample_size_means(0, 1), "effect is 0"),
        (lambda: sample_size_means(float("nan"), 1), "effect must be finite"),
        (lambda: sample_size_means(1, 0), "std must be positive"),
        (lambda: power_means(1, 1, 1), "n_control must be at least 2"),
    ],
)
def test_bad_plans(call, message):
    with pytest.raises(ValueError, match=message):
        call()
