"""Sample-ratio mismatch against scipy; small counts; bad plans."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlsd_kit.experiments import srm_check


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(50, 3000), st.integers(1, 4)), min_size=2, max_size=5))
def test_matches_scipy_for_any_plan(arms):
    counts, ratios = np.array(arms, dtype=float).T
    result = srm_check(counts, ratios=ratios)
    expected = counts.sum() * ratios / ratios.sum()
    np.testing.assert_allclose(result.expected, expected)
    assert result.pvalue == pytest.approx(stats.chisquare(counts, expected).pvalue, abs=1e-12)


def test_few_users_in_two_arms_are_tested_exactly():
    assert srm_check([0, 8]).pvalue == pytest.approx(stats.binomtest(0, 8, 0.5).pvalue)
    assert srm_check([1, 0]).pvalue == 1
    assert srm_check([0, 8], ratios=[1, 9]).pvalue == pytest.approx(1, abs=0.5)


def test_false_alarms_are_rare_and_a_one_percent_loss_is_found():
    rng = np.random.default_rng(0)
    fair = rng.binomial(100_000, 0.5, 500)
    assert np.mean([srm_check([n, 100_000 - n]).mismatch for n in fair]) <= 0.01
    assert srm_check([500_000, 495_000]).mismatch


@pytest.mark.parametrize(
    ("counts", "ratios", "message"),
    [
        ([10], None, "counts holds 1 values"),
        ([0, 0], None, "counts holds no users"),
        ([-1, 2], None, "whole numbers"),
        ([1.5, 2], None, "whole numbers"),
        ([10, 10], [1, 0], "ratios must be 2 positive numbers"),
        ([10, 10], [1, 1, 1], "ratios must be 2 positive numbers"),
        ([1, 1, 1], None, "counts are too few"),
        ([1, np.nan], None, "counts holds NaN"),
    ],
)
def test_bad_input(counts, ratios, message):
    with pytest.raises(ValueError, match=message):
        srm_check(counts, ratios=ratios)
