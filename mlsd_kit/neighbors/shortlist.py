"""Rules out rows that cannot be among the nearest, by matrix products and an error bound.

With everything measured from a centre, ``|x - q|² = |q|² - 2 s`` where ``s = x·q - |x|²/2``, so the
nearest rows have the largest scores s, and all scores are one matrix product. But a score is a
difference of large numbers: in float32 every digit is lost when a row lies at 1e8. So a score here
only ever *rules out*: with rounding unit u, it is off by at most

    E = (d + c) u (|x||q| + |x|²/2)

(the standard bound of a dot product, in any order of summation). A group of rows whose best score
plus E lies below k other groups' best score minus E holds no neighbour. Groups that survive are
measured again, directly. An outlier has a large E, so its group survives and nothing is lost.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

GROUP = 8
"""Rows that are kept or ruled out together."""
_ROWS = 256
_QUERIES = 256
"""Rows and queries multiplied at a time: their scores stay in the processor's cache. A large block
of queries is cut into four instead."""
_SPAN = 2048
"""Rows between two updates of the threshold."""
_LIMITS = {"float32": 1e15, "float64": 1e140}
"""Longest vector whose scores cannot overflow. A longer row is never ruled out."""


class Shortlist(NamedTuple):
    """Pairs (group, query) that may hold neighbours, groups ascending."""

    groups: NDArray[np.int32]
    queries: NDArray[np.int32]
    threshold: NDArray[np.float64]
    """(n_queries,) k rows are certain to score at least this."""


class _Bound(NamedTuple):
    """Largest error of a score: ``E = |q| · slope + square · |x|² + offset``, in three parts."""

    lengths: NDArray[np.float64]
    by_length: float
    by_square: float
    by_query: NDArray[np.float64]

    @classmethod
    def of(cls, dtype: np.dtype[Any], d: int, lengths: NDArray[np.float64]) -> _Bound:
        """Rounding of the product, and (``fine``) of the direct measure it stands in for."""
        coarse = 1.05 * (d + 16) * float(np.finfo(dtype).eps) / 2
        fine = 4.0 * (d + 16) * float(np.finfo(np.float64).eps)
        tiny = (d + 16) * float(np.finfo(dtype).tiny)
        by_query = fine * lengths**2 + tiny * (1.0 + lengths)
        return cls(lengths, coarse + 2 * fine, coarse / 2 + fine, by_query)

    def errors(self, longest: Any, queries: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Bound for groups whose longest row is ``longest`` and ``queries`` (broadcast)."""
        with np.errstate(over="ignore", invalid="ignore"):
            slope = (self.by_length * longest + np.finfo(dtype).tiny).astype(dtype)
            square = (self.by_square * longest**2).astype(dtype)
            error = slope * self.lengths[queries].astype(dtype)
        error += square
        error += self.by_query[queries].astype(dtype)
        # also for a query in the centre, where it is inf · 0
        return np.where(np.isinf(longest), dtype.type(np.inf), error)


def shortlist(
    X: NDArray[Any],
    queries: NDArray[np.float64],
    centre: NDArray[np.float64],
    k: int,
    dtype: Any,
) -> Shortlist | None:
    """Groups of `GROUP` rows of ``X`` that may hold one of the ``k`` nearest of each query.

    Parameters
    ----------
    X : ndarray (n, d)
    queries : ndarray of float64 (n_queries, d)
        Measured from ``centre`` already.
    centre : ndarray (d,)
        Any point; the bound is tightest in the middle of the data.
    k : int
    dtype : float32 or float64
        Precision of the scores.

    Returns
    -------
    Shortlist, or None if this precision cannot rule out enough rows to be worth while.
    """
    dtype = np.dtype(dtype)
    lengths = np.sqrt(np.einsum("ij,ij->i", queries, queries))
    if lengths.max() > _LIMITS[dtype.name]:
        return None
    best = np.full((k, len(queries)), -np.inf, dtype)  # k certain scores of each query
    kept = _scan(X, queries, centre, _Bound.of(dtype, X.shape[1], lengths), best)
    if kept is None:
        return None
    threshold = best.min(axis=0)
    final = []
    while kept:  # ruled out one by one, and each part is let go: never all of them twice
        groups, ids, possible = kept.pop(0)
        may = possible >= threshold[ids]
        final.append((groups[may], ids[may]))
    groups, ids = (np.concatenate(parts) for parts in zip(*final, strict=True))
    return Shortlist(groups, ids, threshold.astype(np.float64))


def _scan(
    X: NDArray[Any],
    queries: NDArray[np.float64],
    centre: NDArray[np.float64],
    bound: _Bound,
    best: NDArray[Any],
) -> list[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[Any]]] | None:
    """(groups, queries, best possible scores) not ruled out when they were met; raises ``best``."""
    n, d = X.shape
    dtype = best.dtype
    columns = np.ones((d + 1, len(queries)), dtype)  # the last row multiplies -|x|²/2
    columns[:d] = queries.T
    scores = np.empty(_ROWS * min(_cut(len(queries)), len(queries)), dtype)
    kept, n_kept = [], 0
    most = len(queries) * (8 * len(best) + 64 + _SPAN // GROUP) + n
    for start in range(0, n, _SPAN):
        span, longest = _prepare(X[start : start + _SPAN], centre, dtype)
        top = _group_scores(span, columns, scores)
        _raise_threshold(best, top, longest, bound)
        groups, ids, possible = _possible(top, best.min(axis=0), longest, bound)
        kept.append((groups + np.int32(start // GROUP), ids, possible))
        n_kept += len(groups)
        if n_kept > most:
            return None
    return kept


def _possible(
    top: NDArray[Any], threshold: NDArray[Any], longest: NDArray[np.float64], bound: _Bound
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[Any]]:
    """(group, query, best possible score) of the pairs whose score may reach the threshold.

    The largest error in this span rules out nearly all pairs in one comparison; only the others are
    worth an error of their own.
    """
    largest = bound.errors(longest.max(), slice(None), top.dtype)
    groups, ids = np.divmod(np.flatnonzero(top >= threshold - largest), top.shape[1])
    scores = top[groups, ids] + bound.errors(longest[groups], ids, top.dtype)
    may = scores >= threshold[ids]
    return groups[may].astype(np.int32), ids[may].astype(np.int32), scores[may]


def _prepare(
    rows: NDArray[Any], centre: NDArray[np.float64], dtype: np.dtype[Any]
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Rows (x - centre, -|x - centre|²/2), up to whole groups; each group's longest row."""
    n, d = rows.shape
    filled = -(-n // GROUP) * GROUP
    span = np.zeros((filled, d + 1), dtype)
    squares = np.zeros(filled)
    for start in range(0, n, _ROWS):
        part = rows[start : start + _ROWS] - centre
        span[start : start + _ROWS, :d][: len(part)] = part
        squares[start : start + len(part)] = np.einsum("ij,ij->i", part, part)
    longest = np.sqrt(squares.reshape(-1, GROUP).max(axis=1))
    too_long = np.flatnonzero(squares > _LIMITS[dtype.name] ** 2)
    span[too_long] = squares[too_long] = 0.0
    longest[too_long // GROUP] = np.inf
    span[:, d] = -0.5 * squares
    span[n:, d] = -np.finfo(dtype).max / 4  # rows that only fill up the last group
    return span, longest


def _cut(n_queries: int) -> int:
    """Queries multiplied at a time, of ``n_queries``."""
    return max(_QUERIES, -(-n_queries // 4))


def _group_scores(span: NDArray[Any], columns: NDArray[Any], scores: NDArray[Any]) -> NDArray[Any]:
    """Best score of each group for each query: (n_groups, n_queries). ``scores`` is scratch."""
    top = np.empty((len(span) // GROUP, columns.shape[1]), span.dtype)
    step = _cut(columns.shape[1])
    for first in range(0, columns.shape[1], step):
        queries = columns[:, first : first + step]
        n_queries = queries.shape[1]
        for start in range(0, len(span), _ROWS):
            rows = span[start : start + _ROWS]
            out = scores[: len(rows) * n_queries].reshape(-1, n_queries)
            np.matmul(rows, queries, out=out)
            part = top[start // GROUP :, first : first + step]
            grouped = out.reshape(-1, GROUP, n_queries)
            np.max(grouped, axis=1, out=part[: len(grouped)])
    return top


def _raise_threshold(
    best: NDArray[Any], top: NDArray[Any], longest: NDArray[np.float64], bound: _Bound
) -> None:
    """Merge what ``top`` makes certain into the ``k`` best so far, in place.

    Neighbouring groups are first merged into a few: every merged group still holds a row with its
    score, so the k-th best of them is a valid, slightly lower threshold, and much less is sorted.
    """
    k, few = len(best), max(2 * len(best), 8)
    size = max(1, len(top) // few)
    whole = len(top) // size * size
    farthest = longest[:whole].reshape(-1, size).max(axis=1)
    certain = top[:whole].reshape(-1, size, top.shape[1]).max(axis=1)
    certain -= bound.errors(farthest[:, None], slice(None), top.dtype)
    better = np.flatnonzero(certain.max(axis=0) > best.min(axis=0))
    both = np.vstack([best[:, better], certain[:, better]]).T
    best[:, better] = np.partition(both, both.shape[1] - k, axis=1)[:, -k:].T
