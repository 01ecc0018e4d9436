"""A multiclass ranking score as binary ones: each class against the rest, then averaged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_array

from mlsd_kit.metrics import _checks
from mlsd_kit.metrics._labels import column_of_labels, encode, positions

MultiAverage = Literal["macro", "weighted", "micro"] | None


class TrueColumns(NamedTuple):
    """The column of ``score`` that belongs to each sample's true label."""

    code: np.ndarray
    score: np.ndarray

    def averaged(
        self,
        metric: Callable[[np.ndarray, np.ndarray, np.ndarray | None], float],
        average: MultiAverage,
        sample_weight: ArrayLike | None,
    ) -> Any:
        """``metric`` of each class against the rest; "micro" pools all (sample, class) cells."""
        if average not in ("macro", "weighted", "micro", None):
            raise ValueError(
                f"average={average!r}: average has to be one of 'macro', 'weighted', 'micro', None."
            )
        weight = _checks.weights(sample_weight, len(self.code))
        n_classes = self.score.shape[1]
        truth = self.code[:, np.newaxis] == np.arange(n_classes)
        if average == "micro":
            repeated = None if weight is None else np.repeat(weight, n_classes)
            return metric(truth.ravel(), self.score.ravel(), repeated)
        each = np.array(
            [metric(truth[:, c], self.score[:, c], weight) for c in range(n_classes)], dtype=float
        )
        if average is None:
            return each
        if average == "macro":
            return float(each.mean())
        support = np.bincount(self.code, weight, minlength=n_classes)
        return _checks.trimmed(
            float(np.average(np.where(support == 0, 0.0, each), weights=support))
        )


def score_matrix(y_score: ArrayLike, label: np.ndarray) -> np.ndarray:
    """``y_score`` as a finite matrix with one row for each label."""
    score = check_array(y_score, ensure_2d=False, input_name="y_score")
    if score.ndim != 2:
        raise ValueError(
            "`y_score` needs to be of shape `(n_samples, n_classes)`, since `y_true` contains"
            f" multiple classes. Got `y_score.shape={score.shape}`."
        )
    _checks.same_length(y_true=label, y_score=score)
    return score


def true_columns(
    label: np.ndarray, score: np.ndarray, labels: ArrayLike | None = None
) -> TrueColumns:
    """Match the labels, ascending, with the columns of ``score``."""
    code, classes = encode(label)
    if labels is not None:
        given = column_of_labels(labels, "labels")
        column = positions(classes, given)
        if not np.array_equal(encode(given)[1], given):
            raise ValueError("Parameter 'labels' must be unique and ordered: sort it.")
        if (column < 0).any():
            raise ValueError("'y_true' contains labels not in parameter 'labels': add them.")
        code, classes = column[code], given
    if len(classes) != score.shape[1]:
        raise ValueError(
            f"Number of classes, {len(classes)}, not equal to the number of columns in 'y_score',"
            f" {score.shape[1]}: pass one column per label, and 'labels' if some do not occur."
        )
    return TrueColumns(code, score)
