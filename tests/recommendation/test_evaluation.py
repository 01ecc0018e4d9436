"""Lists and their figures, against the kit's metrics and plain loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.metrics import ndcg_score, precision_at_k, recall_at_k
from mlsd_kit.recommendation import coverage, novelty, paired_ratio, per_user, top_k


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_lists_hold_the_best_unseen_items(seed, k):
    rng = np.random.default_rng(seed)
    scores, seen = rng.integers(0, 4, (6, 9)) * 1.0, rng.random((6, 9)) < 0.4
    lists = top_k(scores, seen, k)
    for u in range(6):
        unseen = [i for i in range(9) if not seen[u, i]]
        best = sorted(unseen, key=lambda i: (-scores[u, i], i))[:k]
        assert lists[u].tolist() == best + [-1] * (k - len(best))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 8))
def test_means_over_users_are_the_kits_metrics(seed, k):
    rng = np.random.default_rng(seed)
    scores, relevant = rng.random((10, 9)), rng.random((10, 9)) < 0.3
    relevant[0] = False
    table = per_user(top_k(scores, None, k), relevant)
    assert table.iloc[0].isna().all()
    asked = relevant.any(axis=1)
    if not asked.any():
        return
    truth, score = relevant[asked].astype(int), scores[asked]
    mean = table.mean()
    assert mean["precision"] == pytest.approx(precision_at_k(truth, score, k=k))
    assert mean["recall"] == pytest.approx(recall_at_k(truth, score, k=k))
    assert mean["ndcg"] == pytest.approx(ndcg_score(truth, score, k=k))


def test_missing_places_are_misses():
    table = per_user([[0, -1]], [[1, 1]])
    assert table.loc[0, "precision"] == 0.5 and table.loc[0, "recall"] == 0.5
    assert per_user([[-1, -1]], [[1, 1]]).loc[0, "ndcg"] == 0  # -1 is not the last item


def test_coverage_and_novelty():
    seen = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0]])
    lists = np.array([[1, 3], [0, -1]])
    assert coverage(lists, 4) == 0.75
    assert novelty(lists, seen) == pytest.approx((1 + 2 + 0) / 3)  # item 3 counts as known to one


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (top_k, ([[np.nan, 1]], None, 1), "without NaN"),
        (top_k, ([[1, 2]], None, 0), "at least 1"),
        (top_k, ([[1, 2]], [[1, 0, 0]], 1), "seen"),
        (per_user, ([[0]], [[1, 0], [0, 1]]), "one row a row"),
        (per_user, ([[2]], [[1, 0]]), "item numbers"),
        (paired_ratio, ([1, 2], [1]), "same users"),
        (paired_ratio, ([1, np.nan], [1, 2]), "at least two"),
        (paired_ratio, ([1, 2], [0, 0]), "not 0"),
    ],
)
def test_bad_input_is_named(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


def test_ratio_interval_covers_the_truth_at_its_rate():
    rng = np.random.default_rng(0)
    inside = 0
    for seed in range(200):
        ease = rng.gamma(2, 1, 150)
        ours, theirs = ease * rng.gamma(4, 0.375, 150), ease * rng.gamma(4, 0.25, 150)
        _, low, high = paired_ratio(ours, theirs, resamples=300, random_state=seed)
        inside += low <= 1.5 <= high
    assert 0.88 <= inside / 200 <= 0.99


def test_pairing_narrows_the_interval_and_nan_is_left_out():
    rng = np.random.default_rng(1)
    ease = rng.gamma(1, 1, 300)
    ours, theirs = 1.2 * ease + 0.01 * rng.random(300), ease
    paired = paired_ratio(ours, theirs, random_state=0)
    mixed = paired_ratio(rng.permutation(ours), theirs, random_state=0)
    assert paired.high - paired.low < 0.2 * (mixed.high - mixed.low)
    ours[:10], theirs[5:20] = np.nan, np.nan
    assert paired_ratio(ours, theirs, random_state=0).estimate == pytest.approx(
        ours[20:].mean() / theirs[20:].mean()
    )
