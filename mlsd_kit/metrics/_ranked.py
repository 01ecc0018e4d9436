"""Ranked lists with ties: what each rank's group of equal scores holds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_array

from mlsd_kit.metrics import _checks


class Ranked(NamedTuple):
    """Every list by descending score. Documents of equal score form a group.

    All arrays have shape (n_queries, n_documents): one column for each rank.
    """

    start: np.ndarray
    """Rank, from 0, at which the group of this rank begins."""
    size: np.ndarray
    relevant: np.ndarray
    """How many documents of the group are relevant."""
    before: np.ndarray
    """How many relevant documents stand in earlier groups."""
    listed: np.ndarray
    """False from the rank on at which the documents were not retrieved."""
    n_relevant: np.ndarray
    """Relevant documents of the query, shape (n_queries,)."""

    @property
    def chance(self) -> np.ndarray:
        """Probability that the document at this rank is relevant, all orders of ties alike."""
        return np.where(self.listed, self.relevant / self.size, 0.0)


def rank(y_true: ArrayLike, y_score: ArrayLike) -> Ranked:
    """Sort every list by descending score; -inf means not retrieved."""
    truth = check_array(y_true, input_name="y_true")
    score = check_array(y_score, dtype=np.float64, ensure_all_finite=False, input_name="y_score")
    if truth.shape != score.shape:
        raise ValueError(
            f"y_true has shape {truth.shape} and y_score {score.shape}: pass one of each for"
            " every document."
        )
    if not np.isin(truth, (0, 1)).all():
        raise ValueError("y_true must hold 0 or 1 for each document: threshold graded relevance.")
    if np.isnan(score).any() or (score == np.inf).any():
        raise ValueError("y_score contains NaN or infinity: only -inf (not retrieved) may appear.")
    order = np.argsort(-score, axis=1, kind="stable")
    truth = np.take_along_axis(truth, order, axis=1).astype(np.int64)
    score = np.take_along_axis(score, order, axis=1)
    return _grouped(truth, score)


def _grouped(truth: np.ndarray, score: np.ndarray) -> Ranked:
    """Where each rank's group of equal scores begins and ends, and what it holds."""
    n = score.shape[1]
    new = np.ones(score.shape, dtype=bool)
    new[:, 1:] = score[:, 1:] != score[:, :-1]
    place = np.arange(n)
    start = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    ends = np.where(np.roll(new, -1, axis=1), place + 1, n)  # the last column always ends a group
    end = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    so_far = np.concatenate([np.zeros((len(truth), 1), np.int64), truth.cumsum(axis=1)], axis=1)
    before = np.take_along_axis(so_far, start, axis=1)
    relevant = np.take_along_axis(so_far, end, axis=1) - before
    return Ranked(start, end - start, relevant, before, score > -np.inf, so_far[:, -1])


def depth(k: int | None) -> int | None:
    """``k``, checked."""
    if k is not None and (isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1):
        raise ValueError(f"k={k!r}: it must be an integer of at least 1.")
    return k


def share(part: np.ndarray, whole: np.ndarray, zero_division: float) -> np.ndarray:
    """part / whole for each query, ``zero_division`` where whole is 0."""
    return np.divide(part, whole, out=np.full(len(part), float(zero_division)), where=whole != 0)


def mean(scores: np.ndarray, sample_weight: ArrayLike | None) -> float:
    """Weighted mean over the queries whose score is not NaN."""
    weight = _checks.weights(sample_weight, len(scores))
    kept = ~np.isnan(scores)
    if not kept.any():
        return float("nan")
    weight = None if weight is None else weight[kept]
    if weight is not None:
        _checks.cancels(weight, "sample_weight")
    return _checks.trimmed(float(np.average(scores[kept], weights=weight)))
