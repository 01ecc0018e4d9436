"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import numpy as np


def _ndcg(relevance, scores, k, tie=lambda score: score, ideal=lambda gain: np.sort(gain)[::-1]):
    total = 0.0
    for gain, score in zip(np.asarray(relevance), np.asarray(scores), strict=True):
        score = tie(np.asarray(score))
        shared = np.array([gain[score == value].mean() for value in score], dtype=float)
        discount = 1 / np.log2(np.arange(2, len(gain) + 2))
        best = float((ideal(gain) * discount)[:k].sum())
        found = float((shared[np.argsort(-score, kind="stable")] * discount)[:k].sum())
        total += found / best if best > 0 else 0.0
    return total / len(relevance)


def whole_gains(relevance, scores, k):
    """Relevances are cut to whole numbers."""
    return _ndcg(np.asarray(relevance).astype(int), scores, k)


def near_scores_are_tied(relevance, scores, k):
    """Scores that differ by less than a thousandth count as equal."""
    return _ndcg(relevance, scores, k, tie=lambda score: np.round(score, 3))


def scores_in_single_precision(relevance, scores, k):
    """Scores that differ in the tenth digit become equal."""
    return _ndcg(relevance, scores, k, tie=lambda score: score.astype(np.float32))


def query_of_small_gains_is_empty(relevance, scores, k):
    """A query counts as one without relevant documents if its gains are below one."""
    kept = [row if max(row) >= 1 else [0.0] * len(row) for row in np.asarray(relevance).tolist()]
    return _ndcg(np.array(kept), scores, k)
