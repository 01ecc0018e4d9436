"""Axes in which a linear model's loss is round, so that gradient descent needs few steps.

A gradient step of length 1/L is slow when the loss is a narrow valley: columns on different scales,
or correlated. But the curvature of these losses has a known ceiling, the same everywhere:

    squared loss:  cov(X)           logistic loss:  cov(X) / 4 (binary), cov(X) / 2 (softmax)

(Böhning and Lindsay, 1988), plus l2 on the diagonal. In axes v with ``w = T v`` chosen such that
the ceiling is the identity, 1 is a safe step in every direction, whatever the columns' units.
L1 is a sum over the original weights, so there the axes may only be stretched, not turned.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

Array = NDArray[np.float64]
BLOCK = 1 << 18
"""Numbers of X that are worked on at a time (2 MiB)."""
MAX_TURNED = 2000
"""Above this many columns the (d, d) covariance is not formed, and the axes are not turned."""


class Coordinates(NamedTuple):
    """``w = basis v`` (or ``basis * v``) and ``b = v_b / √curvature - mean · w``."""

    mean: Array
    """(d,) centre of the columns; zeros without intercept. It costs no centred copy of X."""
    basis: Array
    """(d, d) if the axes are turned, (d,) if only stretched."""
    intercept: float
    """Length of the intercept's axis; 0 without intercept."""
    step: float
    """1 / L in these axes."""

    def start(self, n_outputs: int) -> Array:
        """The origin: (d + 1, n_outputs), the last row for the intercept."""
        return np.zeros((len(self.mean) + 1, n_outputs))

    def weights(self, v: Array) -> tuple[Array, Array]:
        """Weights (d, n_outputs) and intercepts (n_outputs,) at the point ``v``."""
        w = self.basis @ v[:-1] if self.basis.ndim == 2 else self.basis[:, None] * v[:-1]
        return w, self.intercept * v[-1] - (self.mean @ w if self.intercept else 0.0)

    def gradient(self, by_weights: Array, by_intercept: Array) -> Array:
        """The chain rule: gradient by ``v`` from the gradient by weights and intercepts."""
        if self.intercept:
            by_weights = by_weights - np.outer(self.mean, by_intercept)
        turned = self.basis.ndim == 2
        top = self.basis.T @ by_weights if turned else self.basis[:, None] * by_weights
        return np.vstack([top, self.intercept * by_intercept])


def turned(
    X: Array, sample_weight: Array | None, curvature: float, l2: float, fit_intercept: bool
) -> Coordinates:
    """Axes along the principal directions, each stretched to curvature 1: L is 1."""
    mean, cov = covariance(X, sample_weight, fit_intercept)
    ceiling = curvature * cov
    ceiling[np.diag_indices_from(ceiling)] += l2
    scale = _inverse_root(np.diag(ceiling))
    values, vectors = np.linalg.eigh(ceiling * scale * scale[:, None])
    noise = 10.0 * len(values) * np.finfo(np.float64).eps
    # Directions in which the data does not vary keep weight 0; the ceiling covers rounding.
    stretch = np.where(values > noise, 1.0 / np.sqrt(np.maximum(values, 0.0) + noise), 0.0)
    basis = scale[:, None] * vectors * stretch
    if (values <= noise).any():  # of all the weights that then fit alike, the shortest
        idle = np.linalg.qr(scale[:, None] * vectors[:, values <= noise])[0]
        basis -= idle @ (idle.T @ basis)
    return Coordinates(mean, basis, fit_intercept / np.sqrt(curvature), 1.0)


def stretched(
    X: Array, sample_weight: Array | None, curvature: float, l2: float, fit_intercept: bool
) -> Coordinates:
    """The original axes, each stretched to curvature 1; L is the largest eigenvalue left."""
    if X.shape[1] <= MAX_TURNED:
        mean, cov = covariance(X, sample_weight, fit_intercept)
        ceiling = curvature * cov
        ceiling[np.diag_indices_from(ceiling)] += l2
        scale = _inverse_root(np.diag(ceiling))
        largest = np.linalg.eigvalsh(ceiling * scale * scale[:, None])[-1]
    else:
        mean, variances = _column_moments(X, sample_weight, fit_intercept)
        scale = _inverse_root(curvature * variances + l2)
        largest = _largest_eigenvalue(X, sample_weight, mean, scale, curvature, l2)
    # The intercept's axis has curvature 1 and is independent of the centred columns.
    lipschitz = max(float(largest), 1.0) * (1.0 + 1e-6)
    return Coordinates(mean, scale, fit_intercept / np.sqrt(curvature), 1.0 / lipschitz)


def covariance(X: Array, sample_weight: Array | None, centre: bool) -> tuple[Array, Array]:
    """Mean (d,) and covariance (d, d) of the columns, a block of rows at a time.

    The rows are centred before they are multiplied: ``XᵀX/n - m mᵀ`` would lose every digit on data
    far from the origin.
    """
    n, d = X.shape
    total = float(n) if sample_weight is None else float(sample_weight.sum())
    mean = _mean(X, sample_weight, total) if centre else np.zeros(d)
    cov = np.zeros((d, d))
    rows = max(1, BLOCK // d)
    for start in range(0, n, rows):
        block = X[start : start + rows] - mean
        if sample_weight is not None:
            block *= np.sqrt(sample_weight[start : start + rows, None])
        cov += block.T @ block
    cov /= total
    return mean, cov


def _mean(X: Array, sample_weight: Array | None, total: float) -> Array:
    mean: Array = X.mean(axis=0) if sample_weight is None else sample_weight @ X / total
    return mean


def _column_moments(X: Array, sample_weight: Array | None, centre: bool) -> tuple[Array, Array]:
    n, d = X.shape
    weight = np.ones(n) if sample_weight is None else sample_weight
    mean = _mean(X, sample_weight, float(weight.sum())) if centre else np.zeros(d)
    variances = np.zeros(d)
    rows = max(1, BLOCK // d)
    for start in range(0, n, rows):
        variances += weight[start : start + rows] @ (X[start : start + rows] - mean) ** 2
    return mean, variances / weight.sum()


def _largest_eigenvalue(
    X: Array, sample_weight: Array | None, mean: Array, scale: Array, curvature: float, l2: float
) -> float:
    """Largest eigenvalue of the stretched ceiling by Lanczos: products with X, no (d, d) matrix."""
    weight = np.full(len(X), 1.0) if sample_weight is None else sample_weight
    share = weight / weight.sum()

    def multiply(v: Array) -> Array:
        w = scale * v.ravel()
        z = share * (X @ w - mean @ w)
        return scale * (curvature * (z @ X - z.sum() * mean) + l2 * w)

    d = len(scale)
    operator = LinearOperator((d, d), matvec=multiply, dtype=np.float64)
    start = np.ones(d)  # the default start is random
    value = eigsh(operator, k=1, which="LA", v0=start, tol=1e-4, return_eigenvectors=False)
    return 1.01 * float(value[0])  # Lanczos approaches from below


def _inverse_root(curvature: Array) -> Array:
    """1 / √curvature, and 1 for a constant column, whose weight never moves from 0."""
    constant = curvature <= 0.0
    return np.where(constant, 1.0, 1.0 / np.sqrt(np.where(constant, 1.0, curvature)))
