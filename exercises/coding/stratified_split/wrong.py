"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import math

import numpy as np


def _split(
    y, test_size, seed, names=lambda y: y, choose=lambda rng, members: rng.permutation(members)
):
    y = names(np.asarray(y))
    rng = np.random.default_rng(seed)
    train, test = [], []
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        size = math.floor(len(members) * test_size + 0.5)
        size = min(max(size, 1), len(members) - 1)
        order = choose(rng, members)
        test += list(order[:size])
        train += list(order[size:])
    return np.array(train, dtype=int), np.array(test, dtype=int)


def neighbours_of_a_class(y, test_size, seed):
    """The test rows of a class are neighbours, from a random place on."""

    def choose(rng, members):
        return np.roll(members, rng.integers(len(members)))

    return _split(y, test_size, seed, choose=choose)


def a_generator_for_each_class(y, test_size, seed):
    """Each class begins with the same seed: classes of a size get rows at the same places."""

    def choose(rng, members):
        return np.random.default_rng(seed).permutation(members)

    return _split(y, test_size, seed, choose=choose)


def long_names_cut(y, test_size, seed):
    """Class names are cut after eight letters: two classes become one."""

    def names(y):
        return y.astype("U8") if y.dtype.kind == "U" else y

    return _split(y, test_size, seed, names)


def classes_by_their_size(y, test_size, seed):
    """Class numbers are kept in eight bits: 256 and 0 become one class."""

    def names(y):
        return y if y.dtype.kind == "U" else y.astype(np.uint8)

    return _split(y, test_size, seed, names)


def every_second_row_first(y, test_size, seed):
    """Rows are drawn from those at even places of the class first, or from those at odd places."""

    def choose(rng, members):
        start = rng.integers(2)
        return np.concatenate([rng.permutation(members[at::2]) for at in (start, 1 - start)])

    return _split(y, test_size, seed, choose=choose)
