"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd


def with_loops(X, y, strategy, seed):
    """Lists and the standard library's generator."""
    generator = random.Random(seed)
    members = {}
    for row, label in enumerate(y):
        members.setdefault(label, []).append(row)
    sizes = [len(rows) for rows in members.values()]
    X_new, y_new = [], []
    for label, rows in members.items():
        if strategy == "over":
            chosen = rows + [generator.choice(rows) for _ in range(max(sizes) - len(rows))]
        else:
            chosen = generator.sample(rows, min(sizes))
        X_new += [X[row] for row in chosen]
        y_new += [label] * len(chosen)
    return np.array(X_new), y_new


def with_numpy(X, y, strategy, seed):
    """Shuffle all rows once; number the rows of each class, then keep or repeat by number."""
    X, y, rng = np.array(X), np.array(y), np.random.default_rng(seed)
    _, code, size = np.unique(y, return_inverse=True, return_counts=True)
    order = rng.permutation(len(y))
    order = order[np.argsort(code[order], kind="stable")]  # class by class, random within
    start = np.cumsum(size) - size
    if strategy == "under":
        rows = order[(start[:, None] + np.arange(size.min())).ravel()]
    else:
        missing = size.max() - size
        within = np.concatenate([rng.integers(0, s, m) for s, m in zip(size, missing, strict=True)])
        rows = np.concatenate([np.arange(len(y)), order[np.repeat(start, missing) + within]])
    rows = rng.permutation(rows)
    return X[rows], y[rows]


def with_pandas(X, y, strategy, seed):
    """Sample the groups of a frame."""
    frame = pd.DataFrame(np.asarray(X)).assign(label=np.asarray(y))
    sizes = frame["label"].value_counts()
    parts = []
    for number, (_, group) in enumerate(frame.groupby("label")):
        if strategy == "over":
            state = 1000 * seed + number
            more = group.sample(sizes.max() - len(group), replace=True, random_state=state)
            parts.append(pd.concat([group, more]))
        else:
            parts.append(group.sample(sizes.min(), random_state=1000 * seed + number))
    result = pd.concat(parts, ignore_index=True)
    return result.drop(columns="label").to_numpy(), result["label"]
