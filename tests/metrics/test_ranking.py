"""DCG, NDCG and the retrieval metrics: against scikit-learn, and against all orders of the ties."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as peer

from mlsd_kit import metrics as kit
from mlsd_kit.metrics import ranking


@st.composite
def queries(draw, gains=4):
    """Gains and tied scores of shape (n_queries, n_documents)."""
    shape = (draw(st.integers(1, 6)), draw(st.integers(2, 9)))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    return rng.integers(0, gains, shape), rng.integers(0, draw(st.integers(1, 9)), shape) / 4


@settings(deadline=None, max_examples=50)
@given(queries(), st.none() | st.integers(1, 12), st.booleans())
def test_averaged_ties_equal_sklearns(case, k, weighted):
    gain, score = case
    weight = np.arange(1, len(gain) + 1) if weighted else None
    options = {"k": k, "sample_weight": weight}
    # scikit-learn's type check refuses some tiny inputs; an extra graded query is always accepted
    expected = peer.ndcg_score(gain.astype(float) + 0.5, score, **options)
    assert kit.ndcg_score(gain + 0.5, score, **options) == pytest.approx(expected, rel=1e-12)
    expected = peer.dcg_score(gain + 0.5, score, log_base=3, **options)
    assert kit.dcg_score(gain + 0.5, score, log_base=3, **options) == pytest.approx(expected)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.none() | st.integers(1, 30))
def test_without_ties_equal_sklearns(seed, k):
    rng = np.random.default_rng(seed)
    gain, score = rng.random((5, 20)), rng.permuted(np.tile(np.arange(20.0), (5, 1)), axis=1)
    expected = peer.ndcg_score(gain, score, k=k, ignore_ties=True)
    assert kit.ndcg_score(gain, score, k=k, ignore_ties=True) == pytest.approx(expected, rel=1e-12)
    assert kit.ndcg_score(gain, score, k=k) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("k", [1, 10, 299, None])
@pytest.mark.parametrize("digits", [0, 1, 12])
def test_long_lists_use_partial_sorts(k, digits):
    rng = np.random.default_rng(0)
    gain, score = rng.integers(0, 3, (40, 300)) * 1.5, rng.normal(size=(40, 300)).round(digits)
    assert score.shape[1] > ranking.SHORT
    assert kit.ndcg_score(gain, score, k=k) == pytest.approx(peer.ndcg_score(gain, score, k=k))
    if digits == 12:
        assert kit.ndcg_score(gain, score, k=k, ignore_ties=True) == pytest.approx(
            peer.ndcg_score(gain, score, k=k, ignore_ties=True)
        )


def test_several_threads_give_the_same_bits(monkeypatch):
    rng = np.random.default_rng(0)
    gain, score = rng.integers(0, 3, (4000, 50)), rng.normal(size=(4000, 50)).round(1)
    monkeypatch.setattr(ranking, "CELLS", 1 << 12)
    results = set()
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        results.add(kit.ndcg_score(gain, score, k=5))
    assert len(results) == 1
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert kit.ndcg_score(gain, score, k=5) in results


@settings(deadline=None, max_examples=30)
@given(queries(), st.integers(1, 9))
def test_ndcg_invariances(case, k):
    gain, score = case
    value = kit.ndcg_score(gain, score, k=k)
    assert 0 <= value <= 1 + 1e-12
    assert kit.ndcg_score(gain[:, ::-1], score[:, ::-1], k=k) == pytest.approx(value)
    assert kit.ndcg_score(gain * 3, score * 2 - 7, k=k) == pytest.approx(value)
    assert kit.ndcg_score(gain, score.astype(np.float32), k=k) == pytest.approx(value)


def test_queries_without_gain_score_zero():
    assert kit.ndcg_score([[0, 0, 0]], [[1, 2, 3]]) == 0
    assert kit.ndcg_score([[0, 0], [2, 1]], [[1, 2], [4, 3]]) == 0.5


def test_k_beyond_the_list():
    gain, score = [[1, 0, 2]], [[3, 2, 1]]
    assert kit.ndcg_score(gain, score, k=50) == kit.ndcg_score(gain, score)
    relevant = [[1, 0, 1]]
    assert kit.precision_at_k(relevant, score, k=50) == 2 / 50
    assert kit.recall_at_k(relevant, score, k=50) == 1
    assert kit.mean_average_precision(relevant, score, k=50) == pytest.approx(5 / 6)
    assert kit.mean_reciprocal_rank(relevant, score, k=50) == 1


def average_precision(hits, k):
    n_relevant = min(sum(hits), len(hits) if k is None else k)
    found = [sum(hits[: i + 1]) / (i + 1) for i, hit in enumerate(hits[:k]) if hit]
    return sum(found) / n_relevant


def reciprocal_rank(hits, k):
    return next((1 / (i + 1) for i, hit in enumerate(hits[:k]) if hit), 0.0)


METRICS = {
    "precision_at_k": lambda hits, k: sum(hits[:k]) / k,
    "recall_at_k": lambda hits, k: sum(hits[:k]) / sum(hits),
    "mean_average_precision": average_precision,
    "mean_reciprocal_rank": reciprocal_rank,
}


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=6),
    st.integers(1, 7),
    st.sampled_from(sorted(METRICS)),
)
def test_ties_are_the_mean_over_all_their_orders(documents, k, name):
    documents = [(True, 1), *documents]
    orders = [
        [hit for hit, _ in order]
        for order in permutations(documents)
        if all(a[1] >= b[1] for a, b in pairwise(order))
    ]
    expected = np.mean([METRICS[name](hits, k) for hits in orders])
    relevant, score = zip(*documents, strict=True)
    got = getattr(kit, name)([np.array(relevant, int)], [score], k=k)
    assert got == pytest.approx(expected, rel=1e-12)


def test_a_constant_score_earns_no_more_than_chance():
    relevant, score = [[1, 1, 0, 0, 0, 0, 0, 0]], [[0.5] * 8]
    assert kit.precision_at_k(relevant, score, k=2) == 0.25
    assert kit.recall_at_k(relevant, score, k=4) == 0.5


def test_without_k_all_ranks_count():
    relevant, score = [[0, 1, 0, 1], [0, 0, 1, 0]], [[4, 3, 2, 1], [4, 3, 2, 1]]
    expected = (average_precision([0, 1, 0, 1], None) + 1 / 3) / 2
    assert kit.mean_average_precision(relevant, score) == pytest.approx(expected)
    assert kit.mean_reciprocal_rank(relevant, score) == pytest.approx((1 / 2 + 1 / 3) / 2)
    weight = [1, 3]
    assert kit.mean_reciprocal_rank(relevant, score, sample_weight=weight) == pytest.approx(3 / 8)


@pytest.mark.parametrize(
    "function", [kit.recall_at_k, kit.mean_average_precision, kit.mean_reciprocal_rank]
)
def test_queries_without_relevant_documents(function):
    relevant, score = [[1, 0], [0, 0]], [[2, 1], [2, 1]]
    assert function(relevant, score, k=1) == 0.5
    assert function(relevant, score, k=1, zero_division=1) == 1
    assert function(relevant, score, k=1, zero_division=np.nan) == 1
    assert np.isnan(function([[0, 0]], [[2, 1]], k=1, zero_division=np.nan))
    assert kit.precision_at_k(relevant, score, k=1) == 0.5


def test_a_document_ranked_twice_counts_once():
    relevant, score = kit.relevance_matrix([{"a", "c"}, ["x"]], [["a", "a", "b", "c"], ["y"]])
    assert relevant.tolist() == [[1, 0, 1], [0, 1, 0]]
    assert score.tolist() == [[0, -1, -2], [0, -np.inf, -np.inf]]
    assert kit.precision_at_k(relevant, score, k=2) == 0.25
    assert kit.recall_at_k(relevant, score, k=3) == 0.5  # x was not retrieved


def test_documents_not_retrieved_are_never_found():
    relevant, score = [[1, 1, 0]], [[1.0, -np.inf, -np.inf]]
    assert kit.precision_at_k(relevant, score, k=3) == 1 / 3
    assert kit.recall_at_k(relevant, score, k=3) == 0.5
    assert kit.mean_average_precision(relevant, score) == 0.5
    assert kit.mean_reciprocal_rank([[0, 1, 1]], score) == 0


def test_no_queries_for_relevance_matrix():
    for relevant, ranked in (([], []), ([{"a"}], [])):
        with pytest.raises(ValueError, match="one of each"):
            kit.relevance_matrix(relevant, ranked)
    assert kit.relevance_matrix([[]], [[]])[0].tolist() == [[0]]


@pytest.mark.parametrize(
    ("function", "true", "score", "options", "message"),
    [
        (kit.ndcg_score, [[1, 2]], [[1, 2, 3]], {}, "y_true has shape"),
        (kit.ndcg_score, [[1, -2]], [[1, 2]], {}, "negative y_true"),
        (kit.ndcg_score, [[1]], [[1]], {}, "more than 1 document"),
        (kit.ndcg_score, [[1, np.nan]], [[1, 2]], {}, "y_true contains NaN"),
        (kit.ndcg_score, [[1, 2]], [[1, np.inf]], {}, "y_score contains infinity"),
        (kit.ndcg_score, [1, 2], [1, 2], {}, "Expected 2D"),
        (kit.ndcg_score, [[1, 2]], [[1, 2]], {"k": 0}, "k=0"),
        (kit.ndcg_score, [[1, 2]], [[1, 2]], {"k": 1.5}, "k=1.5"),
        (kit.ndcg_score, [[1, 2]], [[1, 2]], {"sample_weight": [1, 2]}, "sample_weight.shape"),
        (kit.dcg_score, [[1, 2]], [[1, 2]], {"log_base": 0}, "log_base=0"),
        (kit.precision_at_k, [[1, 2]], [[1, 2]], {"k": 1}, "y_true must hold 0 or 1"),
        (kit.precision_at_k, [[1, 0]], [[1, 2]], {"k": 0}, "k=0"),
        (kit.precision_at_k, [[1, 0]], [[1, np.nan]], {"k": 1}, "y_score contains NaN"),
        (kit.precision_at_k, [[1, 0]], [[1, np.inf]], {"k": 1}, "y_score contains NaN or inf"),
        (kit.precision_at_k, [[1, 0]], [[1, 2, 3]], {"k": 1}, "y_true has shape"),
    ],
)
def test_bad_input_names_the_argument(function, true, score, options, message):
    with pytest.raises(ValueError, match=message):
        function(true, score, **options)


def test_inputs_of_many_kinds_are_left_alone():
    rng = np.random.default_rng(0)
    gain, score = rng.random((6, 8)), rng.integers(0, 3, (6, 8)).astype(float)
    expected = kit.ndcg_score(gain, score, k=3)
    kept = gain.copy(), score.copy()
    gain.setflags(write=False)
    score.setflags(write=False)
    assert kit.ndcg_score(gain, score, k=3) == expected
    assert kit.ndcg_score(pd.DataFrame(gain), score.tolist(), k=3) == pytest.approx(expected)
    wide = np.repeat(score, 2, axis=1)[:, ::2]
    assert kit.ndcg_score(np.asfortranarray(gain), wide, k=3) == pytest.approx(expected)
    np.testing.assert_array_equal(gain, kept[0])
    np.testing.assert_array_equal(score, kept[1])
