"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd


def with_loops(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> list:
    """A dictionary of positions and one step a sample; lists all the way."""
    shown = sorted({*list(y_true), *list(y_pred)}) if labels is None else list(labels)
    position = {label: place for place, label in enumerate(shown)}
    matrix = [[0] * len(shown) for _ in shown]
    for true, predicted in zip(y_true, y_pred, strict=True):
        if true in position and predicted in position:
            matrix[position[true]][position[predicted]] += 1
    if normalize:
        for row in matrix:
            total = sum(row)
            row[:] = [count / total if total else 0.0 for count in row]
    return matrix


def with_numpy(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """Indicator matrices: one product counts every pair."""
    shown = np.unique(np.append(y_true, y_pred)) if labels is None else np.asarray(labels)
    is_true = np.asarray(y_true)[:, None] == shown
    is_predicted = np.asarray(y_pred)[:, None] == shown
    matrix = is_true.astype(int).T @ is_predicted.astype(int)
    if not normalize:
        return matrix
    total = matrix.sum(axis=1, keepdims=True)
    return np.divide(matrix, total, out=np.zeros(matrix.shape), where=total > 0)


def with_pandas(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """crosstab, completed by the labels that are missing."""
    table = pd.crosstab(np.asarray(y_true), np.asarray(y_pred))
    shown = table.index.union(table.columns) if labels is None else pd.Index(labels)
    table = table.reindex(index=shown, columns=shown, fill_value=0)
    if normalize:
        table = table.div(table.sum(axis=1), axis=0).fillna(0.0)
    return table.to_numpy()


def with_a_counter(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """Count pairs, then look every cell up."""
    counts = Counter(zip(list(y_true), list(y_pred), strict=True))
    shown = sorted({label for pair in counts for label in pair}) if labels is None else labels
    matrix = np.array([[counts[true, predicted] for predicted in shown] for true in shown])
    return matrix / np.clip(matrix.sum(axis=1)[:, None], 1, None) if normalize else matrix
