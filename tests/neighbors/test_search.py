"""The exact search: equal to measuring every distance, on every input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from mlsd_kit.neighbors import nearest, search
from mlsd_kit.neighbors.shortlist import GROUP, shortlist


def textbook(X, Q, k, exclude_self=False):
    """Every distance, directly, in float64; a stable sort keeps the lower row first at a tie."""
    X, Q = np.asarray(X, dtype=np.float64), np.asarray(Q, dtype=np.float64)
    d2 = np.array([search.squared_distances(X, q) for q in Q])
    if exclude_self:
        np.fill_diagonal(d2, np.inf)
    indices = np.argsort(d2, axis=1, kind="stable")[:, :k]
    return np.sqrt(np.take_along_axis(d2, indices, axis=1)), indices


def assert_exact(X, Q, k, exclude_self=False):
    distances, indices = nearest(X, Q, k, exclude_self=exclude_self)
    want_distances, want = textbook(X, Q, k, exclude_self)
    assert np.array_equal(indices, want)
    assert np.allclose(distances, want_distances, rtol=1e-15, atol=0)


def normal(n, d, seed=0):
    return np.random.RandomState(seed).normal(size=(n, d))


@pytest.fixture
def precisions(monkeypatch):
    """Which precisions the search used, in order."""
    used = []

    def spy(X, queries, centre, k, dtype):
        found = shortlist(X, queries, centre, k, dtype)
        used.append((np.dtype(dtype).name, found is not None))
        return found

    monkeypatch.setattr(search, "shortlist", spy)
    return used


@settings(deadline=None, max_examples=50)
@given(
    st.integers(0, 10**6),
    st.integers(1, 700),
    st.integers(1, 40),
    st.integers(1, 12),
    st.sampled_from(["normal", "grid", "far", "outlier", "clusters", "tiny", "float32"]),
    st.booleans(),
)
def test_equals_the_textbook_form(seed, n, d, k, kind, exclude_self):
    random = np.random.RandomState(seed)
    X = random.normal(size=(n, d))
    if kind == "grid":
        X = random.randint(0, 3, (n, d)).astype(float)
    elif kind == "far":
        X += 1e6
    elif kind == "outlier":
        X[random.randint(n)] = 1e8
    elif kind == "clusters":
        X += 1e5 * random.randint(0, 2, (n, 1))
    elif kind == "tiny":
        X *= 1e-30
    elif kind == "float32":
        X = X.astype(np.float32)
    Q = X if exclude_self else np.vstack([X[: n // 2], random.normal(size=(5, d)).astype(X.dtype)])
    most = n - exclude_self
    if most:
        assert_exact(X, Q, min(k, most), exclude_self)


def test_an_ordinary_search_is_settled_in_float32(precisions):
    assert_exact(normal(5000, 8), normal(50, 8, seed=1), 5)
    assert precisions == [("float32", True)]


def test_outlier_at_1e8_costs_one_group_not_the_precision(precisions):
    X = normal(5000, 8)
    X[[7, 4999]] = 1e8
    assert_exact(X, np.vstack([normal(50, 8, seed=1), X[:20]]), 5)
    assert precisions == [("float32", True)]


def test_data_far_from_the_origin_is_centred_first(precisions):
    X = normal(5000, 4) + 1e7
    assert_exact(X, X[:50] + 0.01, 5)
    assert precisions == [("float32", True)]


def test_two_far_clusters_need_float64_products(precisions):
    X = normal(60_000, 4) + 1e6 * (np.arange(60_000) % 2)[:, None]
    assert_exact(X, X[:60] + 0.01, 5)
    assert precisions == [("float32", False), ("float64", True)]


def test_where_no_product_can_tell_every_distance_is_measured(precisions):
    X = np.zeros((60_000, 2))
    X[-1] = 1.0
    assert_exact(X, np.vstack([np.zeros((60, 2)), [[1.0, 1.0]]]), 5)
    assert precisions == [("float32", False), ("float64", False)]


def test_expansion_in_float32_would_be_wrong_here():
    """The misconception the bound guards against does fail on this data."""
    X = normal(500, 4)
    X[0] = 1e8
    mean = X.mean(axis=0)
    low = (X - mean).astype(np.float32)
    expanded = (low**2).sum(1)[:, None] - 2 * low @ low.T + (low**2).sum(1)
    naive = np.argsort(expanded, axis=1)[:, :3]
    assert not np.array_equal(naive, textbook(X, X, 3)[1])
    assert_exact(X, X, 3)


def test_very_long_and_very_short_vectors():
    for size in (1e-200, 1e-25, 1e16, 1e30, 1e120, 1e200, 1e300):
        X = normal(300, 3) * size
        distances, indices = nearest(X, X[:40], 4)
        want_distances, want = textbook(X / size, X[:40] / size, 4)
        assert np.array_equal(indices, want)
        assert np.allclose(distances / size, want_distances, rtol=1e-10, atol=1e-13)


def test_a_row_and_a_query_beyond_the_range_of_float32():
    X = normal(3000, 3)
    X[5] = 1e25
    assert_exact(X, X[:40] + 1e-3, 5)
    assert_exact(X, np.vstack([X[:40], [[-1e25] * 3]]), 5)


def test_a_query_in_the_centre_beside_a_row_beyond_the_range():
    X = np.arange(-700.0, 701.0)[:, None] * [1.0, 1.0]
    X[700] = [
        1e-3,
        0.0,
    ]  # the centre is the origin; the nearest row shares a group with the far one
    X[701] = 1e25
    assert_exact(np.vstack([X, X]), [[0.0, 0.0]], 3)


def test_ties_go_to_the_lowest_row():
    X = np.array([[1.0], [-1.0], [1.0], [0.0], [0.0]])
    distances, indices = nearest(X, [[0.0]], 5)
    assert indices.tolist() == [[3, 4, 0, 1, 2]]
    assert distances.tolist() == [[0.0, 0.0, 1.0, 1.0, 1.0]]
    grid = np.random.RandomState(0).randint(0, 2, (3000, 3)).astype(float)
    assert_exact(grid, grid[:60], 7)


def test_self_is_told_by_its_number_not_by_distance_zero():
    X = np.array([[0.0], [0.0], [0.0], [5.0]])
    distances, indices = nearest(X, X, 2, exclude_self=True)
    assert indices.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1]]
    assert distances[:3].max() == 0.0
    many = np.repeat(normal(700, 3), 2, axis=0)
    assert_exact(many, many, 3, exclude_self=True)


@pytest.mark.parametrize("n", [GROUP * 8 - 1, GROUP * 8, GROUP * 8 + 1, 2047, 2048, 2049, 1])
def test_row_counts_around_the_block_sizes(n):
    X = normal(n, 3)
    assert_exact(X, normal(9, 3, seed=1), min(4, n))


@pytest.mark.parametrize("n", [1, 511, 512, 513, 1025])
def test_query_counts_around_the_block_sizes(n):
    assert_exact(normal(600, 3), normal(n, 3, seed=1), 3)


def test_the_answer_does_not_depend_on_blocks(monkeypatch):
    X, Q = normal(3000, 5), normal(300, 5, seed=1)
    want = nearest(X, Q, 6)
    monkeypatch.setattr(search, "_QUERIES", 7)
    monkeypatch.setattr(search, "_NUMBERS", 11)
    got = nearest(X, Q, 6)
    assert np.array_equal(got[0], want[0])
    assert np.array_equal(got[1], want[1])


def test_all_rows_and_a_large_share_of_them():
    X = normal(1000, 3)
    for k in (200, 999, 1000):
        assert_exact(X, normal(5, 3, seed=1), k)


def test_equals_scikit_learn():
    X, Q = normal(4000, 16), normal(200, 16, seed=1)
    distances, indices = nearest(X, Q, 7)
    peer = NearestNeighbors(n_neighbors=7, algorithm="kd_tree").fit(X)
    want_distances, want = peer.kneighbors(Q)
    assert np.array_equal(indices, want)
    assert np.allclose(distances, want_distances)


def test_permuting_rows_permutes_the_answer():
    X, Q = normal(2000, 4), normal(30, 4, seed=1)
    order = np.random.RandomState(2).permutation(2000)
    distances, indices = nearest(X, Q, 5)
    moved_distances, moved = nearest(X[order], Q, 5)
    assert np.array_equal(order[moved], indices)
    assert np.array_equal(moved_distances, distances)


def test_any_container_and_nothing_is_written_to():
    X, Q = normal(400, 4), normal(30, 4, seed=1)
    want = nearest(X, Q, 3)[1]
    before = X.copy()
    X.flags.writeable = Q.flags.writeable = False
    strided = np.repeat(X, 2, axis=1)[:, ::2]
    for data in (X.tolist(), pd.DataFrame(X), np.asfortranarray(X), strided, X):
        assert np.array_equal(nearest(data, Q, 3)[1], want)
    assert np.array_equal(X, before)
    small = X.astype(np.float32)
    assert_exact(small, Q, 3)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([[0.0], [1.0]], [[0.0]], 3), "only 2 rows can be neighbours"),
        (([[0.0], [1.0]], [[0.0]], 0), "at least 1, got 0"),
        (([[0.0], [1.0]], [[0.0]], 1.5), "whole number"),
        (([[0.0], [1.0]], [[0.0]], True), "whole number"),
        (([[0.0], [1.0]], [[0.0, 1.0]], 1), "Q has 2 columns, X 1"),
        (([[np.nan]], [[0.0]], 1), "X contains NaN"),
        (([[0.0]], [[np.inf]], 1), "Q contains infinity"),
        ((np.empty((0, 2)), [[0.0, 0.0]], 1), "0 sample"),
    ],
)
def test_bad_arguments_get_a_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        nearest(*arguments)


def test_exclude_self_needs_the_same_rows_and_one_more_of_them():
    with pytest.raises(ValueError, match="exclude_self needs Q to be X"):
        nearest([[0.0], [1.0]], [[0.0]], 1, exclude_self=True)
    with pytest.raises(ValueError, match="only 1 rows can be neighbours"):
        nearest([[0.0], [1.0]], [[0.0], [1.0]], 2, exclude_self=True)


@pytest.mark.parametrize("kind", ["normal", "outlier", "duplicates"])
def test_the_same_bits_on_any_number_of_threads(monkeypatch, kind):
    X = normal(3001, 5)
    if kind == "outlier":
        X[[1, 2900]] = 1e8
    elif kind == "duplicates":
        X[:] = X[0]
    monkeypatch.setattr(search, "_SHORT", 1)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    alone = nearest(X, X[:300], 4)
    for threads in ("2", "3", ""):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        distances, indices = nearest(X, X[:300], 4)
        assert np.array_equal(distances, alone[0])
        assert np.array_equal(indices, alone[1])
    assert np.array_equal(alone[1], textbook(X, X[:300], 4)[1])


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 5000), st.integers(1, 10**6), st.sampled_from(["1", "2", "5"]))
def test_blocks_hold_every_query_once_and_are_alike(n_queries, n, threads):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", threads)
        blocks = search._blocks(n_queries, n, search._QUERIES)
    assert [i for b in blocks for i in range(b.start, b.stop)] == list(range(n_queries))
    sizes = [b.stop - b.start for b in blocks]
    assert min(sizes) > 0 and max(sizes) <= min(search._QUERIES, min(sizes) + 1)


def test_the_answer_does_not_depend_on_how_many_are_searched_at_once():
    X = normal(3000, 5)
    own = np.arange(len(X))
    want = search.search(X, X, 6, own=own)
    for at_once in (300, 2048):
        got = search.search(X, X, 6, own=own, at_once=at_once)
        assert np.array_equal(got[0], want[0])
        assert np.array_equal(got[1], want[1])
