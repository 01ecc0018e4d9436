"""The confusion matrix: which label was taken for which, and how often."""

from __future__ import annotations

import numpy as np


def confusion_matrix(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """Count how often each true label (rows) got each predicted label (columns)."""
    # >>> your code
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    ascending = np.unique(np.concatenate([y_true, y_pred]))
    size = len(ascending)
    # each pair of positions is one whole number, so one histogram counts all cells
    pairs = np.searchsorted(ascending, y_true) * size + np.searchsorted(ascending, y_pred)
    matrix = np.bincount(pairs, minlength=size * size).reshape(size, size)
    if labels is not None:
        row_of = {label: row for row, label in enumerate(ascending.tolist())}
        known = [(place, row_of[label]) for place, label in enumerate(labels) if label in row_of]
        shown = np.zeros((len(labels), len(labels)), dtype=int)
        for i, row in known:
            for j, column in known:
                shown[i, j] = matrix[row, column]
        matrix = shown
    if normalize:
        matrix = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    return matrix
    # <<< your code
