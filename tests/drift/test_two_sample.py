"""KS and chi-squared against scipy; ties, rare categories, bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlsd_kit.drift import TwoSampleResult, chi_squared, ks_test

TIED = st.lists(st.integers(-4, 4), min_size=1, max_size=40)


@settings(deadline=None, max_examples=50)
@given(TIED, TIED)
def test_ks_with_ties_matches_scipy_and_the_definition(reference, current):
    result = ks_test(reference, current)
    oracle = stats.ks_2samp(reference, current, method="exact")
    assert result.statistic == pytest.approx(oracle.statistic, abs=1e-12)
    assert result.pvalue == pytest.approx(oracle.pvalue, abs=1e-12)
    slow = max(
        abs(np.mean(np.array(reference) <= x) - np.mean(np.array(current) <= x))
        for x in {*reference, *current}
    )
    assert result.statistic == pytest.approx(slow, abs=1e-12)
    assert ks_test(current, reference) == pytest.approx(result, abs=1e-12)


def test_ks_all_tied_and_disjoint():
    assert ks_test([1, 1, 1], [1, 1]) == TwoSampleResult(0.0, 1.0)
    assert ks_test([0.0] * 5, [1.0] * 5).statistic == 1


def test_ks_large_samples_use_the_asymptotic_law():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=500), rng.normal(0.1, size=400)
    oracle = stats.ks_2samp(x, y, method="asymp")
    assert ks_test(x, y) == pytest.approx((oracle.statistic, oracle.pvalue), abs=1e-12)
    assert ks_test(x, y, method="exact").pvalue == pytest.approx(oracle.pvalue, abs=0.02)


def test_ks_with_ties_is_conservative_never_too_eager():
    rng = np.random.default_rng(1)
    pvalues = [ks_test(rng.integers(0, 3, 60), rng.integers(0, 3, 60)).pvalue for _ in range(300)]
    assert np.mean(np.array(pvalues) <= 0.05) <= 0.05


@pytest.mark.parametrize(
    ("reference", "current", "message"),
    [
        ([], [1.0], "reference holds 0 values"),
        ([1.0], [], "current holds 0 values"),
        ([1.0, np.nan], [1.0], "reference holds NaN in 1 of 2 places; drop or impute"),
        ([1.0], [np.inf], "current holds infinite values"),
        ([[1.0]], [1.0], "reference must be one-dimensional"),
        (["a"], [1.0], "reference must hold real numbers"),
        ([1j], [1.0], "reference must hold real numbers"),
        (["1.5"], [1.0], "reference must hold real numbers"),
        ([None, object()], [1.0], "reference must hold real numbers"),
    ],
)
def test_ks_bad_input_names_the_argument_and_the_cure(reference, current, message):
    with pytest.raises(ValueError, match=message):
        ks_test(reference, current)


def test_ks_unknown_method():
    with pytest.raises(ValueError, match="method must be"):
        ks_test([1], [1], method="fast")


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=6))
def test_chi_squared_without_pooling_matches_scipy(counts):
    counts = [*counts, (3, 2)]
    labels = [f"c{i}" for i in range(len(counts))]
    reference = [name for name, (n, _) in zip(labels, counts, strict=True) for _ in range(n)]
    current = [name for name, (_, m) in zip(labels, counts, strict=True) for _ in range(m)]
    result = chi_squared(reference, current, min_expected=0)
    table = np.array([pair for pair in counts if sum(pair)]).T
    if table.shape[1] == 1:
        assert result == TwoSampleResult(0.0, 1.0)
        return
    oracle = stats.chi2_contingency(table, correction=False)
    assert result == pytest.approx((oracle.statistic, oracle.pvalue), rel=1e-9, abs=1e-12)


def test_chi_squared_pools_rare_categories_into_one():
    reference = ["a"] * 50 + ["b"] * 50 + ["r1"] * 4 + ["r2"] * 4 + ["r3"] * 4
    current = ["a"] * 60 + ["b"] * 40 + ["r1"] * 2 + ["r2"] * 5 + ["r3"] * 5
    oracle = stats.chi2_contingency([[50, 50, 12], [60, 40, 12]], correction=False)
    assert chi_squared(reference, current).pvalue == pytest.approx(oracle.pvalue, rel=1e-9)


def test_chi_squared_pool_that_stays_rare_joins_the_smallest_category():
    reference, current = ["a"] * 60 + ["b"] * 40, ["a"] * 50 + ["b"] * 49 + ["new"]
    oracle = stats.chi2_contingency([[60, 40], [50, 50]], correction=False)
    assert chi_squared(reference, current).pvalue == pytest.approx(oracle.pvalue, rel=1e-9)


def test_chi_squared_new_category_with_a_real_share_is_an_alarm():
    seen = ["a"] * 500 + ["b"] * 500
    assert chi_squared(seen, seen + ["new"] * 200).pvalue < 1e-10
    assert chi_squared(seen, [*seen, "new"]).pvalue > 0.9


def test_chi_squared_everything_rare_says_nothing():
    assert chi_squared(list("abcd"), list("efgh")).pvalue == 1


def test_chi_squared_of_one_row_a_side_and_of_numbers():
    assert chi_squared(["a"], ["b"]).pvalue == 1
    rng = np.random.default_rng(0)
    assert chi_squared(rng.normal(size=400), rng.normal(1, size=400)).pvalue < 1e-6


def test_chi_squared_bad_min_expected():
    with pytest.raises(ValueError, match="min_expected"):
        chi_squared(["a"], ["a"], min_expected=-1)
