"""Load, split, normalise: nothing that the model is trained on may know the test rows."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd


def split_normalise(
    csv: str, target: str, n_val: int, n_test: int, seed: int
) -> dict[str, np.ndarray]:
    """Train, validation and test parts of a table, normalised by what the training rows say.

    Parameters
    ----------
    csv : str
        The text of a CSV file of numbers.
    target : str
        The column to predict.
    n_val, n_test : int
        Rows to set aside.
    seed : int

    Returns
    -------
    dict
        "X_train", "y_train", "X_val", "y_val", "X_test", "y_test".
    """
    # >>> your code
    table = pd.read_csv(io.StringIO(csv))
    X = table.drop(columns=target).to_numpy(dtype=float)
    y = table[target].to_numpy()
    order = np.random.default_rng(seed).permutation(len(table))
    test, val, train = np.split(order, [n_test, n_test + n_val])
    mean, deviation = X[train].mean(axis=0), X[train].std(axis=0)
    # by the values: the deviation of equal decimals such as 0.1 is not exactly 0
    deviation[X[train].max(axis=0) == X[train].min(axis=0)] = 1.0
    parts = {}
    for name, rows in {"train": train, "val": val, "test": test}.items():
        parts[f"X_{name}"] = (X[rows] - mean) / deviation
        parts[f"y_{name}"] = y[rows]
    return parts
    # <<< your code
