"""Exhaustive search over a grid of parameters by cross-validation."""

from __future__ import annotations

import numbers
import time
from copy import deepcopy
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.utils import Tags, get_tags, indexable
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from mlsd_kit._validation import plain_target
from mlsd_kit.model_selection.fold import FoldWork, fit, run_folds
from mlsd_kit.model_selection.grid import ParameterGrid
from mlsd_kit.model_selection.scoring import ManyScorers, check_scoring
from mlsd_kit.model_selection.search_results import cv_results
from mlsd_kit.model_selection.validation import check_cv


def _delegated(name: str) -> Any:
    """A method of the refitted best estimator, there only if that estimator has it."""

    def has(search: GridSearchCV) -> bool:
        if not search.refit:
            raise AttributeError(
                f"This GridSearchCV was initialized with `refit=False`. {name} is available only "
                "after refitting on the best parameters: set refit=True."
            )
        getattr(getattr(search, "best_estimator_", search.estimator), name)
        return True

    def method(self: GridSearchCV, X: Any) -> Any:
        check_is_fitted(self)
        return getattr(self.best_estimator_, name)(X)

    method.__name__ = name
    method.__doc__ = f"``{name}`` of ``best_estimator_``."
    return available_if(has)(method)


class GridSearchCV(MetaEstimatorMixin, BaseEstimator):
    """Cross-validate every candidate of a grid; refit the best one on all rows.

    The best score is the largest of many noisy ones and therefore too good: report the score of
    data that the search never saw.

    Parameters
    ----------
    estimator : estimator
    param_grid : dict or list of dicts
        See `ParameterGrid`; ``step__name`` reaches into a pipeline.
    scoring : str, callable, list, dict or None
        See `check_scoring`. With several, ``refit`` must say which one decides.
    n_jobs : int or None
        Worker processes; the results do not depend on it.
    refit : bool, str or callable, default=True
        A callable takes ``cv_results_`` and returns the index of the best candidate.
    cv : int, splitter, iterable or None
    error_score : "raise" or number, default=nan
    return_train_score : bool, default=False

    Attributes
    ----------
    cv_results_ : dict of columns, see `results_frame` for a table
    best_index_, best_params_, best_score_, best_estimator_
    scorer_, n_splits_, multimetric_, refit_time_ (seconds)

    Examples
    --------
    >>> from sklearn.dummy import DummyRegressor
    >>> def error(model, X, y): return -abs(model.predict(X) - y).mean()
    >>> grid = {"quantile": [0.1, 0.5]}
    >>> search = GridSearchCV(DummyRegressor(strategy="quantile"), grid, scoring=error, cv=2)
    >>> search.fit([[0]] * 6, [1.0, 2.0, 9.0, 1.0, 2.0, 9.0]).best_params_
    {'quantile': 0.5}
    """

    def __init__(
        self,
        estimator: Any,
        param_grid: Any,
        *,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        error_score: Any = np.nan,
        return_train_score: bool = False,
    ) -> None:
        self.estimator = estimator
        self.param_grid = param_grid
        self.scoring = scoring
        self.n_jobs = n_jobs
        self.refit = refit
        self.cv = cv
        self.error_score = error_score
        self.return_train_score = return_train_score

    def fit(self, X: Any, y: Any = None, *, groups: Any = None) -> GridSearchCV:
        """Score every candidate on every fold, then refit the best on all of ``X``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,), optional
        groups : array-like of shape (n_samples,), optional
            Handed to the splitter.
        """
        candidates = list(ParameterGrid(self.param_grid))
        scorer = check_scoring(self.estimator, self.scoring)
        self.scorer_: Any = scorer
        if isinstance(scorer, ManyScorers):
            self.scorer_ = dict(scorer.scorers)
            self._check_refit(self.scorer_)
        X, y = indexable(X, plain_target(y))
        splitter = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        splits = list(splitter.split(X, y, groups))
        self.n_splits_ = len(splits)
        work = FoldWork(scorer, {}, self.return_train_score, error_score=self.error_score)
        tasks = [(split, candidate) for candidate in candidates for split in splits]
        results = run_folds(work, self.estimator, X, y, tasks, self.n_jobs)
        self.cv_results_ = cv_results(candidates, results, self.n_splits_, self.return_train_score)
        self._choose(list(results[0].test_scores or {}))
        if self.refit:
            self._refit(X, y)
        return self

    def _choose(self, names: list[str]) -> None:
        """Set ``best_*`` from the score that decides."""
        self.multimetric_ = isinstance(self.scorer_, dict) or names != ["score"]
        if self.multimetric_:
            self._check_refit(names)
            if not self.refit:
                return
        deciding = self.refit if self.multimetric_ else "score"
        if callable(self.refit):
            self.best_index_ = self._checked_index(self.refit(self.cv_results_))
        else:
            self.best_index_ = int(self.cv_results_[f"rank_test_{deciding}"].argmin())
            self.best_score_ = self.cv_results_[f"mean_test_{deciding}"][self.best_index_]
        self.best_params_ = self.cv_results_["params"][self.best_index_]

    def _checked_index(self, index: Any) -> int:
        if not isinstance(index, numbers.Integral):
            raise TypeError("best_index_ returned is not an integer: refit must return an index.")
        if not 0 <= int(index) < len(self.cv_results_["params"]):
            raise IndexError(f"best_index_ index out of range: refit returned {index}.")
        return int(index)

    def _check_refit(self, names: Any) -> None:
        named = isinstance(self.refit, str) and self.refit in names
        if self.refit is not False and not named and not callable(self.refit):
            raise ValueError(
                "For multi-metric scoring, the parameter refit must be set to a scorer key or a "
                "callable to refit by, or to False: it says which score decides. Use one of "
                f"{', '.join(names)} instead of {self.refit!r}."
            )

    def _refit(self, X: Any, y: Any) -> None:
        best = clone(self.estimator).set_params(**clone(self.best_params_, safe=False))
        start = time.perf_counter()
        self.best_estimator_ = fit(best, X, y, {})
        self.refit_time_ = time.perf_counter() - start
        if hasattr(best, "feature_names_in_"):
            self.feature_names_in_ = best.feature_names_in_

    def results_frame(self, by: str | None = None) -> pd.DataFrame:
        """One row a candidate, best first: its parameters, mean and spread of each score, times.

        The index is the candidate's place in ``cv_results_``.

        Parameters
        ----------
        by : str or None, default=None
            The score to sort by; None is the one that ``refit`` names, else the first.

        Raises
        ------
        ValueError
            If there is no such score.
        """
        check_is_fitted(self, "cv_results_")
        starts = ("param_", "mean_", "std_", "rank_")
        columns = [key for key in self.cv_results_ if key.startswith(starts)]
        frame = pd.DataFrame({key: self.cv_results_[key] for key in columns})
        ranks = [key for key in columns if key.startswith("rank_test_")]
        if by is None and isinstance(self.refit, str) and self.multimetric_:
            by = self.refit
        first = ranks[0] if by is None else f"rank_test_{by}"  # whole: "auc" begins "auc_pr", too
        if first not in ranks:
            names = ", ".join(key.removeprefix("rank_test_") for key in ranks)
            raise ValueError(f"by={by!r} is not a score of this search: use one of {names}.")
        return frame.sort_values(first, kind="stable")

    def score(self, X: Any, y: Any = None) -> float:
        """The deciding score of ``best_estimator_`` on ``X``, ``y``."""
        check_is_fitted(self, "best_estimator_")
        scorer = self.scorer_
        if isinstance(scorer, dict):
            scorer = scorer[self.refit]
        value = scorer(self.best_estimator_, X) if y is None else scorer(self.best_estimator_, X, y)
        return value[self.refit] if isinstance(value, dict) else value

    predict = _delegated("predict")
    predict_proba = _delegated("predict_proba")
    predict_log_proba = _delegated("predict_log_proba")
    decision_function = _delegated("decision_function")
    score_samples = _delegated("score_samples")
    transform = _delegated("transform")
    inverse_transform = _delegated("inverse_transform")

    @property
    def classes_(self) -> np.ndarray:
        """Class labels of the refitted classifier."""
        return self._best().classes_

    @property
    def n_features_in_(self) -> int:
        """Number of columns that ``fit`` saw."""
        return self._best().n_features_in_

    def _best(self) -> Any:
        try:
            check_is_fitted(self, "best_estimator_")
        except NotFittedError as error:
            raise AttributeError(str(error)) from error
        return self.best_estimator_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags = deepcopy(inner.classifier_tags)
        tags.regressor_tags = deepcopy(inner.regressor_tags)
        tags.target_tags.multi_output = inner.target_tags.multi_output
        tags.input_tags.pairwise = inner.input_tags.pairwise
        tags.input_tags.sparse = inner.input_tags.sparse
        return tags
