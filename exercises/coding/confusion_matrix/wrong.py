"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import numpy as np


def _right(y_true, y_pred, labels, normalize, dtype=np.int64):
    known = sorted({*list(y_true), *list(y_pred)}) if labels is None else list(labels)
    place = {label: at for at, label in enumerate(known)}
    matrix = np.zeros((len(known), len(known)), dtype=dtype)
    for true, guess in zip(y_true, y_pred, strict=True):
        if true in place and guess in place:
            matrix[place[true], place[guess]] += 1
    if not normalize:
        return matrix
    sums = matrix.sum(axis=1, keepdims=True)
    return matrix / np.where(sums == 0, 1, sums)


def counted_in_eight_bits(y_true, y_pred, labels=None, normalize=False):
    """A count above 127 wraps round: the matrix has the smallest integer type."""
    with np.errstate(all="ignore"):
        return _right(y_true, y_pred, labels, normalize, np.int8)


def shares_of_all_rows_of_the_class(y_true, y_pred, labels=None, normalize=False):
    """Shares are of all rows of the true class, those left out of the matrix too."""
    if not normalize or labels is None:
        return _right(y_true, y_pred, labels, normalize)
    counts = _right(y_true, y_pred, labels, False)
    sums = np.array([max(1, sum(t == label for t in y_true)) for label in labels])
    return counts / sums[:, None]


def capitals_do_not_matter(y_true, y_pred, labels=None, normalize=False):
    """Texts are sorted as in a dictionary, "apple" before "Pear"."""
    if labels is None:
        found = {*list(y_true), *list(y_pred)}
        labels = sorted(found, key=lambda v: v.lower() if isinstance(v, str) else v)
    return _right(y_true, y_pred, labels, normalize)


def no_labels_means_all(y_true, y_pred, labels=None, normalize=False):
    """A list of one label is taken for none at all."""
    short = labels is not None and len(labels) < 2
    return _right(y_true, y_pred, None if short else labels, normalize)
