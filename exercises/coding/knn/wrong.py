"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import numpy as np


def _vote(labels):
    return min(set(labels), key=lambda label: (-labels.count(label), label))


def _predict(X_train, y_train, X, k, nearest):
    labels = np.asarray(y_train).tolist()
    votes = [_vote([labels[i] for i in nearest(X_train - row)[:k]]) for row in X]
    return np.array(votes, dtype=np.asarray(y_train).dtype)


def _in_order(gaps):
    return np.argsort((gaps**2).sum(axis=1), kind="stable")


def text_cut_to_the_first_label(X_train, y_train, X, k):
    """The answers have the length of the first label: longer texts are cut."""
    right = _predict(X_train, y_train, X, k, _in_order)
    return right.astype(np.array(np.asarray(y_train).tolist()[:1]).dtype)


def in_single_precision(X_train, y_train, X, k):
    """Coordinates are rounded to 32 bits."""
    small, queries = X_train.astype(np.float32), X.astype(np.float32)
    return _predict(small, y_train, queries, k, _in_order)


def last_row_wins_a_tie(X_train, y_train, X, k):
    """Of two rows at the same distance the later one counts as nearer."""

    def late(gaps):
        return len(gaps) - 1 - np.argsort((gaps[::-1] ** 2).sum(axis=1), kind="stable")

    return _predict(X_train, y_train, X, k, late)


def queries_without_their_twins(X_train, y_train, X, k):
    """A training row at distance 0 is left out, as if it were the query itself."""

    def others(gaps):
        order = _in_order(gaps)
        apart = order[(gaps[order] != 0).any(axis=1)]
        return apart if len(apart) else order

    return _predict(X_train, y_train, X, k, others)
