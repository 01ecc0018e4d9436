"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

from collections import Counter

import numpy as np


def _squared(X_train, X):
    return ((np.asarray(X)[:, None, :] - np.asarray(X_train)[None, :, :]) ** 2).sum(axis=2)


def _neighbours(X_train, X, k):
    return np.argsort(_squared(X_train, X), axis=1, kind="stable")[:, :k]


def _majority(labels):
    """The most frequent label, the lowest of equals."""
    values, counts = np.unique(labels, return_counts=True)
    return values[counts.argmax()]


def _vote(y_train, nearest, vote=_majority):
    y_train = np.asarray(y_train)
    return np.array([vote(y_train[rows]) for rows in nearest], dtype=y_train.dtype)


def farthest_instead_of_nearest(X_train, y_train, X, k):
    """The k farthest rows vote: sort the distances upwards."""
    return _vote(y_train, np.argsort(-_squared(X_train, X), axis=1, kind="stable")[:, :k])


def only_the_nearest_counts(X_train, y_train, X, k):
    """Only the nearest row decides: let all k vote."""
    return _vote(y_train, _neighbours(X_train, X, 1))


def everybody_votes(X_train, y_train, X, k):
    """All rows vote, so every query gets the most frequent label: let the k nearest vote."""
    return _vote(y_train, _neighbours(X_train, X, len(X_train)))


def tied_vote_to_the_nearest(X_train, y_train, X, k):
    """A tied vote goes to the label met first, as Counter.most_common does: the lowest
    label wins.
    """

    def vote(labels):
        return Counter(labels.tolist()).most_common(1)[0][0]

    return _vote(y_train, _neighbours(X_train, X, k), vote)


def tied_vote_to_the_highest_label(X_train, y_train, X, k):
    """A tied vote goes to the highest label: the lowest wins."""

    def vote(labels):
        values, counts = np.unique(labels, return_counts=True)
        return values[::-1][counts[::-1].argmax()]

    return _vote(y_train, _neighbours(X_train, X, k), vote)


def tied_distance_to_the_lowest_label(X_train, y_train, X, k):
    """Pairs (distance, label) were sorted, so the label breaks a tie of distances: the row order
    does.
    """
    y_train = np.asarray(y_train)
    rows = [np.lexsort((y_train, distances))[:k] for distances in _squared(X_train, X)]
    return _vote(y_train, rows)


def tied_distance_to_the_last_row(X_train, y_train, X, k):
    """Of rows at the same distance the last one comes first: sort stably, so that the first one
    does.
    """
    n = len(X_train)
    rows = [np.lexsort((-np.arange(n), distances))[:k] for distances in _squared(X_train, X)]
    return _vote(y_train, rows)


def skips_the_nearest(X_train, y_train, X, k):
    """The nearest row is left out as if it were the query itself: a query is no training row."""
    nearest = _neighbours(X_train, X, k + 1)
    return _vote(y_train, nearest[:, 1:] if nearest.shape[1] > 1 else nearest)


def near_neighbours_weigh_more(X_train, y_train, X, k):
    """Votes are weighted by 1 / distance: here every neighbour has one vote."""
    y_train = np.asarray(y_train)
    distances, answer = np.sqrt(_squared(X_train, X)), []
    for rows, row in zip(_neighbours(X_train, X, k), distances, strict=True):
        weights = 1 / np.maximum(row[rows], 1e-12)
        classes = np.unique(y_train[rows])
        answer.append(classes[np.argmax([weights[y_train[rows] == c].sum() for c in classes])])
    return np.array(answer, dtype=y_train.dtype)


def city_blocks(X_train, y_train, X, k):
    """Distances are sums of absolute differences: square the differences."""
    distance = np.abs(np.asarray(X)[:, None, :] - np.asarray(X_train)[None, :, :]).sum(axis=2)
    return _vote(y_train, np.argsort(distance, axis=1, kind="stable")[:, :k])


def difference_of_norms(X_train, y_train, X, k):
    """The lengths of the two vectors are compared: take the length of their difference."""
    known, queries = np.linalg.norm(X_train, axis=1), np.linalg.norm(X, axis=1)
    distance = np.abs(queries[:, None] - known[None, :])
    return _vote(y_train, np.argsort(distance, axis=1, kind="stable")[:, :k])


def digits_lost_far_from_the_origin(X_train, y_train, X, k):
    """|x|² - 2xy + |y|² loses its digits far from the origin: subtract first, or centre
    the data.
    """
    known, queries = np.asarray(X_train), np.asarray(X)
    distance = (queries**2).sum(1)[:, None] - 2 * queries @ known.T + (known**2).sum(1)
    return _vote(y_train, np.argsort(distance, axis=1, kind="stable")[:, :k])


def features_are_scaled(X_train, y_train, X, k):
    """The features were standardised first: here they count as they are."""
    known = np.asarray(X_train)
    spread = known.std(axis=0)
    spread = np.where(spread == 0, 1.0, spread)
    return _vote(y_train, _neighbours(known / spread, np.asarray(X) / spread, k))
