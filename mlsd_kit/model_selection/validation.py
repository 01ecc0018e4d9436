"""Cross-validated scores of a model."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils import indexable
from sklearn.utils.multiclass import type_of_target

from mlsd_kit._validation import plain_target
from mlsd_kit.model_selection.base import FixedSplits
from mlsd_kit.model_selection.fold import FoldWork, column, run_folds
from mlsd_kit.model_selection.kfold import KFold, StratifiedKFold
from mlsd_kit.model_selection.scoring import check_scoring


def check_cv(cv: Any = 5, y: Any = None, *, classifier: bool = False) -> Any:
    """The splitter that ``cv`` stands for.

    Parameters
    ----------
    cv : int, splitter, iterable of (train, test) or None, default=5
        A number (None: 5) means `StratifiedKFold` for a classifier with classes, else `KFold`.
    y : array-like, optional
    classifier : bool, default=False

    Examples
    --------
    >>> check_cv(3, [0, 1, 0, 1, 0, 1], classifier=True)
    StratifiedKFold(n_splits=3, random_state=None, shuffle=False)
    """
    cv = 5 if cv is None else cv
    if isinstance(cv, numbers.Integral):
        stratify = classifier and y is not None
        if stratify and type_of_target(y, input_name="y") in ("binary", "multiclass"):
            return StratifiedKFold(int(cv))
        return KFold(int(cv))
    if hasattr(cv, "split") and not isinstance(cv, str):
        return cv
    if isinstance(cv, Iterable) and not isinstance(cv, str):
        return FixedSplits(cv)
    raise ValueError(
        "Expected `cv` as an integer, a cross-validation object, or an iterable yielding "
        f"(train, test) splits as arrays of indices. Got {cv}."
    )


def cross_validate(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    scoring: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    params: dict[str, Any] | None = None,
    return_train_score: bool = False,
    return_estimator: bool = False,
    return_indices: bool = False,
    error_score: Any = np.nan,
) -> dict[str, Any]:
    """Fit a fresh copy on every fold's train rows and score it on the fold's test rows.

    Everything that learns from data (scaling, imputing, encoding) belongs *inside* ``estimator``,
    in a pipeline: then it is fitted on train rows only, fold by fold.

    Parameters
    ----------
    estimator : estimator
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,), optional
    groups : array-like of shape (n_samples,), optional
        Handed to the splitter.
    scoring : str, callable, list of str, dict or None
        See `check_scoring`; several give one column each.
    cv : int, splitter, iterable or None
        See `check_cv`.
    n_jobs : int or None
        Worker processes (joblib); the results do not depend on it.
    params : dict, optional
        Arguments of ``estimator.fit``; entries with one value a row are cut to the train rows.
    return_train_score, return_estimator, return_indices : bool, default=False
    error_score : "raise" or number, default=nan
        The score of a fold whose fit fails, with a warning; "raise" lets the error through.

    Returns
    -------
    dict
        ``fit_time`` and ``score_time`` (seconds), ``test_score`` (or ``test_<name>``), each of
        shape (n_folds,); on request ``train_score``, ``estimator``, ``indices``.

    Raises
    ------
    ValueError
        If every fit fails.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> y = [0, 0, 0, 1, 1, 0]
    >>> def hits(model, X, y): return (model.predict(X) == y).mean()
    >>> cross_validate(DummyClassifier(), [[0]] * 6, y, cv=2, scoring=hits)["test_score"]
    array([0.66666667, 0.66666667])
    """
    scorer = check_scoring(estimator, scoring)
    X, y = indexable(X, plain_target(y))
    splitter = check_cv(cv, y, classifier=is_classifier(estimator))
    work = FoldWork(scorer, params or {}, return_train_score, return_estimator, error_score)
    splits = list(splitter.split(X, y, groups))
    results = run_folds(work, estimator, X, y, [(split, {}) for split in splits], n_jobs)
    table: dict[str, Any] = {
        "fit_time": np.array([r.fit_time for r in results]),
        "score_time": np.array([r.score_time for r in results]),
    }
    if return_estimator:
        table["estimator"] = [r.estimator for r in results]
    if return_indices:
        train, test = zip(*splits, strict=True)
        table["indices"] = {"train": train, "test": test}
    for name in results[0].test_scores or {}:
        table[f"test_{name}"] = column(results, "test", name)
        if return_train_score:
            table[f"train_{name}"] = column(results, "train", name)
    return table


def cross_val_score(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    scoring: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    params: dict[str, Any] | None = None,
    error_score: Any = np.nan,
) -> np.ndarray:
    """One score a fold: `cross_validate` with a single score, as an array of shape (n_folds,).

    Examples
    --------
    >>> from sklearn.dummy import DummyRegressor
    >>> cross_val_score(DummyRegressor(), [[0]] * 4, [1.0, 3.0, 1.0, 3.0], cv=2)
    array([0., 0.])
    """
    if scoring is not None and not isinstance(scoring, str) and not callable(scoring):
        raise ValueError(
            f"scoring must be one name, one callable or None here, got {scoring!r}: "
            "use cross_validate for several scores."
        )
    scorer = {"score": check_scoring(estimator, scoring)}
    return cross_validate(
        estimator, X, y, groups=groups, scoring=scorer, cv=cv, n_jobs=n_jobs, params=params,
        error_score=error_score,
    )["test_score"]  # fmt: skip
