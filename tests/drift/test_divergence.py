"""PSI against its textbook sum, Jensen-Shannon against scipy."""

from __future__ import annotations

from math import inf, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import distance

from mlsd_kit.drift import bin_pair, jensen_shannon, psi

NUMBERS = st.lists(st.integers(-6, 6), min_size=1, max_size=50)
LETTERS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=50)


def textbook_psi(reference, current):
    total = 0.0
    for category in sorted({*reference, *current}):
        p = reference.count(category) / len(reference)
        q = current.count(category) / len(current)
        if p == 0 or q == 0:
            return inf
        total += (q - p) * log(q / p)
    return total


@settings(deadline=None, max_examples=50)
@given(LETTERS, LETTERS)
def test_psi_without_smoothing_is_the_textbook_sum(reference, current):
    ours = psi(reference, current, smoothing=0)
    assert ours == pytest.approx(textbook_psi(reference, current), rel=1e-12, abs=1e-12)
    assert ours == pytest.approx(psi(current, reference, smoothing=0), rel=1e-12, abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(NUMBERS, NUMBERS, st.integers(2, 10), st.randoms(use_true_random=False))
def test_psi_is_finite_not_negative_and_blind_to_order(reference, current, bins, random):
    value = psi(reference, current, bins=bins)
    assert 0 <= value < inf
    random.shuffle(current)
    assert psi(reference, current, bins=bins) == pytest.approx(value, rel=1e-12)
    assert psi(reference, reference, bins=bins) == pytest.approx(0, abs=1e-15)


@settings(deadline=None, max_examples=50)
@given(NUMBERS, NUMBERS)
def test_psi_and_jensen_shannon_keep_under_an_increasing_map(reference, current):
    stretched = [[8.0 * value for value in sample] for sample in (reference, current)]
    assert psi(*stretched) == pytest.approx(psi(reference, current), rel=1e-9, abs=1e-12)
    assert jensen_shannon(*stretched) == pytest.approx(jensen_shannon(reference, current), abs=1e-9)


@settings(deadline=None, max_examples=50)
@given(NUMBERS, NUMBERS)
def test_jensen_shannon_matches_scipy(reference, current):
    p, q = bin_pair(reference, current).shares()
    expected = distance.jensenshannon(p, q, base=2)
    assert jensen_shannon(reference, current) == pytest.approx(expected, abs=1e-7)


def test_jensen_shannon_in_nats_and_its_bounds():
    assert jensen_shannon(["a"], ["b"], base=np.e) == pytest.approx(np.sqrt(np.log(2)))
    assert jensen_shannon([1, 2, 3], [1, 2, 3]) == 0
    with pytest.raises(ValueError, match="base must be above 1"):
        jensen_shannon([1], [1], base=1)


def test_psi_with_empty_bins_is_large_but_finite():
    reference, current = np.arange(1000.0), np.arange(1000.0) + 5000
    assert 5 < psi(reference, current) < 20
    assert psi(reference, current, smoothing=0) == inf


def test_psi_of_an_unchanged_constant_feature_is_zero_for_any_sizes():
    assert psi([7.0] * 7000, [7.0] * 30) == 0
    assert psi(["x"] * 7000, ["x"] * 30) == 0


@pytest.mark.parametrize("moved", [6.0, 8.0])
def test_psi_of_a_constant_feature_that_moved_is_large(moved):
    assert psi([7.0] * 1000, [moved] * 1000) > 5


def test_psi_with_a_category_never_seen():
    seen = ["card"] * 700 + ["cash"] * 300
    assert psi(seen, seen[:900] + ["crypto"] * 300) > 0.25
    assert psi(seen, [*seen, "crypto"]) < 0.01


def test_psi_sees_a_change_in_missing_values_alone():
    rng = np.random.default_rng(0)
    reference = rng.normal(size=2000)
    current = rng.normal(size=2000)
    current[:600] = np.nan
    assert psi(reference, current) > 0.25


def test_psi_of_no_drift_is_about_its_expected_noise():
    rng = np.random.default_rng(0)
    values = [psi(rng.normal(size=500), rng.normal(size=500)) for _ in range(60)]
    assert np.mean(values) == pytest.approx(9 * (1 / 500 + 1 / 500), rel=0.25)


@pytest.mark.parametrize("smoothing", [-0.1, float("nan"), inf])
def test_bad_smoothing(smoothing):
    with pytest.raises(ValueError, match="smoothing"):
        psi([1], [1], smoothing=smoothing)


def test_inputs_of_every_kind_agree():
    values = np.array([1, 2, 2, 3, 9], dtype=np.float32)
    strided = np.repeat(values, 2)[::2]
    expected = psi([1, 2, 2, 3, 9], [1, 1, 2])
    for same in (values, strided, pd.Series(values, index=list("vwxyz")), tuple(values)):
        assert psi(same, [1, 1, 2]) == pytest.approx(expected, rel=1e-12)
