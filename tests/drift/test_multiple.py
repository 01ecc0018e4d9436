"""Adjusted p-values against statsmodels, and what each promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from mlsd_kit.drift import adjust_pvalues

METHODS = ["bonferroni", "holm", "fdr_bh"]
PVALUES = st.lists(st.sampled_from([0.0, 1e-9, 0.01, 0.02, 0.05, 0.3, 0.3, 1.0]), min_size=1)


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=50)
@given(pvalues=PVALUES | st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_matches_statsmodels(method, pvalues):
    expected = multipletests(pvalues, method=method)[1]
    np.testing.assert_allclose(adjust_pvalues(pvalues, method), expected, rtol=1e-12, atol=1e-300)


@settings(deadline=None, max_examples=50)
@given(PVALUES, st.randoms(use_true_random=False))
def test_order_of_power_and_row_permutation(pvalues, random):
    bonferroni, holm, bh = (adjust_pvalues(pvalues, method) for method in METHODS)
    assert np.all(bonferroni + 1e-12 >= holm) and np.all(holm + 1e-12 >= bh)
    assert np.all(bh + 1e-12 >= pvalues)
    order = list(range(len(pvalues)))
    random.shuffle(order)
    shuffled = adjust_pvalues(np.array(pvalues)[order])
    np.testing.assert_allclose(shuffled, bh[order])


def test_multiple_comparisons_over_many_unchanged_features():
    """Raw p-values raise a false alarm nearly always; corrected ones in about 5 % of the runs."""
    rng = np.random.default_rng(0)
    families = rng.random((400, 40))
    assert np.mean(families.min(axis=1) <= 0.05) > 0.8
    for method in METHODS:
        alarms = np.mean([adjust_pvalues(family, method).min() <= 0.05 for family in families])
        assert 0.01 < alarms < 0.09


@pytest.mark.parametrize(
    ("pvalues", "message"),
    [
        ([], "pvalues holds 0"),
        ([0.1, np.nan], "pvalues holds NaN"),
        ([1.2], "between 0 and 1"),
        ([-0.1], "between 0 and 1"),
    ],
)
def test_bad_pvalues(pvalues, message):
    with pytest.raises(ValueError, match=message):
        adjust_pvalues(pvalues)


def test_unknown_method():
    with pytest.raises(ValueError, match="method must be"):
        adjust_pvalues([0.1], "sidak")
