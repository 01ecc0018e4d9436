"""Re-rank the first page: not ten times the same, and not all of it old."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def maximal_marginal_relevance(
    relevance: ArrayLike, similarity: ArrayLike, *, k: int, trade_off: float = 0.7
) -> NDArray[np.intp]:
    """Choose k documents one by one, each relevant and unlike those chosen before it.

    Each step takes the document with the highest::

        trade_off * relevance - (1 - trade_off) * (largest similarity to a chosen one)

    Parameters
    ----------
    relevance : array-like of shape (n,)
        On the scale of the similarities, best in [0, 1]: scores on another scale drown them.
    similarity : array-like of shape (n, n)
    k : int
    trade_off : float in [0, 1], default=0.7
        1 ranks by relevance alone.

    Returns
    -------
    ndarray of shape (min(k, n),)
        Positions, in the order chosen; equal ones by position.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the trade-off lies outside [0, 1].

    References
    ----------
    Carbonell, J. and Goldstein, J. (1998). The use of MMR, diversity-based reranking for
    reordering documents and producing summaries. SIGIR.

    Examples
    --------
    >>> twins = [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    >>> maximal_marginal_relevance([0.9, 0.8, 0.6], twins, k=3).tolist()
    [0, 2, 1]
    """
    relevant, alike = np.asarray(relevance, dtype=float), np.asarray(similarity, dtype=float)
    if alike.shape != (len(relevant), len(relevant)):
        raise ValueError(f"similarity is {alike.shape} for {len(relevant)} documents.")
    if not 0 <= trade_off <= 1:
        raise ValueError(f"trade_off must lie in [0, 1], got {trade_off}.")
    chosen: list[int] = []
    nearest = np.zeros(len(relevant))  # nothing chosen yet: relevance decides
    left = np.ones(len(relevant), dtype=bool)
    for _ in range(min(k, len(relevant))):
        value = trade_off * relevant - (1 - trade_off) * nearest
        best = int(np.argmax(np.where(left, value, -np.inf)))
        left[best] = False
        nearest = alike[best] if not chosen else np.maximum(nearest, alike[best])
        chosen.append(best)
    return np.asarray(chosen, dtype=np.intp)


def freshness(age: ArrayLike, *, half_life: float) -> NDArray[np.float64]:
    """How fresh something is: 1 when new, half after each half-life.

    Parameters
    ----------
    age, half_life : array-like and float
        In the same unit of time; a negative age counts as 0.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If the half-life is not positive.

    Examples
    --------
    >>> freshness([0, 30, 60], half_life=30).tolist()
    [1.0, 0.5, 0.25]
    """
    if half_life <= 0:
        raise ValueError(f"half_life must be positive, got {half_life}.")
    return np.exp2(-np.maximum(np.asarray(age, dtype=float), 0.0) / half_life)
