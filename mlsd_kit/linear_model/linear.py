"""Least squares and ridge regression by gradient descent."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from mlsd_kit._validation import validate_data
from mlsd_kit.linear_model.coordinates import MAX_TURNED, stretched, turned
from mlsd_kit.linear_model.descent import Descent, gradient_descent

Array = NDArray[np.float64]


class _LeastSquares(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """What `LinearRegression` and `Ridge` share: everything but the penalty."""

    coef_: Array
    intercept_: Any

    def _fit(self, X: Any, y: Any, sample_weight: ArrayLike | None, alpha: float) -> Self:
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True, multi_output=True)
        targets = np.asarray(y, dtype=np.float64).reshape(len(X), -1)
        weight = None
        if sample_weight is not None:
            weight = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        result, w, b = self._descend(X, targets, weight, alpha)
        if not result.converged:
            warnings.warn(
                f"{type(self).__name__} did not converge in {result.n_iter} steps;"
                " raise max_iter or tol.",
                ConvergenceWarning,
                stacklevel=4,
            )
        self.n_iter_ = result.n_iter
        self.coef_ = w.T if np.ndim(y) == 2 else w[:, 0]
        self.intercept_ = b if np.ndim(y) == 2 else float(b[0])
        if not self.fit_intercept:
            self.intercept_ = 0.0
        return self

    def _descend(
        self, X: Array, y: Array, weight: Array | None, alpha: float
    ) -> tuple[Descent, Array, Array]:
        n = float(len(X)) if weight is None else float(weight.sum())
        l2 = alpha / n
        axes = (turned if X.shape[1] <= MAX_TURNED else stretched)(
            X, weight, 1.0, l2, self.fit_intercept
        )
        offset = (
            np.average(y, axis=0, weights=weight) if self.fit_intercept else np.zeros(len(y[0]))
        )
        centred = y - offset
        share = np.full((len(X), 1), 1.0 / n) if weight is None else weight[:, None] / n

        def loss_and_grad(v: Array) -> tuple[float, Array]:
            w, b = axes.weights(v)
            residual = X @ w + b - centred
            slope = share * residual
            loss = 0.5 * float(np.vdot(residual, slope)) + 0.5 * l2 * float(np.vdot(w, w))
            return loss, axes.gradient(X.T @ slope + l2 * w, slope.sum(axis=0))

        # In these axes the gradient is a correlation times the spread of y: tol is relative to it.
        spread = float(np.sqrt(np.max(np.sum(share * centred**2, axis=0))))
        result = gradient_descent(
            loss_and_grad,
            axes.start(y.shape[1]),
            step=axes.step,
            max_iter=self.max_iter,
            tol=self.tol * spread,
            nesterov=True,
            keep_path=False,
        )
        w, b = axes.weights(result.w)
        return result, w, b + offset

    def predict(self, X: ArrayLike) -> Array:
        """Fitted value of each row of ``X`` (n, d): (n,), or (n, n_targets) if y had two axes."""
        check_is_fitted(self)
        data: Array = validate_data(self, X, dtype=np.float64, reset=False)
        predicted: Array = data @ self.coef_.T + self.intercept_
        return predicted


class LinearRegression(_LeastSquares):
    """Least squares: the weights that minimise ``|X w + b - y|²``, by gradient descent.

    In the axes of `coordinates` the loss is exactly round, so the first step lands on the answer
    and the second only removes rounding; the textbook form needs one gradient per valley turn::

        w -= step * X.T @ (X @ w - y) / n

    Where columns depend on each other, the weights are the shortest of all that fit alike.

    Parameters
    ----------
    fit_intercept : bool
        Whether to add a constant.
    tol : float
        Largest gradient left, relative to the spread of y.
    max_iter : int
        Gradient steps at most.

    Attributes
    ----------
    coef_ : ndarray (d,) or (n_targets, d)
    intercept_ : float or ndarray (n_targets,)
    n_iter_ : int

    Examples
    --------
    >>> model = LinearRegression().fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> model.coef_.round(6), round(model.intercept_, 6)
    (array([2.]), 1.0)
    """

    _parameter_constraints = {
        "fit_intercept": ["boolean"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self, *, fit_intercept: bool = True, tol: float = 1e-6, max_iter: int = 1000
    ) -> None:
        self.fit_intercept = fit_intercept
        self.tol = tol
        self.max_iter = max_iter

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to ``X`` (n, d) and ``y`` (n,) or (n, n_targets); rows may be weighted."""
        return self._fit(X, y, sample_weight, 0.0)


class Ridge(_LeastSquares):
    """Least squares with the penalty ``alpha |w|²``; the intercept is not penalised.

    Parameters
    ----------
    alpha : float
        Strength of the penalty, in the units of a sum over rows.
    fit_intercept, tol, max_iter
        As in `LinearRegression`.

    Examples
    --------
    >>> model = Ridge(alpha=2.0).fit([[-1.0], [1.0]], [0.0, 4.0])
    >>> model.coef_.round(6), round(model.intercept_, 6)
    (array([1.]), 2.0)
    """

    _parameter_constraints = {
        "alpha": [Interval(Real, 0, None, closed="left")],
        **LinearRegression._parameter_constraints,
    }

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept: bool = True,
        tol: float = 1e-6,
        max_iter: int = 1000,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.tol = tol
        self.max_iter = max_iter

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to ``X`` (n, d) and ``y`` (n,) or (n, n_targets); rows may be weighted."""
        self._fit(X, y, sample_weight, float(self.alpha))
        if self.coef_.shape[0] == 1 and self.coef_.ndim == 2:  # one target in a column
            self.coef_ = self.coef_[0]
        return self
