"""Scorers: a metric, how to ask the model for what the metric needs, and a sign."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from sklearn.utils.validation import _check_response_method

Scorer = Callable[..., Any]
"""``scorer(estimator, X, y)`` -> a number; larger is better."""

_RANKING = ("decision_function", "predict_proba")
_AVERAGES = ("macro", "micro", "weighted")


@dataclass(frozen=True)
class MetricScorer:
    """``sign * metric(y, response of the estimator)``."""

    metric: Callable[..., float]
    response: str | tuple[str, ...] = "predict"
    """Method(s) that give the metric's second argument: the first one the estimator has."""
    sign: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    pass_labels: bool = False
    """Tell the metric all classes, since a test fold may lack a rare one."""

    def __call__(self, estimator: Any, X: Any, y: Any, **weights: Any) -> float:
        options = {**self.options, **weights}
        if self.pass_labels:
            options["labels"] = estimator.classes_
        return self.sign * self.metric(y, _response(estimator, X, self.response), **options)


def _response(estimator: Any, X: Any, methods: str | tuple[str, ...]) -> np.ndarray:
    """What the model says, as a metric wants it: for two classes, one score for the second."""
    ask = _check_response_method(estimator, list(np.atleast_1d(methods)))
    answer = ask(X)
    if ask.__name__ == "predict_proba" and len(estimator.classes_) <= 2:
        if answer.shape[1] < 2:
            raise ValueError(
                f"{type(estimator).__name__} was fitted on one class only, so it gives no "
                "probability of the other: use stratified folds."
            )
        return answer[:, 1]
    return answer


@cache
def _named_scorers() -> dict[str, MetricScorer]:
    from mlsd_kit import metrics  # here, so that splitting alone does not load them

    scorers = {
        "accuracy": MetricScorer(metrics.accuracy_score),
        "roc_auc": MetricScorer(metrics.roc_auc_score, _RANKING),
        "average_precision": MetricScorer(metrics.average_precision_score, _RANKING),
        "neg_log_loss": MetricScorer(metrics.log_loss, "predict_proba", -1, pass_labels=True),
        "neg_brier_score": MetricScorer(metrics.brier_score_loss, "predict_proba", -1),
        "r2": MetricScorer(metrics.r2_score),
    }
    for error in ("mean_squared_error", "root_mean_squared_error", "mean_absolute_error",
                  "mean_absolute_percentage_error"):  # fmt: skip
        scorers[f"neg_{error}"] = MetricScorer(getattr(metrics, error), sign=-1)
    for name in ("precision", "recall", "f1"):
        score = getattr(metrics, f"{name}_score")
        scorers[name] = MetricScorer(score, options={"average": "binary"})
        for average in _AVERAGES:
            scorers[f"{name}_{average}"] = MetricScorer(score, options={"average": average})
    for scheme in ("ovr", "ovo"):
        for suffix, average in (("", "macro"), ("_weighted", "weighted")):
            options = {"multi_class": scheme, "average": average}
            scorers[f"roc_auc_{scheme}{suffix}"] = MetricScorer(
                metrics.roc_auc_score, "predict_proba", options=options
            )
    return scorers


def get_scorer_names() -> list[str]:
    """Names that ``scoring`` accepts, sorted."""
    return sorted(_named_scorers())


def get_scorer(scoring: str | Scorer) -> Scorer:
    """The scorer of a name; a callable is returned as it is.

    Examples
    --------
    >>> get_scorer("roc_auc").metric.__name__
    'roc_auc_score'
    """
    if callable(scoring):
        return scoring
    scorers = _named_scorers()
    if scoring in scorers:
        return scorers[scoring]
    raise ValueError(
        f"scoring={scoring!r} is not a valid scoring value: use one of "
        f"{', '.join(get_scorer_names())}, or a callable (estimator, X, y)."
    )


def make_scorer(
    score_func: Callable[..., float],
    *,
    response_method: str | tuple[str, ...] = "predict",
    greater_is_better: bool = True,
    **kwargs: Any,
) -> MetricScorer:
    """A scorer from a metric ``score_func(y_true, y_pred, **kwargs)``.

    Parameters
    ----------
    score_func : callable
    response_method : str or tuple of str, default="predict"
        "predict", "predict_proba" or "decision_function": what the metric's ``y_pred`` is.
    greater_is_better : bool, default=True
        False for losses: the scorer gives their negative.

    Examples
    --------
    >>> from sklearn.dummy import DummyRegressor
    >>> def worst(y, p): return max(abs(a - b) for a, b in zip(y, p))
    >>> model = DummyRegressor(strategy="constant", constant=2).fit([[0]], [0])
    >>> float(make_scorer(worst, greater_is_better=False)(model, [[0], [0]], [1, 5]))
    -3.0
    """
    return MetricScorer(score_func, response_method, 1 if greater_is_better else -1, kwargs)


def _own_score(estimator: Any, X: Any, *args: Any) -> float:
    return estimator.score(X, *args)


@dataclass(frozen=True)
class ManyScorers:
    """Several scorers as one, which gives a dict of their scores."""

    scorers: Mapping[str, Scorer]

    def __call__(self, estimator: Any, X: Any, *y: Any) -> dict[str, Any]:
        return {name: scorer(estimator, X, *y) for name, scorer in self.scorers.items()}


def check_scoring(estimator: Any, scoring: Any = None) -> Scorer:
    """What ``scoring`` stands for as one callable ``(estimator, X, y)``.

    Parameters
    ----------
    estimator : estimator
    scoring : str, callable, list / tuple / set of names, dict of name -> str or callable, or None
        None takes the estimator's own ``score``. Several give a dict of scores.
    """
    if scoring is None:
        if not hasattr(estimator, "score"):
            raise TypeError(
                "If no scoring is specified, the estimator passed should have a 'score' method. "
                f"The estimator {estimator!r} does not."
            )
        return _own_score
    if isinstance(scoring, str) or callable(scoring):
        return get_scorer(scoring)
    if isinstance(scoring, Mapping):
        named = dict(scoring)
    elif isinstance(scoring, Iterable):
        names = list(scoring)
        if not all(isinstance(name, str) for name in names):
            raise ValueError("scoring as a list must hold names only: use a dict for callables.")
        if len(set(names)) != len(names):
            raise ValueError(f"scoring has duplicate names: {names}; name each once.")
        named = dict(zip(names, names, strict=True))
    else:
        raise ValueError(
            f"scoring is invalid (got {scoring!r}): use a name, a callable, a list of names, "
            "a dict or None."
        )
    if not named:
        raise ValueError(f"scoring is empty (got {scoring!r}): name at least one score.")
    return ManyScorers({name: get_scorer(one) for name, one in named.items()})
