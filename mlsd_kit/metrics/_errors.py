"""Means of per-sample losses, one block at a time: the frame of every regression metric."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_array

from mlsd_kit._threads import in_order
from mlsd_kit.metrics import _checks

CELLS = 1 << 15
"""Values handled at a time: the block and its temporaries stay in the processor's cache."""


class Targets(NamedTuple):
    """True and predicted values of shape (n_samples, n_outputs), not yet checked for NaN."""

    true: np.ndarray
    pred: np.ndarray
    weight: np.ndarray | None

    def blocks(self) -> list[slice]:
        return _checks.blocks(len(self.true), max(1, CELLS // self.true.shape[1]))


def targets(y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None) -> Targets:
    """Both sides as matrices of numbers of one shape."""
    true, pred = _matrix(y_true, "y_true"), _matrix(y_pred, "y_pred")
    _checks.same_length(y_true=true, y_pred=pred)
    if true.shape[1] != pred.shape[1]:
        raise ValueError(
            f"y_true and y_pred have different number of output ({true.shape[1]}!={pred.shape[1]})"
            ": pass one prediction per target."
        )
    return Targets(true, pred, _checks.weights(sample_weight, len(true)))


def _matrix(values: ArrayLike, name: str) -> np.ndarray:
    array = check_array(
        values, ensure_2d=False, ensure_all_finite=False, ensure_min_samples=1, input_name=name
    )
    return array[:, np.newaxis] if array.ndim == 1 else array


def mean_loss(data: Targets, loss: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """Weighted mean of ``loss(true, pred)`` for each output; ``loss`` must not write into them.

    NaN and infinity in the inputs cannot hide in a sum, so they are looked for only if the
    result is not finite: validation costs nothing on good input.
    """

    def of_block(block: slice) -> np.ndarray:
        true = data.true[block].astype(np.float64, copy=False)
        pred = data.pred[block].astype(np.float64, copy=False)
        with np.errstate(invalid="ignore", over="ignore"):
            losses = loss(true, pred)
            if data.weight is None:
                return losses.sum(axis=0)
            return np.asarray(data.weight[block] @ losses)

    with np.errstate(invalid="ignore", over="ignore"):
        total = np.sum(in_order(of_block, data.blocks()), axis=0)
    if not np.isfinite(total).all():
        _checks.require_finite(data.true, "y_true")
        _checks.require_finite(data.pred, "y_pred")
    return total / (len(data.true) if data.weight is None else data.weight.sum())


def combined(each: np.ndarray, multioutput: Any, *, named: tuple[str, ...] = ()) -> Any:
    """One number from the scores of all outputs, or the scores themselves."""
    if isinstance(multioutput, str):
        if multioutput == "raw_values":
            return each
        if multioutput == "uniform_average":
            return float(each.mean())
        allowed = ", ".join(map(repr, ("raw_values", "uniform_average", *named)))
        raise ValueError(f"multioutput={multioutput!r}: use {allowed} or one weight per output.")
    if len(each) == 1:
        raise ValueError("Custom weights are useful only in multi-output cases: leave them out.")
    weight = np.asarray(multioutput, dtype=float)
    if weight.shape != each.shape:
        raise ValueError(
            f"There must be equally many custom weights in multioutput ({weight.size}) as outputs"
            f" ({len(each)})."
        )
    _checks.cancels(weight, "multioutput")
    return float(np.average(each, weights=weight))
