"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd


def _shuffled(rng, n, n_val, n_test):
    order = rng.permutation(n)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


def _constant(X):
    return X.max(axis=0) == X.min(axis=0)


def _split(csv, target, n_val, n_test, seed, parts=_shuffled, constant=_constant, y_type=None):
    table = pd.read_csv(io.StringIO(csv))
    X, y = table.drop(columns=target).to_numpy(dtype=float), table[target].to_numpy()
    rows = parts(np.random.default_rng(seed), len(y), n_val, n_test)
    known = X[rows[0]]
    scale = np.where(constant(known), 1.0, known.std(axis=0))
    centre = np.where(_constant(known), known[0], known.mean(axis=0))
    found = {}
    for name, each in zip(("train", "val", "test"), rows, strict=True):
        found[f"X_{name}"] = (X[each] - centre) / scale
        found[f"y_{name}"] = y[each] if y_type is None else y[each].astype(y_type)
    return found


def constant_if_the_deviation_is_small(csv, target, n_val, n_test, seed):
    """A column of small numbers that do vary counts as constant."""
    return _split(csv, target, n_val, n_test, seed, constant=lambda X: X.std(axis=0) < 1e-6)


def a_rotation_for_a_shuffle(csv, target, n_val, n_test, seed):
    """The file is turned by a random number of rows: neighbours stay together."""

    def parts(rng, n, n_val, n_test):
        order = np.roll(np.arange(n), rng.integers(n))
        return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]

    return _split(csv, target, n_val, n_test, seed, parts)


def validation_rows_follow_the_test_rows(csv, target, n_val, n_test, seed):
    """The test rows are drawn, and the validation rows are those that follow the first of them."""

    def parts(rng, n, n_val, n_test):
        test = rng.choice(n, n_test, replace=False)
        others = np.setdiff1d(np.arange(n), test)
        others = np.roll(others, -np.searchsorted(others, test[0]))
        return others[n_val:], others[:n_val], test

    return _split(csv, target, n_val, n_test, seed, parts)


def test_rows_are_neighbours(csv, target, n_val, n_test, seed):
    """The test rows are neighbours, from a random place on; the validation rows are drawn."""

    def parts(rng, n, n_val, n_test):
        order = np.roll(np.arange(n), rng.integers(n))
        others = rng.permutation(order[n_test:])
        return others[n_val:], others[:n_val], order[:n_test]

    return _split(csv, target, n_val, n_test, seed, parts)


def targets_in_single_precision(csv, target, n_val, n_test, seed):
    """Targets are rounded to 32 bits."""
    return _split(csv, target, n_val, n_test, seed, y_type=np.float32)
