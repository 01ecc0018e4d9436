"""Scores in [-1, 1], examination of positions, thresholds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import isotonic_regression

from mlsd_kit.recommendation import (
    coverage,
    evidence_scores,
    examination,
    neighbour_scores,
    threshold_tradeoff,
    top_k,
    unclicked_weight,
)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0.1, 10))
def test_evidence_lies_between_minus_one_and_one_and_is_odd(positive, negative, prior):
    value = evidence_scores([positive], [negative], prior=prior)[0]
    assert -1 < value < 1
    assert value == -evidence_scores([negative], [positive], prior=prior)[0]
    assert evidence_scores([positive + 1], [negative], prior=prior)[0] > value


def test_little_evidence_stays_near_the_centre():
    once, often = evidence_scores([1, 100], [0, 0], prior=2)
    assert once == pytest.approx(1 / 3) and often > 0.98
    assert evidence_scores([0.0], [0.0], prior=2, centre=-0.4)[0] == pytest.approx(-0.4)
    with_prior = evidence_scores([3.0], [1.0], prior=2, centre=-0.5)[0]
    assert with_prior == evidence_scores([3.5], [2.5], prior=1e-300)[0]  # 2 more, of mean -0.5


@pytest.mark.parametrize(
    ("positive", "negative", "prior", "centre", "message"),
    [
        ([1], [1, 2], 1, 0, "equal shapes"),
        ([-1], [1], 1, 0, "not be negative"),
        ([1], [1], 0, 0, "prior=0"),
        ([1], [1], 1, -1.5, "centre=-1.5"),
    ],
)
def test_evidence_names_what_is_wrong(positive, negative, prior, centre, message):
    with pytest.raises(ValueError, match=message):
        evidence_scores(positive, negative, prior=prior, centre=centre)


def test_predicted_scores_against_loops():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (6, 8)) * (rng.random((6, 8)) < 0.5)
    s = rng.random((8, 8)) * (rng.random((8, 8)) < 0.6)
    got = neighbour_scores(x, s, prior=0.7)
    for u, i in np.ndindex(x.shape):
        known = [j for j in range(8) if x[u, j]]
        top, bottom = sum(s[j, i] * x[u, j] for j in known), sum(s[j, i] for j in known)
        assert got[u, i] == pytest.approx(top / (bottom + 0.7))
    assert np.abs(neighbour_scores(np.sign(x), 1e9 * s)).max() <= 1


def test_unclicked_weight_is_the_frequency_of_having_looked():
    rng = np.random.default_rng(0)
    looked = rng.random(400_000) < 0.3
    clicked = looked & (rng.random(400_000) < 0.6)
    assert unclicked_weight(0.3, 0.6) == pytest.approx(looked[~clicked].mean(), abs=0.005)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (neighbour_scores, ([[2.0]], [[1.0]]), "lie in"),
        (unclicked_weight, ([1.5], 0.2), "lie in"),
        (unclicked_weight, ([0.5], 1.0), "lie in"),
    ],
)
def test_scores_out_of_range_are_refused(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


def test_threshold_against_loops():
    rng = np.random.default_rng(0)
    scores, relevant = rng.uniform(-1, 1, (20, 15)), rng.random((20, 15)) < 0.2
    table = threshold_tradeoff(scores, relevant, [-1, 0.5, 0.9, 2], k=4)
    lists = top_k(scores, None, 4)
    for cut in (-1, 0.5, 0.9):
        kept = [[i for i in row if scores[u, i] > cut] for u, row in enumerate(lists)]
        hits = [relevant[u, i] for u, row in enumerate(kept) for i in row]
        row = table.loc[cut]
        assert row["precision"] == pytest.approx(np.mean(hits))
        assert row["users"] == np.mean([bool(items) for items in kept])
        assert row["items"] == len({i for items in kept for i in items}) / 15
        assert row["length"] == pytest.approx(np.mean([len(items) for items in kept]))
    assert table.loc[-1, "items"] == coverage(lists, 15)
    assert np.isnan(table.loc[2, "precision"]) and table.loc[2, "users"] == 0


def test_a_higher_threshold_never_covers_more():
    rng = np.random.default_rng(1)
    table = threshold_tradeoff(
        rng.normal(size=(30, 9)), np.ones((30, 9)), np.linspace(-3, 3, 20), k=3
    )
    assert (table[["users", "items", "length"]].diff().dropna() <= 0).all(axis=None)


def test_examination_is_recovered_from_shuffled_lists_and_not_from_ranked_ones():
    rng = np.random.default_rng(0)
    truth = 1 / np.arange(1, 11) ** 0.7
    appeal = rng.beta(1, 3, (20_000, 10))
    for order, error in ((appeal, (0, 0.03)), (-np.sort(-appeal, axis=1), (0.1, 1))):
        clicked = rng.random(appeal.shape) < order * truth
        positions = np.tile(np.arange(10), (len(appeal), 1))
        estimate = examination(positions.ravel(), clicked.ravel())
        assert error[0] <= np.abs(estimate - truth).max() < error[1]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=8))
def test_pooling_against_isotonic_regression(table):
    clicks, misses = np.array(table).T
    clicks[0] += 1
    shown = clicks + misses + 1
    positions = np.repeat(np.arange(len(shown)), shown)
    clicked = np.concatenate([np.arange(n) < c for c, n in zip(clicks, shown, strict=True)])
    twin = isotonic_regression(clicks / shown, sample_weight=shown, increasing=False)
    np.testing.assert_allclose(examination(positions, clicked), twin / twin[0], atol=1e-9)


@pytest.mark.parametrize(
    ("positions", "clicked", "message"),
    [
        ([0, 1], [1], "equal length"),
        ([], [], "equal length"),
        ([0, 2], [1, 1], "at least one showing"),
        ([0, 1], [0, 0], "nobody clicked"),
    ],
)
def test_examination_names_what_is_wrong(positions, clicked, message):
    with pytest.raises(ValueError, match=message):
        examination(np.array(positions, int), clicked)
