"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import permutations

import numpy as np
import pandas as pd


def with_loops(relevance, scores, k):
    """Plain Python, one query at a time; natural logarithms, whose base cancels."""
    total = 0.0
    for gains, row in zip(relevance, scores, strict=True):
        ties = defaultdict(list)
        for gain, score in zip(gains, row, strict=True):
            ties[score].append(gain)
        shown = []
        for score in sorted(ties, reverse=True):
            shown += [sum(ties[score]) / len(ties[score])] * len(ties[score])
        ideal = sorted(gains, reverse=True)
        best = sum(gain / math.log(i + 2) for i, gain in enumerate(ideal[:k]))
        if best > 0:
            total += sum(gain / math.log(i + 2) for i, gain in enumerate(shown[:k])) / best
    return total / len(relevance)


def with_numpy(relevance, scores, k):
    """All queries at once: every score compared with every other one of its query."""
    gains, scores = np.asarray(relevance, dtype=float), np.asarray(scores, dtype=float)
    tied = scores[:, :, None] == scores[:, None, :]
    shared = (tied * gains[:, None, :]).sum(axis=2) / tied.sum(axis=2)
    order = np.argsort(-scores, axis=1)
    weights = 1 / np.log2(2 + np.arange(min(k, gains.shape[1])))
    found = np.take_along_axis(shared, order, axis=1)[:, : len(weights)] @ weights
    best = -np.sort(-gains, axis=1)[:, : len(weights)] @ weights
    return np.divide(found, best, out=np.zeros_like(found), where=best > 0).mean()


def with_pandas(relevance, scores, k):
    """One long table of query, score and gain; ties by a grouped mean."""
    gains = pd.DataFrame(relevance, dtype=float).stack().rename("gain")
    table = pd.concat([gains, pd.DataFrame(scores).stack().rename("score")], axis=1)
    table.index.names = ["query", "document"]
    table = table.reset_index()
    table["shared"] = table.groupby(["query", "score"])["gain"].transform("mean")

    def dcg(by, value):
        ordered = table.sort_values(by, ascending=False)
        rank = ordered.groupby("query").cumcount() + 1
        part = (ordered[value] / np.log2(rank + 1)).where(rank <= k, 0.0)
        return part.groupby(ordered["query"]).sum()

    return float((dcg("score", "shared") / dcg("gain", "gain")).fillna(0.0).mean())


def with_the_expectation_spelt_out(relevance, scores, k):
    """The mean over the orders of each tie: all of them, or for a long tie all rotations."""
    values = []
    for gains, row in zip(np.asarray(relevance, float), np.asarray(scores, float), strict=True):
        found, place = 0.0, 0
        for score in sorted(set(row.tolist()), reverse=True):
            tie = gains[row == score]
            orders = (
                list(permutations(tie))
                if len(tie) <= 4
                else [np.roll(tie, shift) for shift in range(len(tie))]
            )  # each document stands equally often at each place
            for order in orders:
                for i, gain in enumerate(order, start=place):
                    found += gain / np.log2(i + 2) / len(orders) * (i < k)
            place += len(tie)
        best = sum(g / np.log2(i + 2) for i, g in enumerate(sorted(gains)[::-1][:k]))
        values.append(found / best if best else 0.0)
    return np.mean(values)
