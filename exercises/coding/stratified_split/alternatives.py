"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import math
import random
from collections import defaultdict

import numpy as np
import pandas as pd


def with_loops(y, test_size, seed):
    """A dictionary of members and the standard library's generator; lists all the way."""
    generator = random.Random(seed)
    members = defaultdict(list)
    for row, label in enumerate(y):
        members[label].append(row)
    train, test = [], []
    for rows in members.values():
        wanted = math.floor(len(rows) * test_size + 0.5)
        wanted = max(1, min(wanted, len(rows) - 1)) if len(rows) >= 2 else 0
        chosen = set(generator.sample(rows, wanted))
        for row in rows:
            (test if row in chosen else train).append(row)
    return train, test


def with_numpy(y, test_size, seed):
    """No loop: one random number a row, sorted within the class; the lowest ranks are tested."""
    _, code, size = np.unique(y, return_inverse=True, return_counts=True)
    order = np.lexsort((np.random.default_rng(seed).random(len(code)), code))
    start = np.cumsum(size) - size
    rank = np.empty(len(code), dtype=int)
    rank[order] = np.arange(len(code)) - start[code[order]]
    wanted = np.minimum(np.maximum(np.floor(size * test_size + 0.5), 1), size - 1)
    tested = rank < wanted[code]
    return np.flatnonzero(~tested), np.flatnonzero(tested)


def with_pandas(y, test_size, seed):
    """Shuffle all rows, then number them within their class."""
    labels = pd.Series(list(y)).sample(frac=1, random_state=seed)
    size = labels.groupby(labels).transform("size")
    wanted = (size * test_size + 0.5).astype(int).clip(lower=1).clip(upper=size - 1)
    tested = labels.groupby(labels).cumcount() < wanted
    return labels.index[~tested].to_numpy(), labels.index[tested].to_numpy()
