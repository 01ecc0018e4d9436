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
    raise NotImplementedError("write ndcg_at_k")
