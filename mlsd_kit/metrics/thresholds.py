"""The cut-off that costs least when the two kinds of error have a price."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mlsd_kit.metrics._binary import at_thresholds, positives


class CostThreshold(NamedTuple):
    """Result of `cost_threshold`."""

    threshold: float
    """Treat a sample as positive if its score is at least this; inf treats none."""
    cost: float
    """Total cost of the errors at this threshold, in the unit of the two prices."""


def cost_threshold(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    cost_fp: float,
    cost_fn: float,
    pos_label: Any = None,
    sample_weight: ArrayLike | None = None,
) -> CostThreshold:
    """Threshold on the score with the least total cost of false positives and false negatives.

    The textbook form tries every distinct score as a cut-off and counts its errors, n² work.
    Here one sort and two running sums give the counts of all cut-offs. Samples of equal score are
    always on the same side. Among cut-offs of equal cost the highest wins: it treats the fewest.
    For calibrated probabilities the answer tends to cost_fp / (cost_fp + cost_fn) (Elkan, 2001).

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Two labels; one alone is allowed.
    y_score : array-like of shape (n_samples,)
        The higher, the more positive; any finite scale.
    cost_fp, cost_fn : float
        Price of one false positive and of one false negative; not negative.
    pos_label : label, default=None
        The positive label; may be left out if the labels are {0, 1} or {-1, 1}.
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.

    Returns
    -------
    CostThreshold
        Named tuple (threshold, cost): positive means ``score >= threshold``.

    Raises
    ------
    ValueError
        On empty, unequally long, NaN or infinite input, or a price that is negative.

    Examples
    --------
    >>> cost_threshold([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], cost_fp=1, cost_fn=5)
    CostThreshold(threshold=0.35, cost=1.0)
    >>> cost_threshold([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], cost_fp=5, cost_fn=1)
    CostThreshold(threshold=0.8, cost=1.0)
    """
    for name, price in (("cost_fp", cost_fp), ("cost_fn", cost_fn)):
        if not (math.isfinite(price) and price >= 0):
            raise ValueError(f"{name}={price!r}: a price must be finite and not negative.")
    fps, tps, cuts = at_thresholds(positives(y_true, pos_label), y_score, sample_weight)
    fps, tps = np.concatenate([[0.0], fps]), np.concatenate([[0.0], tps])
    cost = cost_fp * fps + cost_fn * (tps[-1] - tps)
    best = int(np.argmin(cost))  # the first of equals, and thresholds descend
    threshold = math.inf if best == 0 else float(cuts[best - 1])
    return CostThreshold(threshold, float(cost[best]))
