"""Welch and the cluster-robust difference against scipy and statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from mlsd_kit.experiments import clustered_difference, welch_test

SAMPLES = st.lists(st.integers(-50, 50), min_size=2, max_size=30)


@settings(deadline=None, max_examples=50)
@given(SAMPLES, SAMPLES, st.sampled_from([0.01, 0.1]))
def test_welch_matches_scipy(control, treatment, alpha):
    assume(len(set(control)) > 1 or len(set(treatment)) > 1)
    effect = welch_test(control, treatment, alpha=alpha)
    oracle = stats.ttest_ind(treatment, control, equal_var=False)
    interval = oracle.confidence_interval(1 - alpha)
    assert effect.pvalue == pytest.approx(oracle.pvalue, abs=1e-10)
    assert (effect.low, effect.high) == pytest.approx((interval.low, interval.high), abs=1e-9)
    assert effect.estimate == pytest.approx(np.mean(treatment) - np.mean(control))


def test_welch_scales_and_shifts():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=30), rng.normal(0.5, 2, size=50)
    effect, scaled = welch_test(x, y), welch_test(1e-170 * x, 1e-170 * y)
    assert scaled.pvalue == pytest.approx(effect.pvalue)
    shifted = welch_test(x * 1e-3 + 7, y * 1e-3 + 7)
    assert shifted.estimate == pytest.approx(effect.estimate * 1e-3)
    assert shifted.pvalue == pytest.approx(effect.pvalue)


def test_welch_one_constant_arm_is_fine_two_are_not():
    assert welch_test([1, 1, 1], [1, 2, 3]).pvalue < 1
    with pytest.raises(ValueError, match="both constant: zero variance"):
        welch_test([1, 1], [2, 2])


@pytest.mark.parametrize(
    ("control", "treatment", "message"),
    [
        ([], [1, 2], "control holds 0 values; give at least 2"),
        ([1, 2], [1], "treatment holds 1 values; give at least 2"),
        ([1, np.nan], [1, 2], "control holds NaN"),
        ([1, 2], [1, np.inf], "treatment holds infinite"),
    ],
)
def test_welch_bad_input(control, treatment, message):
    with pytest.raises(ValueError, match=message):
        welch_test(control, treatment)


def clustered(seed, groups=40, size=8, effect=0.0, within=False):
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(groups), rng.integers(1, 2 * size, groups))
    mood = rng.normal(size=groups)[cluster]
    arm = rng.integers(0, 2, cluster.size) if within else cluster % 2
    return mood + rng.normal(size=cluster.size) + effect * arm, arm, cluster


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_clustered_matches_statsmodels(seed, within):
    y, arm, cluster = clustered(seed, effect=0.3, within=within)
    fit = sm.OLS(y, sm.add_constant(arm)).fit(
        cov_type="cluster", cov_kwds={"groups": cluster}, use_t=True
    )
    effect = clustered_difference(y, arm, cluster, alpha=0.1)
    assert effect.estimate == pytest.approx(fit.params[1], rel=1e-9)
    assert effect.std_error == pytest.approx(fit.bse[1], rel=1e-9)
    assert effect.pvalue == pytest.approx(fit.pvalues[1], rel=1e-7)
    assert (effect.low, effect.high) == pytest.approx(tuple(fit.conf_int(0.1)[1]), rel=1e-7)


def test_one_row_a_cluster_is_the_ordinary_robust_error():
    y, arm, _ = clustered(0)
    fit = sm.OLS(y, sm.add_constant(arm)).fit(cov_type="HC0")
    effect = clustered_difference(y, arm, np.arange(len(y)))
    n = len(y)
    assert effect.std_error == pytest.approx(fit.bse[1] * np.sqrt(n / (n - 2)), rel=1e-9)


def test_clustered_units_make_welch_cry_wolf_and_not_the_robust_test():
    naive, robust = [], []
    for seed in range(150):
        y, arm, cluster = clustered(seed)
        naive.append(welch_test(y[arm == 0], y[arm == 1]).pvalue <= 0.05)
        robust.append(clustered_difference(y, arm, cluster).pvalue <= 0.05)
    assert np.mean(naive) > 0.25
    assert np.mean(robust) < 0.12


def test_row_order_and_labels_do_not_matter():
    y, arm, cluster = clustered(1)
    order = np.random.default_rng(0).permutation(len(y))
    expected = clustered_difference(y, arm, cluster)
    names = pd.Series([f"city {c}" for c in cluster])[order]
    again = clustered_difference(y[order], arm[order].astype(bool), names)
    assert tuple(again) == pytest.approx(tuple(expected))


@pytest.mark.parametrize(
    ("y", "arm", "cluster", "message"),
    [
        ([1, 2, 3, 4], [0, 0, 0, 0], [1, 2, 3, 4], "no arm may be empty"),
        ([1, 2, 3, 4], [0, 1, 2, 1], [1, 2, 3, 4], "nothing else"),
        ([1, 2, 3, 4], [0, 1, 0, 1], [1, 2, 3], "differ in length .4, 4, 3."),
        ([1, 2, 3, 4], [0, 1, 0, 1], [1, 1, 2, 2], "clusters holds 2 groups"),
        ([1, 2, 3, 4], [0, 1, 0, 1], [1, 2, 3, None], "clusters holds missing"),
        ([1, 2, 1, 2], [0, 1, 0, 1], [1, 2, 3, 4], "zero variance between clusters"),
        ([0.1, 0.7, 0.1, 0.7], [0, 1, 0, 1], [1, 2, 3, 4], "zero variance between clusters"),
        ([0, 0, 0, 0], [0, 1, 0, 1], [1, 2, 3, 4], "zero variance between clusters"),
    ],
)
def test_clustered_bad_input(y, arm, cluster, message):
    with pytest.raises(ValueError, match=message):
        clustered_difference(y, arm, cluster)
