"""Labels of any kind as small integers, and the counts of (true, predicted) pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from mlsd_kit._vector import plain_labels
from mlsd_kit.metrics._checks import BLOCK, blocks, column, same_length

SMALL = 128
"""Up to this many labels all pairs are counted in one table that fits in the cache."""


@dataclass(frozen=True)
class LabelPair:
    """True and predicted labels on one scale: the code of a label is its value minus ``low``."""

    classes: np.ndarray
    """What each code stands for, ascending; may hold values that never occur."""
    true: np.ndarray
    pred: np.ndarray
    low: int

    def codes(self, side: np.ndarray, block: slice) -> np.ndarray:
        """Codes of one block. Cast first: -128 - 127 does not fit the int8 it came from."""
        return side[block].astype(np.intp) - self.low


@dataclass(frozen=True)
class Counts:
    """Weighted counts of each label that occurs: predicted right, predicted, true."""

    classes: np.ndarray
    tp: np.ndarray
    pred: np.ndarray
    true: np.ndarray


def pair(y_true: ArrayLike, y_pred: ArrayLike) -> LabelPair:
    """Put both sides on one scale: by an offset where they are small integers, else by look-up."""
    true, pred = column_of_labels(y_true, "y_true"), column_of_labels(y_pred, "y_pred")
    same_length(y_true=true, y_pred=pred)
    if true.dtype.kind in "buif" and pred.dtype.kind in "buif":
        low = min(true.min(), pred.min())
        high = max(true.max(), pred.max())
        if abs(int(low)) < 2**62 and int(high) - int(low) < SMALL:
            return LabelPair(np.arange(int(low), int(high) + 1), true, pred, int(low))
    elif (true.dtype.kind in "buif") != (pred.dtype.kind in "buif"):
        raise ValueError(
            "Mix of label input types (string and number) in y_true and y_pred:"
            " give both the same type."
        )
    codes, classes = encode(_stacked(true, pred))
    return LabelPair(classes, codes[: len(true)], codes[len(true) :], 0)


def _stacked(true: np.ndarray, pred: np.ndarray) -> np.ndarray:
    """Both sides in one array, without losing a digit of a large number.

    NumPy stacks int64 on uint64 or float64 as float64, in which neighbours from 2**53 on are one.
    """
    both = np.concatenate([true, pred])
    if both.dtype.kind != "f" or max(abs(both.min()), abs(both.max())) < 2**53:
        return both
    return np.array([int(label) for label in [*true.tolist(), *pred.tolist()]], dtype=object)


def column_of_labels(values: ArrayLike, name: str) -> np.ndarray:
    """``values`` as a 1-D array of class labels: integers, bools, whole floats or strings."""
    labels = column(values, name)
    if labels.dtype.kind == "O":
        labels = plain_labels(labels, name)
    if labels.dtype.kind == "f" and not all(_whole(labels[b]) for b in blocks(len(labels))):
        found = "continuous values" if np.isfinite(labels).all() else "NaN or infinity"
        raise ValueError(
            f"{name} contains {found}, and continuous is not supported:"
            " pass class labels (threshold scores first)."
        )
    if labels.dtype.kind not in "buifOU":
        raise ValueError(f"{name} has dtype {labels.dtype}: pass numbers or strings as labels.")
    return labels


def _whole(block: np.ndarray) -> bool:
    return bool(np.isfinite(block).all() and (block == np.trunc(block)).all())


def encode(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes and the ascending distinct labels: hash the rows, sort only what is distinct."""
    codes, seen = pd.factorize(labels.astype(object) if labels.dtype.kind == "U" else labels)
    seen = np.asarray(seen)
    order = np.argsort(seen, kind="stable")
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    return rank[codes], seen[order]


def pair_counts(pairs: LabelPair, sample_weight: np.ndarray | None = None) -> np.ndarray:
    """Counts of shape (n_classes, n_classes), true by predicted, one block at a time.

    The textbook form is a loop, ``table[true, pred] += 1``. Writing each pair as one number,
    ``true * n_classes + pred``, turns it into a histogram.
    """
    n_classes = len(pairs.classes)
    whole = sample_weight is None or sample_weight.dtype.kind in "bui"
    table = np.zeros(n_classes**2, dtype=np.int64 if whole else np.float64)
    for block in blocks(len(pairs.true), max(BLOCK, 4 * n_classes**2)):
        cell = pairs.codes(pairs.true, block)
        cell *= n_classes
        cell += pairs.codes(pairs.pred, block)
        if sample_weight is None:
            table += np.bincount(cell, minlength=n_classes**2)
        elif whole:  # bincount sums in float64: not exact above 2**53
            np.add.at(table, cell, sample_weight[block].astype(np.int64))
        else:
            table += np.bincount(cell, sample_weight[block], minlength=n_classes**2)
    return table.reshape(n_classes, n_classes)


def count(pairs: LabelPair, sample_weight: np.ndarray | None = None) -> Counts:
    """The three sums that precision, recall and F need, for the labels that occur."""
    n_classes = len(pairs.classes)
    if n_classes <= SMALL:
        table = pair_counts(pairs, sample_weight)
        occurs = pair_counts(pairs) if sample_weight is not None else table
        tp, pred, true = np.diag(table), table.sum(axis=0), table.sum(axis=1)
        keep = (occurs.sum(axis=0) + occurs.sum(axis=1)) > 0
        return Counts(pairs.classes[keep], tp[keep], pred[keep], true[keep])
    # with many labels the square table would not fit: three histograms instead
    hit = pairs.true == pairs.pred
    tp = np.bincount(pairs.true[hit], _of(sample_weight, hit), minlength=n_classes)
    pred = np.bincount(pairs.pred, sample_weight, minlength=n_classes)
    true = np.bincount(pairs.true, sample_weight, minlength=n_classes)
    return Counts(pairs.classes, tp, pred, true)


def _of(sample_weight: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    return None if sample_weight is None else sample_weight[rows]


def positions(wanted: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Index of each wanted label in ``classes``, -1 where it does not occur."""
    where = {label: index for index, label in enumerate(classes.tolist())}
    return np.array([where.get(label, -1) for label in wanted.tolist()], dtype=np.intp)
