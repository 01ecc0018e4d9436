"""Which samples are positive, and the counts at every threshold."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mlsd_kit.metrics import _checks
from mlsd_kit.metrics._labels import column_of_labels, encode


def two_values(labels: np.ndarray) -> tuple[Any, ...]:
    """The distinct labels, ascending, if there are at most two; else three of them.

    Numbers take two passes instead of a sort: are all of them the smallest or the largest?
    """
    if labels.dtype.kind not in "buif":
        return tuple(encode(labels)[1][:3].tolist())
    low, high = labels.min(), labels.max()
    for block in _checks.blocks(len(labels)):
        between = (labels[block] != low) & (labels[block] != high)
        if between.any():
            return low.item(), labels[block][between][0].item(), high.item()
    return (low.item(),) if low == high else (low.item(), high.item())


def positives(y_true: ArrayLike, pos_label: Any = None) -> np.ndarray:
    """Which samples carry the positive label, as bools.

    Without ``pos_label`` the labels must be {0, 1} or {-1, 1} (or one of these alone), and 1 is
    the positive one; a guess for any other labels would be wrong half of the time.
    """
    labels = column_of_labels(y_true, "y_true")
    classes = two_values(labels)
    if pos_label is None:
        if classes not in ((0, 1), (-1, 1), (0,), (-1,), (1,)):
            if len(classes) > 2:
                raise ValueError(
                    "multiclass format is not supported: y_true holds more than two labels;"
                    " pass pos_label to score one of them against the rest."
                )
            shown = ", ".join(map(repr, classes))
            raise ValueError(
                f"y_true takes value in {{{shown}}} and pos_label is not specified: either make"
                " y_true take value in {0, 1} or {-1, 1} or pass pos_label explicitly."
            )
        pos_label = 1
    return np.asarray(labels == pos_label)


class Thresholds(NamedTuple):
    """Counts of false and true positives when all scores at or above a threshold are positive."""

    fps: np.ndarray
    tps: np.ndarray
    thresholds: np.ndarray
    """Distinct scores, descending."""


def at_thresholds(
    positive: np.ndarray, y_score: ArrayLike, sample_weight: ArrayLike | None = None
) -> Thresholds:
    """Sort by score, accumulate, keep the last row of every run of equal scores."""
    score = _checks.numeric(y_score, "y_score")
    _checks.same_length(y_true=positive, y_score=score)
    weight = _checks.weights(sample_weight, len(score))
    if weight is not None and not weight.all():
        counted = weight != 0  # a sample of weight 0 must not add a threshold
        positive, score, weight = positive[counted], score[counted], weight[counted]
    order = np.argsort(score, kind="stable")[::-1]
    score, positive = score[order], positive[order]
    last = np.append(np.flatnonzero(score[1:] != score[:-1]), len(score) - 1)
    if weight is None:
        tps = np.cumsum(positive)[last].astype(float)
        return Thresholds(1.0 + last - tps, tps, score[last])
    weight = weight[order].astype(float)
    tps = np.cumsum(weight * positive)[last]
    # its own running sum: a difference could decrease by a rounding error
    fps = np.cumsum(weight * ~positive)[last]
    return Thresholds(fps, tps, score[last])
