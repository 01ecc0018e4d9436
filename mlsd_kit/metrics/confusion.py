"""The confusion matrix and accuracy."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from mlsd_kit.metrics import _checks
from mlsd_kit.metrics._labels import pair, pair_counts, positions


def confusion_matrix(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    normalize: Literal["true", "pred", "all"] | None = None,
) -> np.ndarray:
    """Count how often each true label (rows) got each predicted label (columns).

    The textbook form is ``for t, p in zip(y_true, y_pred): matrix[t, p] += 1``. Here each pair
    becomes one integer, ``t * n_labels + p``, and a histogram counts the integers block by block.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Labels: integers, bools or strings.
    labels : array-like of shape (n_labels,), default=None
        Which labels to show, in which order; pairs with any other label are left out.
        By default every label that occurs, ascending.
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    normalize : {"true", "pred", "all"}, default=None
        Divide by the row sums, the column sums or the total. An empty row or column gives 0.

    Returns
    -------
    ndarray of shape (n_labels, n_labels)
        Integers, or floats with ``normalize`` or fractional weights.

    Raises
    ------
    ValueError
        If the inputs are empty, of different length, continuous, or if none of ``labels``
        occurs in ``y_true``.

    Examples
    --------
    >>> confusion_matrix([0, 1, 1, 1], [0, 0, 1, 1])
    array([[1, 0],
           [1, 2]])
    >>> confusion_matrix(["cat", "dog", "dog"], ["dog", "dog", "cat"], labels=["dog", "cat"])
    array([[1, 1],
           [1, 0]])
    """
    if normalize not in ("true", "pred", "all", None):
        raise ValueError(f"normalize={normalize!r}: use 'true', 'pred', 'all' or None.")
    pairs = pair(y_true, y_pred)
    weight = _checks.weights(sample_weight, len(pairs.true))
    table = pair_counts(pairs, weight)
    occurs = pair_counts(pairs) if weight is not None else table
    matrix = _select(table, occurs, pairs.classes, labels)
    if matrix.shape == (1, 1):
        warnings.warn(
            "A single label was found in 'y_true' and 'y_pred'; pass all known labels as"
            " 'labels' for a confusion matrix of the correct shape.",
            UserWarning,
            stacklevel=2,
        )
    return matrix if normalize is None else _normalized(matrix, normalize)


def _select(
    table: np.ndarray, occurs: np.ndarray, classes: np.ndarray, labels: ArrayLike | None
) -> np.ndarray:
    """The rows and columns of ``table`` that are asked for, zeros for labels that never occur."""
    if labels is None:
        keep = np.flatnonzero(occurs.sum(axis=0) + occurs.sum(axis=1))
        return table[np.ix_(keep, keep)]
    wanted = np.asarray(labels)
    if wanted.ndim != 1 or wanted.size == 0:
        raise ValueError("'labels' should contain at least one label, in one dimension.")
    index = positions(wanted, classes)
    known = index >= 0
    if not occurs[index[known]].any():
        raise ValueError("At least one label specified must be in y_true: check 'labels'.")
    matrix = np.zeros((len(wanted), len(wanted)), dtype=table.dtype)
    matrix[np.ix_(known, known)] = table[np.ix_(index[known], index[known])]
    return matrix


def _normalized(matrix: np.ndarray, by: str) -> np.ndarray:
    total = {
        "true": matrix.sum(axis=1, keepdims=True),
        "pred": matrix.sum(axis=0, keepdims=True),
        "all": matrix.sum(keepdims=True),
    }[by]
    return np.divide(matrix, total, out=np.zeros(matrix.shape), where=total != 0)


def accuracy_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    normalize: bool = True,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Share of the samples whose predicted label is the true one.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Labels: integers, bools or strings.
    normalize : bool, default=True
        The share if True, else the (weighted) number of correct predictions.
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.

    Returns
    -------
    float
        In [0, 1], or a count if ``normalize`` is False.

    Raises
    ------
    ValueError
        If the inputs are empty, of different length, or continuous.

    Examples
    --------
    >>> accuracy_score([0, 1, 2, 3], [0, 2, 1, 3])
    0.5
    """
    pairs = pair(y_true, y_pred)
    weight = _checks.weights(sample_weight, len(pairs.true))
    hits = total = 0.0
    for block in _checks.blocks(len(pairs.true)):
        hit = pairs.true[block] == pairs.pred[block]
        if weight is None:
            hits, total = hits + np.count_nonzero(hit), total + len(hit)
        else:
            hits, total = hits + weight[block][hit].sum(), total + weight[block].sum()
    return _checks.trimmed(float(hits / total)) if normalize else float(hits)
