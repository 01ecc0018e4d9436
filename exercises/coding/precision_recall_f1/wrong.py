"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import numpy as np


def _scores(hits, flagged, real):
    if hits == 0:
        return 0.0, 0.0, 0.0
    return hits / flagged, hits / real, 2 * hits / (flagged + real)


def _of(real, flagged):
    hits = sum(r and f for r, f in zip(real, flagged, strict=True))
    return _scores(hits, sum(flagged), sum(real))


def no_falsy_positive(y_true, y_pred, positive=1):
    """A positive label 0, False or "" is taken for one that was not given."""
    label = positive or 1
    return _of([bool(t == label) for t in y_true], [bool(p == label) for p in y_pred])


def counted_in_eight_bits(y_true, y_pred, positive=1):
    """More than 255 hits wrap: the counts have the smallest integer type."""
    real = np.array([bool(t == positive) for t in y_true], dtype=bool)
    flagged = np.array([bool(p == positive) for p in y_pred], dtype=bool)
    sums = (np.sum(each, dtype=np.uint8) for each in (real & flagged, flagged, real))
    return _scores(*(int(each) for each in sums))


def labels_as_texts(y_true, y_pred, positive=1):
    """Labels are compared as texts: 1.0 is not 1, and True is not 1."""
    real, flagged = ([str(v) == str(positive) for v in column] for column in (y_true, y_pred))
    return _of(real, flagged)


def only_the_rows_of_two_classes(y_true, y_pred, positive=1):
    """Rows whose prediction is a third class are left out."""
    others = sorted({str(v) for v in y_true if v != positive})[:1]
    rows = [
        (t, p)
        for t, p in zip(list(y_true), list(y_pred), strict=True)
        if p == positive or str(p) in others
    ]
    return _of([bool(t == positive) for t, _ in rows], [bool(p == positive) for _, p in rows])
