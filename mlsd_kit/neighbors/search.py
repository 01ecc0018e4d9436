"""The k nearest rows, exactly: what measuring every distance in float64 would give."""

from __future__ import annotations

import itertools
import math
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_array

from mlsd_kit._threads import in_order, n_threads, one_blas_thread
from mlsd_kit.neighbors.shortlist import GROUP, Shortlist, shortlist

Array = NDArray[np.float64]
_QUERIES = 512
"""Queries searched at a time by each thread, where memory is dear."""
_NUMBERS = 1 << 14
"""Numbers gathered at a time to be measured directly (128 KiB)."""
_FEW, _SHORT = 128, 1 << 20  # fewer queries, or pairs of row and query, are not worth a thread


def nearest(
    X: ArrayLike, Q: ArrayLike, k: int, *, exclude_self: bool = False
) -> tuple[Array, NDArray[np.intp]]:
    """Distances and row numbers of the ``k`` rows of ``X`` nearest to each row of ``Q``.

    The textbook form, whose result this is, whatever the data::

        d2 = ((X[None, :, :] - Q[:, None, :]) ** 2).sum(axis=2)       # float64
        indices = np.argsort(d2, axis=1, kind="stable")[:, :k]

    That needs n_queries · n · d numbers. Here blocks of float32 matrix products rule out the rows
    that certainly are not among the nearest (see `shortlist`) and the few others are measured as
    above; where float32 cannot tell rows apart, float64 products are tried, then every distance is
    measured. Equal distances: the lower row number comes first.

    Parameters
    ----------
    X : array-like (n, d)
        Rows to search.
    Q : array-like (n_queries, d)
        Rows to search for.
    k : int
        Neighbours a query, at most n (n - 1 with ``exclude_self``).
    exclude_self : bool
        ``Q`` is ``X``: row i is no neighbour of itself. Told by its number, not by distance 0, so
        that its duplicates stay.

    Returns
    -------
    distances : ndarray (n_queries, k)
        Euclidean, ascending.
    indices : ndarray of int (n_queries, k)

    Raises
    ------
    ValueError
        If ``k`` is out of range, the columns differ, or a value is missing or infinite.

    Examples
    --------
    >>> distances, indices = nearest([[0.0], [3.0], [1.0], [1.0]], [[1.2]], 3)
    >>> indices
    array([[2, 3, 0]])
    >>> distances.round(1)
    array([[0.2, 0.2, 1.2]])
    """
    precisions = [np.float64, np.float32]
    rows = check_array(X, dtype=precisions, order="C", input_name="X")
    queries = check_array(Q, dtype=precisions, order="C", input_name="Q")
    if rows.shape[1] != queries.shape[1]:
        raise ValueError(f"Q has {queries.shape[1]} columns, X {rows.shape[1]}; give the same.")
    if exclude_self and len(rows) != len(queries):
        raise ValueError("exclude_self needs Q to be X; pass the same rows twice.")
    k = check_k(k, len(rows) - exclude_self)
    return search(rows, queries, k, exclude_self=exclude_self)


def check_k(k: Any, most: int) -> int:
    """``k`` as an int from 1 to ``most``."""
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ValueError(f"n_neighbors must be a whole number of at least 1, got {k!r}.")
    if k > most:
        raise ValueError(
            f"n_neighbors is {k} but only {most} rows can be neighbours"
            f" (n_neighbors <= n_samples_fit); take at most {most}."
        )
    return int(k)


def search(
    X: NDArray[Any],
    Q: NDArray[Any],
    k: int,
    *,
    exclude_self: bool = False,
    own: NDArray[np.intp] | None = None,
    at_once: int | None = None,
) -> tuple[Array, NDArray[np.intp]]:
    """`nearest` for arrays that are checked already: C-ordered, finite, k in range.

    ``own`` (n_queries,) names for each query the row of ``X`` that is no neighbour of it. More
    queries ``at_once`` (2048) take 2 KiB each and up to a third less time.
    """
    unit = _unit(X, Q)
    if unit != 1.0:  # squares would overflow or vanish: measure in a larger or smaller unit
        X, Q = X.astype(np.float64) / unit, Q.astype(np.float64) / unit
    own = np.arange(len(X)) if exclude_self else own
    distances = np.empty((len(Q), k))
    indices = np.empty((len(Q), k), dtype=np.intp)
    # The median, unlike the mean, is not dragged off by one outlier. A sample will do.
    centre = np.median(X[:: max(1, len(X) // 512)], axis=0).astype(np.float64)
    useless: set[Any] = set()

    def of_block(block: slice) -> None:
        mine = None if own is None else own[block]
        found = _candidates(X, Q[block], centre, k + (own is not None), useless)
        measure = _measure_all if found is None else partial(_measure_some, found, centre)
        distances[block], indices[block] = measure(X, Q[block], k, mine)

    blocks = _blocks(len(Q), len(X), at_once or _QUERIES)
    with one_blas_thread():
        in_order(of_block, blocks, least=1)
    np.sqrt(distances, out=distances)
    distances *= unit
    return distances, indices


def _blocks(n_queries: int, n: int, at_once: int) -> list[slice]:
    """Equal blocks of queries, as many for each thread as for any other."""
    threads = n_threads() if n_queries >= _FEW and n_queries * n >= _SHORT else 1
    n_blocks = threads * -(-n_queries // (threads * at_once))
    edges = [n_queries * i // n_blocks for i in range(n_blocks + 1)]
    return [slice(a, b) for a, b in itertools.pairwise(edges)]


def _candidates(
    X: NDArray[Any], Q: NDArray[Any], centre: Array, k: int, useless: set[Any]
) -> Shortlist | None:
    """The shortlist in the lowest precision that tells rows apart; None if none does."""
    if len(X) < 4 * k + 128:
        return None
    centred = Q - centre
    for dtype in (np.float32, np.float64):
        if dtype not in useless:
            found = shortlist(X, centred, centre, k, dtype)
            if found is not None:
                return found
            useless.add(dtype)  # later blocks would fail too, after the same work
    return None


def squared_distances(rows: Array, query: Array) -> Array:
    """``Σ (row - query)²`` of each row (m, d), in float64: the measure that decides."""
    gap = np.subtract(rows, query, dtype=np.float64)
    squares: Array = np.einsum("ij,ij->i", gap, gap)
    return squares


def _measure_all(
    X: NDArray[Any], Q: NDArray[Any], k: int, own: NDArray[np.intp] | None
) -> tuple[Array, NDArray[np.intp]]:
    d2 = np.empty(len(X))
    distances, indices = np.empty((len(Q), k)), np.empty((len(Q), k), dtype=np.intp)
    rows = max(1, 2 * _NUMBERS // X.shape[1])
    for i, query in enumerate(Q):
        for start in range(0, len(X), rows):
            d2[start : start + rows] = squared_distances(X[start : start + rows], query)
        if own is not None:
            d2[own[i]] = np.inf
        near = np.flatnonzero(d2 <= np.partition(d2, k - 1)[k - 1])  # ascending, ties included
        near = near[np.argsort(d2[near], kind="stable")[:k]]
        distances[i], indices[i] = d2[near], near
    return distances, indices


def _measure_some(
    found: Shortlist,
    centre: Array,
    X: NDArray[Any],
    Q: NDArray[Any],
    k: int,
    own: NDArray[np.intp] | None,
) -> tuple[Array, NDArray[np.intp]]:
    farthest = _farthest(Q - centre, found.threshold)
    kept = []
    step = max(1, _NUMBERS // (GROUP * X.shape[1]))
    for start in range(0, len(found.groups), step):
        groups, ids = found.groups[start : start + step], found.queries[start : start + step]
        d2 = squared_distances(_rows_of(X, groups), np.repeat(Q[ids], GROUP, axis=0))
        pairs, places = np.nonzero(d2.reshape(-1, GROUP) <= farthest[ids][:, None])
        rows, ids = groups[pairs] * np.intp(GROUP) + places, ids[pairs]
        near = rows < len(X)
        if own is not None:
            near &= rows != own[ids]
        kept.append((d2.reshape(-1, GROUP)[pairs, places][near], rows[near], ids[near]))
    d2, rows, ids = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    order = np.lexsort((rows, d2, ids))
    first = np.searchsorted(ids[order], np.arange(len(Q)))
    pick = order[first[:, None] + np.arange(k)]
    return d2[pick], rows[pick]


def _rows_of(X: NDArray[Any], groups: NDArray[np.int32]) -> NDArray[Any]:
    """The rows of each group, one group after the other; the last is filled up with zeros."""
    n, d = X.shape
    whole = n // GROUP
    rows = X[: whole * GROUP].reshape(whole, GROUP, d).take(groups, axis=0, mode="clip")
    if n % GROUP:
        last = np.zeros((GROUP, d), X.dtype)
        last[: n % GROUP] = X[whole * GROUP :]
        rows[groups == whole] = last
    return rows.reshape(-1, d)


def _farthest(centred: Array, threshold: Array) -> Array:
    """Squared distance that k rows are certain not to exceed, rounding included."""
    squares = np.einsum("ij,ij->i", centred, centred)
    slack = 64.0 * (centred.shape[1] + 16) * np.finfo(np.float64).eps
    farthest: Array = squares - 2.0 * threshold + slack * (squares + np.abs(threshold))
    return farthest + np.finfo(np.float32).tiny


def _unit(X: NDArray[Any], Q: NDArray[Any]) -> float:
    """A power of two to divide by, 1 unless a square or a sum of squares could leave the range."""
    largest = float(max(X.max(), -X.min(), Q.max(), -Q.min()))
    if largest == 0.0 or 1e-100 < largest < 1e140:
        return 1.0
    return math.ldexp(1.0, math.frexp(largest)[1])
