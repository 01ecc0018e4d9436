"""NDCG@k: how good a ranking is compared with the best possible one."""

from __future__ import annotations

import numpy as np


def ndcg_at_k(relevance: np.ndarray, scores: np.ndarray, k: int) -> float:
    """Mean over the queries of the DCG@k of the ranking over the best possible one; ties averaged.

    Parameters
    ----------
    relevance, scores : array-like of shape (q, n)
        Relevance of each document, and the ranker's score: highest first.
    k : int
        How many ranks count.

    Returns
    -------
    float
        In [0, 1]; a query without a relevant document scores 0.
    """
    # >>> your code
    relevance, scores = np.asarray(relevance, dtype=float), np.asarray(scores)
    discount = 1 / np.log2(np.arange(2, relevance.shape[1] + 2))
    discount[k:] = 0
    total = 0.0
    for gain, score in zip(relevance, scores, strict=True):
        _, group, size = np.unique(-score, return_inverse=True, return_counts=True)
        expected = np.bincount(group, weights=gain) / size  # mean gain of each tie, best first
        dcg = np.repeat(expected, size) @ discount
        best = np.sort(gain)[::-1] @ discount
        if best > 0:
            total += dcg / best
    return float(total / len(relevance))
    # <<< your code
