"""The work of one fold: fit a copy on the train rows, score it on the test rows."""

from __future__ import annotations

import numbers
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_method_params

from mlsd_kit.model_selection.base import Split
from mlsd_kit.model_selection.scoring import ManyScorers, Scorer

Scores = dict[str, float]


@dataclass
class FoldResult:
    """What one fit on one fold gave. Seconds."""

    fit_time: float
    score_time: float
    test_scores: Scores | None = None
    """None if the fit failed."""
    train_scores: Scores | None = None
    estimator: Any = None
    error: str | None = None
    """Traceback of a failed fit."""


@dataclass(frozen=True)
class FoldWork:
    """Everything about a fold's work that is the same for every fold."""

    scorer: Scorer
    fit_params: dict[str, Any]
    return_train_score: bool = False
    return_estimator: bool = False
    error_score: Any = np.nan

    def run(
        self, estimator: Any, X: Any, y: Any, split: Split, parameters: dict[str, Any]
    ) -> FoldResult:
        """Fit ``estimator``, with ``parameters`` set, on the train rows; score the test rows."""
        train, test = split
        if parameters:
            estimator = estimator.set_params(**clone(parameters, safe=False))
        start = time.perf_counter()
        X_train, y_train = _safe_split(estimator, X, y, train)
        X_test, y_test = _safe_split(estimator, X, y, test, train)
        fit_params = _check_method_params(X, params=self.fit_params, indices=train)
        try:
            fit(estimator, X_train, y_train, fit_params)
        except Exception:
            if isinstance(self.error_score, str):
                raise
            return FoldResult(time.perf_counter() - start, 0.0, error=traceback.format_exc())
        fitted = time.perf_counter()
        test_scores = self._score(estimator, X_test, y_test)
        result = FoldResult(fitted - start, time.perf_counter() - fitted, test_scores)
        if self.return_train_score:
            result.train_scores = self._score(estimator, X_train, y_train)
        if self.return_estimator:
            result.estimator = estimator
        return result

    def _score(self, estimator: Any, X: Any, y: Any) -> Scores:
        if isinstance(self.scorer, ManyScorers):
            return {
                name: self._number(name, self._ask(scorer, estimator, X, y))
                for name, scorer in self.scorer.scorers.items()
            }
        answer = self._ask(self.scorer, estimator, X, y)
        if isinstance(answer, dict):
            return {name: self._number(name, value) for name, value in answer.items()}
        return {"score": self._number("score", answer)}

    def _ask(self, scorer: Scorer, estimator: Any, X: Any, y: Any) -> Any:
        """The scorer's answer; ``error_score``, with a warning, where it raises."""
        try:
            return scorer(estimator, X) if y is None else scorer(estimator, X, y)
        except Exception:
            if isinstance(self.error_score, str):
                raise
            warnings.warn(
                "Scoring failed. The score on this train-test partition for these parameters will "
                f"be set to {self.error_score}. Details:\n{traceback.format_exc()}",
                UserWarning,
                stacklevel=2,
            )
            return self.error_score

    @staticmethod
    def _number(name: str, value: Any) -> float:
        if getattr(value, "size", 0) == 1:
            value = value.item()
        if not isinstance(value, numbers.Number):
            raise ValueError(
                f"scoring must return a number, got {value!r} ({type(value)}) instead. "
                f"(scorer={name})"
            )
        return value  # type: ignore[return-value]


def fit(estimator: Any, X: Any, y: Any, fit_params: dict[str, Any]) -> Any:
    """``estimator.fit`` with or without a target."""
    return estimator.fit(X, **fit_params) if y is None else estimator.fit(X, y, **fit_params)


def run_folds(
    work: FoldWork,
    estimator: Any,
    X: Any,
    y: Any,
    tasks: list[tuple[Split, dict[str, Any]]],
    n_jobs: int | None,
) -> list[FoldResult]:
    """Every task on its own copy of the estimator, so that no fold sees what another fitted.

    The copies are made here, in order: results do not depend on the number of workers.
    """
    if not tasks:
        raise ValueError("No fits were performed: cv gave no fold or there are no candidates.")
    check_error_score(work.error_score)
    results = Parallel(n_jobs=n_jobs)(
        delayed(work.run)(clone(estimator), X, y, split, parameters) for split, parameters in tasks
    )
    _tell_failures(results, work.error_score)
    _fill_failures(results, work)
    return results


def check_error_score(error_score: Any) -> None:
    """Raise unless ``error_score`` is "raise" or a number."""
    if error_score != "raise" and not isinstance(error_score, numbers.Number):
        raise ValueError(
            f"error_score must be the string 'raise' or a numeric value, got {error_score!r}."
        )


def _tell_failures(results: list[FoldResult], error_score: Any) -> None:
    """Raise if every fit failed, warn if some did."""
    errors = Counter(r.error for r in results if r.error is not None)
    if not errors:
        return
    failed = errors.total()
    details = "\n".join(
        f"{'-' * 80}\n{times} fits failed with the following error:\n{error}"
        for error, times in errors.items()
    )
    if failed == len(results):
        raise ValueError(
            f"All the {failed} fits failed: most likely your model is misconfigured; set "
            f"error_score='raise' to see the first failure.\n{details}"
        )
    warnings.warn(
        f"{failed} fits failed out of a total of {len(results)}. The score on these train-test "
        f"partitions for these parameters will be set to {error_score}.\n{details}",
        FitFailedWarning,
        stacklevel=4,
    )


def _fill_failures(results: list[FoldResult], work: FoldWork) -> None:
    """Give failed fits ``error_score`` under every name that the other folds have."""
    names = next(r.test_scores for r in results if r.test_scores is not None)
    for result in results:
        if result.test_scores is None:
            result.test_scores = dict.fromkeys(names, work.error_score)
            if work.return_train_score:
                result.train_scores = dict.fromkeys(names, work.error_score)


def column(results: list[FoldResult], kind: str, name: str) -> np.ndarray:
    """One score of every fold as an array; ``kind`` is "test" or "train"."""
    return np.array([getattr(result, f"{kind}_scores")[name] for result in results])
