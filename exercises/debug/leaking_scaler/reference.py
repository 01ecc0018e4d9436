"""Load a table, split it into train, validation and test, and normalise the features."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd


class Scaler:
    """Subtracts the mean and divides by the standard deviation; constant features stay unscaled."""

    def fit(self, X: np.ndarray) -> Scaler:
        self.mean_ = X.mean(axis=0)
        deviation = X.std(axis=0)
        self.scale_ = np.where(X.max(axis=0) == X.min(axis=0), 1.0, deviation)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        return (X - self.mean_) / self.scale_


def load(csv: str, target: str) -> tuple[np.ndarray, np.ndarray]:
    """Features and target of the table."""
    table = pd.read_csv(io.StringIO(csv))
    return table.drop(columns=target).to_numpy(dtype=float), table[target].to_numpy()


def split_normalise(
    csv: str, target: str, n_val: int, n_test: int, seed: int
) -> dict[str, np.ndarray]:
    """Train, validation and test parts with normalised features."""
    X, y = load(csv, target)
    order = np.random.default_rng(seed).permutation(len(y))
    rows = {
        "test": order[:n_test],
        "val": order[n_test : n_test + n_val],
        "train": order[n_test + n_val :],
    }
    scaler = Scaler().fit(X[rows["train"]])  # split first: only these rows may be known
    parts = {}
    for name in ("train", "val", "test"):
        parts[f"X_{name}"] = scaler.transform(X[rows[name]])
        parts[f"y_{name}"] = y[rows[name]]
    return parts
