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
