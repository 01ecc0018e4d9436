"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import numpy as np


def _resample(X, y, strategy, seed, over, under):
    X, y = np.asarray(X), np.asarray(y)
    rng = np.random.default_rng(seed)
    _, codes, sizes = np.unique(y, return_inverse=True, return_counts=True)
    rows = []
    for code in range(len(sizes)):
        members = np.flatnonzero(codes == code)
        if strategy == "over":
            rows += [*members, *over(rng, members, sizes.max() - len(members))]
        else:
            rows += list(under(rng, members, sizes.min()))
    return X[rows], y[rows]


def _over(rng, members, more):
    return rng.choice(members, more)


def _under(rng, members, size):
    return rng.choice(members, size, replace=False)


def copies_in_shuffled_turn(X, y, strategy, seed):
    """Rows are copied in turn, each as often as the others: that is no draw with replacement."""

    def over(rng, members, more):
        return np.resize(rng.permutation(members), more)

    return _resample(X, y, strategy, seed, over, _under)


def copies_of_one_row(X, y, strategy, seed):
    """One row is drawn, and copied as often as is needed."""

    def over(rng, members, more):
        return np.repeat(rng.choice(members, 1), more)

    return _resample(X, y, strategy, seed, over, _under)


def neighbours_are_kept(X, y, strategy, seed):
    """The rows that stay are neighbours, from a random place on: each is as likely, no pair is."""

    def under(rng, members, size):
        return np.roll(members, rng.integers(len(members)))[:size]

    return _resample(X, y, strategy, seed, _over, under)


def equal_rows_count_once(X, y, strategy, seed):
    """Before rows are dropped, equal rows of a class become one."""
    X, y = np.asarray(X), np.asarray(y)

    def under(rng, members, size):
        _, first = np.unique(X[members], axis=0, return_index=True)
        kept = members[first] if len(first) >= size else members
        return _under(rng, kept, size)

    return _resample(X, y, strategy, seed, _over, under)
