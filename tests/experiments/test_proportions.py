"""Two rates against statsmodels and scipy; empty arms, tiny counts, zero variance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)

from mlsd_kit.experiments import two_proportion_test
from mlsd_kit.experiments.proportions import wilson_interval


@st.composite
def tables(draw):
    n, m = draw(st.integers(1, 300)), draw(st.integers(1, 300))
    return draw(st.integers(0, n)), n, draw(st.integers(0, m)), m


@settings(deadline=None, max_examples=50)
@given(tables(), st.sampled_from([0.01, 0.05, 0.2]))
def test_interval_matches_statsmodels_newcombe(table, alpha):
    a, n, b, m = table
    effect = two_proportion_test(*table, alpha=alpha)
    low, high = confint_proportions_2indep(b, m, a, n, method="newcomb", alpha=alpha)
    assert (effect.low, effect.high) == pytest.approx((low, high), abs=1e-9)
    assert -1 <= effect.low <= effect.estimate <= effect.high <= 1
    assert effect.low < effect.high  # never of zero width, not even at 0 of n


@settings(deadline=None, max_examples=50)
@given(tables())
def test_pvalues_match_the_oracles(table):
    a, n, b, m = table
    exact = two_proportion_test(*table, method="exact").pvalue
    assert exact == pytest.approx(stats.fisher_exact([[a, n - a], [b, m - b]]).pvalue, abs=1e-12)
    normal = two_proportion_test(*table, method="normal").pvalue
    if 0 < a + b < n + m:
        assert normal == pytest.approx(proportions_ztest([b, a], [m, n])[1], abs=1e-12)
    else:
        assert normal == 1


@settings(deadline=None, max_examples=50)
@given(tables())
def test_swapping_arms_turns_the_sign(table):
    a, n, b, m = table
    forward, backward = two_proportion_test(a, n, b, m), two_proportion_test(b, m, a, n)
    assert forward.estimate == pytest.approx(-backward.estimate)
    assert (forward.low, forward.high) == pytest.approx((-backward.high, -backward.low))
    assert forward.pvalue == pytest.approx(backward.pvalue)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 200), st.data())
def test_wilson_matches_statsmodels(n, data):
    successes = data.draw(st.integers(0, n))
    expected = proportion_confint(successes, n, method="wilson")
    assert wilson_interval(successes, n) == pytest.approx(expected, abs=1e-12)


def test_tiny_counts_are_tested_exactly_and_large_ones_by_z():
    assert two_proportion_test(0, 10, 4, 10) == two_proportion_test(0, 10, 4, 10, method="exact")
    assert two_proportion_test(50, 200, 60, 200) == two_proportion_test(
        50, 200, 60, 200, method="normal"
    )


@pytest.mark.parametrize("count", [0, 1])
def test_zero_variance_in_both_arms(count):
    effect = two_proportion_test(count * 20, 20, count * 30, 30)
    assert effect.pvalue == 1 and effect.std_error == 0
    assert effect.low < 0 < effect.high and not effect.excludes_zero


def test_false_alarm_rate_is_at_most_alpha():
    rng = np.random.default_rng(0)
    counts = rng.binomial(500, 0.1, size=(1000, 2))
    alarms = np.mean([two_proportion_test(a, 500, b, 500).pvalue <= 0.05 for a, b in counts])
    assert 0.02 < alarms < 0.07


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ((0, 0, 1, 10), "n_control is 0: an empty arm"),
        ((1, 10, 0, 0), "n_treatment is 0: an empty arm"),
        ((11, 10, 1, 10), "successes_control .11. exceeds n_control .10."),
        ((1, 10, -1, 10), "successes_treatment must be a whole number"),
        ((0.5, 10, 1, 10), "successes_control must be a whole number"),
        ((float("nan"), 10, 1, 10), "successes_control must be a whole number"),
    ],
)
def test_bad_counts(table, message):
    with pytest.raises(ValueError, match=message):
        two_proportion_test(*table)


def test_bad_options():
    with pytest.raises(ValueError, match="alpha must lie strictly between 0 and 1, got 1"):
        two_proportion_test(1, 10, 1, 10, alpha=1)
    with pytest.raises(ValueError, match="method must be"):
        two_proportion_test(1, 10, 1, 10, method="wald")
