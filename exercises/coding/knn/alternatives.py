"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import heapq
from collections import Counter

import numpy as np
import pandas as pd


def with_loops(X_train, y_train, X, k):
    labels = np.asarray(y_train).tolist()
    answer = []
    for query in np.asarray(X).tolist():
        pairs = []
        for at, row in enumerate(np.asarray(X_train).tolist()):
            pairs.append((sum((a - b) ** 2 for a, b in zip(query, row, strict=True)), at))
        counts = Counter(labels[at] for _, at in heapq.nsmallest(k, pairs))
        answer.append(min(counts, key=lambda label: (-counts[label], label)))
    return answer


def with_numpy_centred_expansion(X_train, y_train, X, k):
    """The matrix-product form, exact here because the data is centred on a whole number first."""
    centre = np.round(np.mean(X_train, axis=0))
    a, b = X - centre, X_train - centre
    distance = np.round((a * a).sum(1)[:, None] - 2 * (a @ b.T) + (b * b).sum(1))
    order = np.lexsort((np.broadcast_to(np.arange(len(b)), distance.shape), distance))
    classes, codes = np.unique(y_train, return_inverse=True)
    votes = np.zeros((len(a), len(classes)), dtype=int)
    for column in order[:, :k].T:
        votes[np.arange(len(a)), codes[column]] += 1
    return classes[np.argmax(votes, axis=1)]


def with_broadcasting(X_train, y_train, X, k):
    distance = np.linalg.norm(X[:, None] - X_train[None], axis=2)
    nearest = distance.argsort(axis=1, kind="mergesort")[:, : min(k, len(X_train))]
    best = []
    for labels in np.asarray(y_train)[nearest]:
        values, counts = np.unique(labels, return_counts=True)
        best.append(values[counts == counts.max()].min() if values.dtype.kind != "U"
                    else min(values[counts == counts.max()]))  # fmt: skip
    return np.array(best)


def with_pandas(X_train, y_train, X, k):
    known = pd.DataFrame(X_train)
    labels = pd.Series(y_train)
    answer = []
    for query in X:
        distance = known.sub(query, axis=1).pow(2).sum(axis=1)
        nearest = distance.sort_values(kind="stable").index[:k]
        answer.append(labels.loc[nearest].mode().iloc[0])
    return pd.Series(answer)
