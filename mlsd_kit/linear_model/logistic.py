"""Logistic regression, binary and multinomial, by accelerated proximal gradient descent."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
)

from mlsd_kit._validation import class_labels, validate_data
from mlsd_kit.linear_model.coordinates import BLOCK, MAX_TURNED, Coordinates, stretched, turned
from mlsd_kit.linear_model.descent import Descent, gradient_descent
from mlsd_kit.linear_model.losses import (
    binary_cross_entropy,
    sigmoid,
    softmax,
    softmax_cross_entropy,
)

Array = NDArray[np.float64]


class LogisticRegression(ClassifierMixin, BaseEstimator):
    """Linear classifier that minimises the log loss plus a penalty on its weights.

    ``Σ loss(row) + (1/C) · ((1 - l1_ratio) |w|₂² / 2 + l1_ratio |w|₁)``; the intercept is free.
    The textbook form, with the sigmoid's ¼ bounding the step, is::

        for _ in range(max_iter):
            w -= step * (X.T @ (sigmoid(X @ w) - y) / n + l2 * w)

    It needs thousands of steps when columns are on different scales or correlated. The same descent
    is made here in axes where the loss is nearly round (see `coordinates`), with Nesterov's
    momentum and, for L1, a shrinkage after each step: tens of steps, same minimum.

    Parameters
    ----------
    C : float
        Inverse strength of the penalty; ``np.inf`` for none.
    l1_ratio : float
        0 is L2, 1 is L1 (weights exactly zero), between is the elastic net.
    tol : float
        Largest gradient of the mean loss left, by weights in units of the columns' spread. Small
        enough that on scaled data the weights, not only the loss, are exact to about 1e-4.
    fit_intercept : bool
        Whether to add a constant, which is never penalised.
    class_weight : dict, "balanced" or None
        Weight of each class's rows; "balanced" is ``n / (n_classes · rows of the class)``.
    max_iter : int
        Gradient steps at most; a `ConvergenceWarning` if they do not suffice.

    Attributes
    ----------
    classes_ : ndarray (n_classes,)
    coef_ : ndarray (1, d) for two classes, else (n_classes, d)
    intercept_ : ndarray (1,) or (n_classes,)
    n_iter_ : ndarray of int (1,)
    loss_curve_ : ndarray (n_iter,)
        Mean loss with the smooth part of the penalty, where each gradient was taken.

    Examples
    --------
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["no", "no", "yes", "yes"]
    >>> model = LogisticRegression().fit(X, y)
    >>> model.predict([[0.4], [2.6]])
    array(['no', 'yes'], dtype='<U3')
    >>> model.predict_proba([[1.5]]).round(6)
    array([[0.5, 0.5]])
    """

    _parameter_constraints = {
        "C": [Interval(Real, 0, None, closed="right")],
        "l1_ratio": [Interval(Real, 0, 1, closed="both")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "fit_intercept": ["boolean"],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        C: float = 1.0,
        l1_ratio: float = 0.0,
        tol: float = 1e-6,
        fit_intercept: bool = True,
        class_weight: dict[Any, float] | str | None = None,
        max_iter: int = 1000,
    ) -> None:
        self.C = C
        self.l1_ratio = l1_ratio
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.max_iter = max_iter

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to ``X`` (n, d) and labels ``y`` (n,) of any kind; rows may be weighted."""
        data, labels = validate_data(self, X, y, dtype=np.float64)
        labels = class_labels(labels)
        self.classes_ = np.unique(labels)  # its return_inverse would need four arrays more
        codes = np.searchsorted(self.classes_, labels)
        if len(self.classes_) < 2:
            raise ValueError(
                "y holds one class only; LogisticRegression needs samples of at least 2 classes."
            )
        weight = self._row_weights(data, codes, sample_weight)
        result, w, b = self._descend(data, codes, weight)
        if not result.converged:
            warnings.warn(
                f"LogisticRegression did not converge in {result.n_iter} steps;"
                " raise max_iter or tol, or penalise more (smaller C).",
                ConvergenceWarning,
                stacklevel=3,
            )
        self.coef_, self.intercept_ = w.T, b
        self.n_iter_ = np.array([result.n_iter], dtype=np.int32)
        self.loss_curve_ = result.losses
        return self

    def _row_weights(
        self, X: Array, codes: NDArray[np.intp], sample_weight: ArrayLike | None
    ) -> Array | None:
        if sample_weight is None and self.class_weight is None:
            return None
        weight: Array = _check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True, copy=True
        )
        if self.class_weight == "balanced":
            weight *= (len(codes) / len(self.classes_) / np.bincount(codes))[codes]
        elif isinstance(self.class_weight, dict):
            unknown = set(self.class_weight) - set(self.classes_.tolist())
            if unknown:
                raise ValueError(f"class_weight names {unknown}, which y does not hold.")
            weight *= np.array([self.class_weight.get(c, 1.0) for c in self.classes_.tolist()])[
                codes
            ]
        if not weight.sum() > 0:
            raise ValueError("class_weight leaves no row a weight; give some class a weight.")
        return weight

    def _descend(
        self, X: Array, codes: NDArray[np.intp], weight: Array | None
    ) -> tuple[Descent, Array, Array]:
        n_classes = len(self.classes_)
        total = float(len(X)) if weight is None else float(weight.sum())
        penalty = 1.0 / (self.C * total)
        l1, l2 = penalty * self.l1_ratio, penalty * (1.0 - self.l1_ratio)
        # How fast the slope of the loss can change with the score: p(1 - p) <= 1/4, softmax 1/2.
        curvature = 0.25 if n_classes == 2 else 0.5
        axes = (stretched if l1 > 0 or X.shape[1] > MAX_TURNED else turned)(
            X, weight, curvature, l2, self.fit_intercept
        )
        shares = _shares(X, weight, total)
        cross_entropy = _binary if n_classes == 2 else softmax_cross_entropy

        def loss_and_grad(v: Array) -> tuple[float, Array]:
            w, b = axes.weights(v)
            loss, by_weights, by_intercept = 0.0, l2 * w, np.zeros(w.shape[1])
            for part, share in shares:  # a block of X is read twice while it is in the cache
                rows, some = X[part], None if weight is None else weight[part]
                mean, slope = cross_entropy(rows @ w + b, codes[part], some)
                slope *= share
                loss += share * mean
                by_weights += rows.T @ slope
                by_intercept += slope.sum(axis=0)
            return loss + 0.5 * l2 * float(np.vdot(w, w)), axes.gradient(by_weights, by_intercept)

        result = gradient_descent(
            loss_and_grad,
            axes.start(1 if n_classes == 2 else n_classes),
            step=axes.step,
            max_iter=self.max_iter,
            tol=self.tol,
            nesterov=True,
            prox=_shrinkage(axes, l1) if l1 > 0 else None,
            keep_path=False,
        )
        return result, *axes.weights(result.w)

    def decision_function(self, X: ArrayLike) -> Array:
        """Log-odds of the second class (n,), or the score of every class (n, n_classes)."""
        check_is_fitted(self)
        data: Array = validate_data(self, X, dtype=np.float64, reset=False)
        scores: Array = data @ self.coef_.T + self.intercept_
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict_proba(self, X: ArrayLike) -> Array:
        """Probability of every class in the order of ``classes_``: (n, n_classes)."""
        scores = self.decision_function(X)
        if scores.ndim == 1:
            return np.column_stack([sigmoid(-scores), sigmoid(scores)])
        return softmax(scores)

    def predict_log_proba(self, X: ArrayLike) -> Array:
        """Logarithm of `predict_proba`, finite where the probability itself rounds to 0."""
        scores = self.decision_function(X)
        if scores.ndim == 1:
            scores = np.column_stack([np.zeros(len(scores)), scores])
        shifted = scores - scores.max(axis=1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Most probable class of each row of ``X`` (n, d); the lower class at a tie."""
        scores = self.decision_function(X)
        codes = (scores > 0).astype(np.intp) if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[codes]


def _shares(X: Array, weight: Array | None, total: float) -> list[tuple[slice, float]]:
    """Blocks of rows, and the share each has in the mean; blocks without weight are left out."""
    size = max(1, BLOCK // X.shape[1])
    parts = [slice(start, min(start + size, len(X))) for start in range(0, len(X), size)]
    sums = [p.stop - p.start if weight is None else float(weight[p].sum()) for p in parts]
    return [(part, s / total) for part, s in zip(parts, sums, strict=True) if s > 0]


def _binary(z: Array, y: NDArray[np.intp], weight: Array | None) -> tuple[float, Array]:
    loss, slope = binary_cross_entropy(z[:, 0], y, weight)
    return loss, slope[:, None]


def _shrinkage(axes: Coordinates, l1: float) -> Callable[[Array, float], Array]:
    """L1's proximal step: every weight moves towards 0 by up to ``step · l1``, intercepts not."""
    per_axis = np.append(l1 * axes.basis, 0.0)[:, None]

    def shrink(v: Array, step: float) -> Array:
        return np.sign(v) * np.maximum(np.abs(v) - step * per_axis, 0.0)

    return shrink
