"""Scores in [-1, 1]: what a user's clicks say, what follows for other items, where to cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mlsd_kit.recommendation.interactions import Array, best_columns, check_interactions


def evidence_scores(
    positive: ArrayLike, negative: ArrayLike, *, prior: float = 2.0, centre: float = 0.0
) -> Array:
    """(positive - negative + prior · centre) / (positive + negative + prior), from -1 to 1.

    Parameters
    ----------
    positive, negative : array-like of equal shape, not negative
        Evidence for and against, such as clicks, and showings that were seen and not clicked.
        Showings further down are seen less: weigh them by `unclicked_weight`.
    prior : float, default=2.0
        Evidence that must come together before a score moves far from the centre.
    centre : float in [-1, 1], default=0.0
        Score of what nothing is known of. Where most evidence is against, 0 would rank the
        unknown above nearly everything that is known: take the mean score.

    Returns
    -------
    ndarray of the same shape, in [-1, 1]

    Raises
    ------
    ValueError
        If evidence is negative, shapes differ, prior is not positive, or centre out of range.

    Examples
    --------
    >>> evidence_scores([3, 1, 0], [0, 1, 0], prior=1).round(2)
    array([0.75, 0.  , 0.  ])
    """
    p, n = np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)
    if p.shape != n.shape or not (p >= 0).all() or not (n >= 0).all():
        raise ValueError("positive and negative must have equal shapes, and not be negative.")
    if not prior > 0 or not -1 <= centre <= 1:
        raise ValueError(f"prior={prior!r} must be above 0, centre={centre!r} in [-1, 1].")
    scores: Array = (p - n + prior * centre) / (p + n + prior)
    return scores


def unclicked_weight(examined: ArrayLike, relevance: float) -> Array:
    """How likely a showing that was not clicked was looked at: what it weighs as evidence against.

    By Bayes' rule, with a place looked at with probability e and a click then with probability r,
    P(looked at | no click) = e (1 - r) / (1 - e r).

    Parameters
    ----------
    examined : array-like
        Of each showing, in [0, 1]; see `examination`.
    relevance : float
        Mean probability of a click once looked at, in [0, 1).

    Examples
    --------
    >>> unclicked_weight([1.0, 0.5, 0.0], relevance=0.5).round(2)
    array([1.  , 0.33, 0.  ])
    """
    e = np.asarray(examined, dtype=np.float64)
    if not (0 <= relevance < 1 and (e >= 0).all() and (e <= 1).all()):
        raise ValueError("examined must lie in [0, 1] and relevance in [0, 1).")
    return e * (1 - relevance) / (1 - e * relevance)


def neighbour_scores(evidence: ArrayLike, similarity: Any, *, prior: float = 1.0) -> Array:
    """Scores in [-1, 1] of every pair: the mean of the user's scores of similar items, shrunk.

    Weighted by similarity: Σ s(i, j) x(u, j) / (Σ s(i, j) + prior) over the items j that user u
    has a score of.

    Parameters
    ----------
    evidence : array-like of shape (n_users, n_items)
        In [-1, 1], 0 where nothing is known; see `evidence_scores`.
    similarity : sparse or array-like of shape (n_items, n_items), not negative
        Row j: the items that j speaks for; see `ItemNeighbours.similarity_`.
    prior : float, default=1.0
        Similarity that must come together before a score moves far from 0.

    Examples
    --------
    >>> neighbour_scores([[1.0, 0, -0.5]], [[0, 1.0, 0], [0, 0, 0], [0, 0.5, 0]], prior=0.5)
    array([[0.   , 0.375, 0.   ]])
    """
    x, s = np.asarray(evidence, dtype=np.float64), check_interactions(similarity)
    if not (np.abs(x) <= 1).all() or not prior > 0:
        raise ValueError("evidence must lie in [-1, 1], and prior be above 0.")
    scores: Array = (x @ s) / ((x != 0).astype(np.float64) @ s + prior)
    return scores


def threshold_tradeoff(
    scores: ArrayLike, relevant: Any, thresholds: ArrayLike, *, k: int
) -> pd.DataFrame:
    """Recommend at most ``k`` items, and only above a threshold: what is gained, who gets nothing?

    Parameters
    ----------
    scores : array-like of shape (n_users, n_items)
        -inf for what must not be recommended.
    relevant : sparse or array-like of shape (n_users, n_items)
        Not 0 where the user took the item later.
    thresholds : array-like of shape (n,)
    k : int

    Returns
    -------
    DataFrame indexed by threshold
        ``precision`` of what is recommended (NaN if nothing is), ``users`` (share with at least
        one), ``items`` (share of the catalogue that anybody gets), ``length`` (mean a user).

    Examples
    --------
    >>> scores, taken = [[0.9, 0.2], [0.3, 0.1]], [[1, 0], [0, 1]]
    >>> threshold_tradeoff(scores, taken, [0.0, 0.5], k=1)["precision"].tolist()
    [0.5, 1.0]
    """
    s = np.asarray(scores, dtype=np.float64)
    taken = check_interactions(relevant).toarray() > 0
    first = best_columns(s, k)
    best, hit = np.take_along_axis(s, first, axis=1), np.take_along_axis(taken, first, axis=1)
    rows = [_at(cut, first, best, hit, s.shape[1]) for cut in np.asarray(thresholds, dtype=float)]
    index = pd.Index(np.asarray(thresholds, dtype=float), name="threshold")
    return pd.DataFrame(rows, index=index, columns=["precision", "users", "items", "length"])


def _at(
    cut: float, first: NDArray[np.intp], best: Array, hit: NDArray[np.bool_], n_items: int
) -> tuple[float, float, float, float]:
    shown = best > cut
    precision = float(hit[shown].mean()) if shown.any() else float("nan")
    items = len(np.unique(first[shown])) / n_items
    return precision, float(shown.any(axis=1).mean()), items, float(shown.sum(axis=1).mean())


def examination(positions: ArrayLike, clicked: ArrayLike) -> Array:
    """How often each position is looked at, relative to the first, from lists in *random* order.

    What stands at each position of a shuffled list is alike, so click rates differ by being looked
    at alone. From lists in a ranker's order the estimate would mix in that better items stand
    first (Joachims, Swaminathan and Schnabel, 2017).

    Parameters
    ----------
    positions : array-like of int (n,)
        From 0, of every showing.
    clicked : array-like of bool (n,)

    Returns
    -------
    ndarray (deepest position + 1,)
        1 at the first position; never rising, as readers go downwards (clicks over neighbouring
        positions are pooled where chance would have it otherwise).

    Raises
    ------
    ValueError
        If lengths differ, a position has no showing, or the first no click.

    Examples
    --------
    >>> examination([0, 0, 1, 1, 1, 1, 2, 2, 2, 2], [1, 1, 1, 1, 0, 0, 0, 1, 0, 0])
    array([1.  , 0.5 , 0.25])
    """
    place, click = np.asarray(positions), np.asarray(clicked, dtype=np.float64)
    if place.shape != click.shape or place.ndim != 1 or not len(place):
        raise ValueError("positions and clicked must be one-dimensional and of equal length.")
    shown = np.bincount(place).astype(np.float64)
    if not shown.all():
        raise ValueError("every position down to the deepest needs at least one showing.")
    rate = _not_rising(np.bincount(place, click) / shown, shown)
    if not rate[0] > 0:
        raise ValueError("nobody clicked: the examination of a position cannot be estimated.")
    relative: Array = rate / rate[0]
    return relative


def _not_rising(values: Array, weights: Array) -> Array:
    """Closest never-rising sequence: neighbours that rise are pooled to their weighted mean."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        size = 1
        while pools and pools[-1][0] < value:
            before, its_weight, its_size = pools.pop()
            value = (value * weight + before * its_weight) / (weight + its_weight)
            weight, size = weight + its_weight, size + its_size
        pools.append((value, weight, size))
    return np.repeat([pool[0] for pool in pools], [pool[2] for pool in pools])
