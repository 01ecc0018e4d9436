"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import numpy as np
import pandas as pd


def with_loops(train, values):
    categories = sorted(set(train) - {None})
    return [[int(value == category) for category in categories] for value in values]


def with_numpy(train, values):
    known = [value for value in train if value is not None]
    if not known:
        return np.zeros((len(values), 0), dtype=int)
    categories = np.unique(known)
    filled = np.array([categories[0] if value is None else value for value in values])
    at = np.minimum(np.searchsorted(categories, filled), len(categories) - 1)
    valid = (categories[at] == filled) & np.array([value is not None for value in values])
    return np.eye(len(categories), dtype=int)[at] * valid[:, None]


def with_broadcasting(train, values):
    categories = np.array(sorted({v for v in train if v is not None}), dtype=object)
    return np.array(values, dtype=object)[:, None] == categories[None, :]


def with_pandas(train, values):
    categories = sorted(pd.Series(train, dtype=object).dropna().unique())
    column = pd.Series(pd.Categorical(values, categories=categories))
    return pd.get_dummies(column, dtype=float)
