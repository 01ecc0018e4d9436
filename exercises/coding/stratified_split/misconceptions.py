"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

import numpy as np


def _count(m, test_size):
    return min(max(int(np.floor(m * test_size + 0.5)), 1), m - 1)


def _by_class(y, test_size, seed, count=_count, draw=None):
    y = np.asarray(y)
    rng = np.random.default_rng(seed)
    train, test = [], []
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        members = rng.permutation(members) if draw is None else draw(members)
        n_test = count(len(members), test_size)
        test.append(members[:n_test])
        train.append(members[n_test:])
    return np.concatenate(train), np.concatenate(test)


def plain_random_split(y, test_size, seed):
    """The rows were split without looking at the classes: split each class by itself."""
    order = np.random.default_rng(seed).permutation(len(y))
    n_test = _count(len(y), test_size)
    return order[n_test:], order[:n_test]


def test_rows_stay_in_train(y, test_size, seed):
    """The test rows are in the training part too: every row belongs to exactly one part."""
    _, test = _by_class(y, test_size, seed)
    return np.arange(len(y)), test


def drawn_with_replacement(y, test_size, seed):
    """The test rows were drawn with replacement: a row then appears twice."""
    y = np.asarray(y)
    rng = np.random.default_rng(seed)
    test = []
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        test.append(rng.choice(members, size=_count(len(members), test_size)))
    test = np.concatenate(test)
    return np.setdiff1d(np.arange(len(y)), test), test


def first_rows_of_each_class(y, test_size, seed):
    """The first rows of each class go to the test part: choose them at random."""
    return _by_class(y, test_size, seed, draw=lambda members: members)


def seed_is_ignored(y, test_size, seed):
    """The seed is not used: other seeds must give other splits."""
    return _by_class(y, test_size, 42)


def halves_to_the_even_number(y, test_size, seed):
    """Halves were rounded to the even number, as Python's round does: round them up."""

    def count(m, share):
        return min(max(round(m * share), 1), m - 1)

    return _by_class(y, test_size, seed, count)


def shares_rounded_down(y, test_size, seed):
    """Shares were rounded down: round to the nearest number, halves up."""

    def count(m, share):
        return min(max(int(m * share), 1), m - 1)

    return _by_class(y, test_size, seed, count)


def rare_classes_are_never_tested(y, test_size, seed):
    """A rare class has no test row: with at least 2 rows it has at least one in each part."""

    def count(m, share):
        return min(int(np.floor(m * share + 0.5)), m - 1)

    return _by_class(y, test_size, seed, count)


def rare_classes_are_never_trained_on(y, test_size, seed):
    """A rare class has no training row: with at least 2 rows it has at least one in each part."""

    def count(m, share):
        return max(int(np.floor(m * share + 0.5)), 1) if m > 1 else 0

    return _by_class(y, test_size, seed, count)


def single_rows_are_tested(y, test_size, seed):
    """A class of a single row went to the test part: it goes to train."""

    def count(m, share):
        return _count(m, share) if m > 1 else 1

    return _by_class(y, test_size, seed, count)


def as_many_of_every_class(y, test_size, seed):
    """Every class has as many test rows as the others: each sends its own share."""
    _, sizes = np.unique(np.asarray(y), return_counts=True)
    return _by_class(y, test_size, seed, lambda m, share: _count(int(sizes.min()), share))


def positions_within_the_class(y, test_size, seed):
    """Positions within each class were returned: they must be row numbers of the whole table."""
    return _by_class(
        y, test_size, seed, draw=lambda m: np.random.default_rng(seed).permutation(len(m))
    )
