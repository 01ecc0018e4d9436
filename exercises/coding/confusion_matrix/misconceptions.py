"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

import numpy as np


def _table(y_true: np.ndarray, y_pred: np.ndarray, shown: list, once: bool = False) -> np.ndarray:
    position = {label: place for place, label in enumerate(shown)}
    matrix = np.zeros((len(shown), len(shown)), dtype=int)
    for true, predicted in zip(
        np.asarray(y_true).tolist(), np.asarray(y_pred).tolist(), strict=True
    ):
        if true in position and predicted in position:
            cell = position[true], position[predicted]
            matrix[cell] = 1 if once else matrix[cell] + 1
    return matrix


def _shares(matrix: np.ndarray, axis: int | None = 1) -> np.ndarray:
    return matrix / np.maximum(matrix.sum(axis=axis, keepdims=True), 1)


def _occurring(*arrays: np.ndarray) -> list:
    return sorted(set(np.concatenate([np.asarray(values) for values in arrays]).tolist()))


def rows_are_the_predictions(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """The matrix is transposed: rows are the true labels, columns the predicted ones."""
    shown = _occurring(y_true, y_pred) if labels is None else list(labels)
    matrix = _table(y_pred, y_true, shown)
    return _shares(matrix) if normalize else matrix


def labels_of_the_truth_only(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """Labels were taken from y_true alone: one that is only ever predicted needs a column too."""
    shown = _occurring(y_true) if labels is None else list(labels)
    matrix = _table(y_true, y_pred, shown)
    return _shares(matrix) if normalize else matrix


def labels_in_order_of_appearance(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """Labels stand in the order in which they appear: without `labels` they are ascending."""
    both = np.concatenate([np.asarray(y_true), np.asarray(y_pred)]).tolist()
    shown = list(dict.fromkeys(both)) if labels is None else list(labels)
    matrix = _table(y_true, y_pred, shown)
    return _shares(matrix) if normalize else matrix


def numbers_sorted_as_text(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """Numbers were sorted as text, which puts 10 before 2: sort them by value."""
    shown = sorted(_occurring(y_true, y_pred), key=str) if labels is None else list(labels)
    matrix = _table(y_true, y_pred, shown)
    return _shares(matrix) if normalize else matrix


def given_labels_sorted(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """`labels` was sorted: keep the order that was asked for."""
    shown = _occurring(y_true, y_pred) if labels is None else sorted(labels)
    matrix = _table(y_true, y_pred, shown)
    return _shares(matrix) if normalize else matrix


def given_labels_ignored(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """`labels` was ignored: show exactly the labels it lists, also one that never occurs."""
    matrix = _table(y_true, y_pred, _occurring(y_true, y_pred))
    return _shares(matrix) if normalize else matrix


def other_labels_in_the_last_cell(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """A label that is not listed was counted as another one: leave such samples out."""
    shown = _occurring(y_true, y_pred) if labels is None else list(labels)
    matrix = _table(
        [label if label in shown else shown[-1] for label in np.asarray(y_true).tolist()],
        [label if label in shown else shown[-1] for label in np.asarray(y_pred).tolist()],
        shown,
    )
    return _shares(matrix) if normalize else matrix


def repeated_pairs_counted_once(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """A pair that occurs twice counts once: `matrix[t, p] += 1` with index arrays adds only one."""
    shown = _occurring(y_true, y_pred) if labels is None else list(labels)
    matrix = _table(y_true, y_pred, shown, once=True)
    return _shares(matrix) if normalize else matrix


def divided_by_the_columns(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """Shares of the predicted labels: normalize divides each row by its own sum."""
    shown = _occurring(y_true, y_pred) if labels is None else list(labels)
    matrix = _table(y_true, y_pred, shown)
    return _shares(matrix, axis=0) if normalize else matrix


def divided_by_the_total(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """Shares of all samples: normalize divides each row by its own sum."""
    shown = _occurring(y_true, y_pred) if labels is None else list(labels)
    matrix = _table(y_true, y_pred, shown)
    return _shares(matrix, axis=None) if normalize else matrix


def empty_rows_become_nan(
    y_true: np.ndarray, y_pred: np.ndarray, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """A label that is never true gives 0 / 0 = NaN: its row stays 0."""
    shown = _occurring(y_true, y_pred) if labels is None else list(labels)
    matrix = _table(y_true, y_pred, shown)
    with np.errstate(invalid="ignore"):
        return matrix / matrix.sum(axis=1, keepdims=True) if normalize else matrix
