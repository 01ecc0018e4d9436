"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

import numpy as np


def _dcg(gains, k, discount=None):
    ranks = np.arange(1, len(gains) + 1)
    weights = 1 / np.log2(ranks + 1) if discount is None else discount(ranks)
    return float((np.asarray(gains, dtype=float) * weights)[:k].sum())


def _shared(gain, score):
    """Each document's gain replaced by the mean gain of its tie."""
    return np.array([gain[score == value].mean() for value in score])


def _ranked(gain, score):
    return _shared(gain, score)[np.argsort(-score, kind="stable")]


def _queries(relevance, scores):
    return list(zip(np.asarray(relevance, float), np.asarray(scores, float), strict=True))


def _ratio(found, best, otherwise=0.0):
    return found / best if best > 0 else otherwise


def _mean_ndcg(relevance, scores, k, discount=None, rank=_ranked, otherwise=0.0):
    values = []
    for gain, score in _queries(relevance, scores):
        found = _dcg(rank(gain, score), k, discount)
        best = _dcg(np.sort(gain)[::-1], k, discount)
        values.append(_ratio(found, best, otherwise))
    return values if otherwise is None else float(np.mean(values))


def exponential_gain(relevance, scores, k):
    """The gain is 2^rel - 1: the statement takes the relevance itself."""
    return _mean_ndcg(2.0 ** np.asarray(relevance, float) - 1, scores, k)


def ideal_of_the_shown_documents(relevance, scores, k):
    """The ideal re-sorts the k documents that were shown: it must be the best of all documents."""
    values = []
    for gain, score in _queries(relevance, scores):
        shown = _ranked(gain, score)[:k]
        values.append(_ratio(_dcg(shown, k), _dcg(np.sort(shown)[::-1], k)))
    return float(np.mean(values))


def ideal_not_cut_at_k(relevance, scores, k):
    """The ideal sums over all ranks: cut it at k too, or a perfect ranking scores less than 1."""
    values = []
    for gain, score in _queries(relevance, scores):
        best = _dcg(np.sort(gain)[::-1], None)
        values.append(_ratio(_dcg(_ranked(gain, score), k), best))
    return float(np.mean(values))


def k_ignored(relevance, scores, k):
    """All ranks count: only the first k do, in the ranking and in the ideal."""
    return _mean_ndcg(relevance, scores, None)


def first_two_ranks_undiscounted(relevance, scores, k):
    """Rank i was divided by log2(i), with ranks 1 and 2 alike: divide by log2(i + 1)."""
    return _mean_ndcg(relevance, scores, k, lambda ranks: 1 / np.log2(np.maximum(ranks, 2)))


def divided_by_the_rank(relevance, scores, k):
    """The gain was divided by the rank: divide it by log2(rank + 1)."""
    return _mean_ndcg(relevance, scores, k, lambda ranks: 1 / ranks)


def ties_in_input_order(relevance, scores, k):
    """Tied documents count in the order of the input: give each the mean relevance of its tie."""
    return _mean_ndcg(relevance, scores, k, rank=lambda g, s: g[np.argsort(-s, kind="stable")])


def ties_in_the_best_order(relevance, scores, k):
    """Tied documents count most relevant first: a constant score would then rank perfectly."""
    return _mean_ndcg(relevance, scores, k, rank=lambda g, s: g[np.lexsort((-g, -s))])


def lowest_score_first(relevance, scores, k):
    """The ranking starts with the lowest score: the highest is shown first."""
    return _mean_ndcg(relevance, -np.asarray(scores, float), k)


def empty_queries_left_out(relevance, scores, k):
    """A query without a relevant document was left out of the mean: it scores 0 and stays in."""
    values = [v for v in _mean_ndcg(relevance, scores, k, otherwise=None) if v is not None]
    return float(np.mean(values)) if values else 0.0


def empty_queries_are_perfect(relevance, scores, k):
    """A query without a relevant document scored 1: it scores 0."""
    return _mean_ndcg(relevance, scores, k, otherwise=1.0)


def ratio_of_the_means(relevance, scores, k):
    """Sums over all queries were divided: divide within each query, then take the mean."""
    queries = _queries(relevance, scores)
    found = sum(_dcg(_ranked(gain, score), k) for gain, score in queries)
    return _ratio(found, sum(_dcg(np.sort(gain)[::-1], k) for gain, _ in queries))
