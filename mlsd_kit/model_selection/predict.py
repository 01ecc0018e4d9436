"""Out-of-fold predictions: every row predicted by a model that never saw it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone, is_classifier
from sklearn.utils import indexable
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_method_params, _num_samples

from mlsd_kit._validation import plain_target
from mlsd_kit.model_selection.base import Split
from mlsd_kit.model_selection.fold import fit
from mlsd_kit.model_selection.validation import check_cv

_PER_CLASS = ("predict_proba", "predict_log_proba", "decision_function")


def cross_val_predict(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    params: dict[str, Any] | None = None,
    method: str = "predict",
) -> Any:
    """Predict every row by the model of the fold in which the row was in the test half.

    Use it for stacking, for calibration and for reading errors; not for a score: predictions of
    different models are pooled, so that a pooled ROC-AUC is not the mean of the folds' ROC-AUC.

    Parameters
    ----------
    estimator, X, y, groups, cv, n_jobs, params
        As in `cross_validate`; the test halves of ``cv`` must hold every row exactly once.
    method : str, default="predict"
        "predict", "predict_proba", "predict_log_proba" or "decision_function".

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_classes)
        In the rows' order. Per-class columns are the sorted classes of *all* of ``y``; where a
        train half lacks a class, its column gets 0 (probability) or the smallest float.

    Examples
    --------
    >>> from sklearn.dummy import DummyRegressor
    >>> cross_val_predict(DummyRegressor(), [[0]] * 4, [1.0, 3.0, 5.0, 7.0], cv=2)
    array([6., 6., 2., 2.])
    """
    X, y = indexable(X, plain_target(y))
    splitter = check_cv(cv, y, classifier=is_classifier(estimator))
    splits = list(splitter.split(X, y, groups))
    tests = np.concatenate([_rows(test) for _, test in splits])
    if not np.array_equal(np.sort(tests), np.arange(_num_samples(X))):
        raise ValueError(
            "cross_val_predict only works for partitions: cv must test every row exactly once."
        )
    classes = _all_classes(y) if method in _PER_CLASS and y is not None else None
    answers = Parallel(n_jobs=n_jobs)(
        delayed(_predict_fold)(clone(estimator), X, y, split, params or {}, method, classes)
        for split in splits
    )
    back = np.argsort(tests)
    if sp.issparse(answers[0]):
        return sp.vstack(answers, format=answers[0].format)[back]
    return np.concatenate(answers)[back]


def _rows(test: Any) -> np.ndarray:
    test = np.asarray(test)
    return np.flatnonzero(test) if test.dtype == bool else test


def _all_classes(y: Any) -> np.ndarray:
    y = np.asarray(y)
    if y.ndim != 1:
        raise ValueError("y must have one column for per-class outputs: cross-validate each alone.")
    return np.unique(y)


def _predict_fold(
    estimator: Any,
    X: Any,
    y: Any,
    split: Split,
    params: dict[str, Any],
    method: str,
    classes: np.ndarray | None,
) -> Any:
    train, test = split
    X_train, y_train = _safe_split(estimator, X, y, train)
    X_test, _ = _safe_split(estimator, X, y, test, train)
    fit(estimator, X_train, y_train, _check_method_params(X, params=params, indices=train))
    answer = getattr(estimator, method)(X_test)
    if classes is None or len(classes) == len(estimator.classes_):
        return answer
    return _spread(answer, estimator.classes_, classes, method)


def _spread(answer: np.ndarray, fitted: np.ndarray, classes: np.ndarray, method: str) -> np.ndarray:
    """Per-class columns of a model that knows too few classes, at their places among all."""
    advice = "use a cross-validation technique resulting in properly stratified folds."
    warnings.warn(
        f"Number of classes in training fold ({len(fitted)}) does not match total number of "
        f"classes ({len(classes)}). Results may not be appropriate for your use case: {advice}",
        RuntimeWarning,
        stacklevel=2,
    )
    if answer.ndim == 1 or answer.shape[1] != len(fitted):
        raise ValueError(
            f"Output shape {answer.shape} of {method} does not match number of classes "
            f"({len(fitted)}) in fold, only {len(fitted)} of {len(classes)} overall: {advice}"
        )
    missing = 0.0 if method == "predict_proba" else np.finfo(answer.dtype).min
    full = np.full((len(answer), len(classes)), missing, dtype=answer.dtype)
    full[:, np.searchsorted(classes, fitted)] = answer
    return full
