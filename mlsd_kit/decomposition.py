"""Principal component analysis: the directions along which the rows vary most."""

from __future__ import annotations

from itertools import pairwise
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.base import ClassNamePrefixFeaturesOutMixin as _NamedOut
from sklearn.utils import Tags, check_random_state
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions
from sklearn.utils.validation import check_is_fitted

from mlsd_kit._threads import in_order, one_blas_thread
from mlsd_kit._validation import validate_data

Array = NDArray[Any]
_BLOCK = 1 << 15  # numbers of X that are centred at a time (256 KiB)
_PARTS = 4  # of the rows, side by side: a fixed number, so that threads do not change the sums
_KRYLOV_STEPS = 3


class PCA(_NamedOut, TransformerMixin, BaseEstimator):
    """Projects rows on the directions of largest variance.

    The textbook form, with which every solver agrees up to rounding::

        centred = X - X.mean(axis=0)
        U, S, Vt = np.linalg.svd(centred, full_matrices=False)
        components, explained_variance = Vt[:k], S[:k] ** 2 / (n - 1)

    It costs n·d·min(n, d). A tall X needs only its (d, d) covariance, collected in one pass; of a
    large X a few components are found from a random sketch. Each component's sign is such that its
    largest entry is positive. Where two variances are equal the components may be rotated.

    Parameters
    ----------
    n_components : int, float in (0, 1) or None
        How many, or the share of the variance they must exceed, or min(n, d).
    whiten : bool
        Divide the projections by their standard deviation.
    svd_solver : "auto", "full", "covariance_eigh" or "randomized"
        "auto" takes the covariance if d <= 1000 and n >= 10 d; else the sketch if the longer side
        is above 500 and fewer than 0.8 min(n, d) components are wanted; else the full SVD.
    n_oversamples : int
        Directions the sketch has beyond ``n_components``.
    iterated_power : int or "auto"
        Steps of the sketch ("auto" is 3); see `_sketch`.
    random_state : int, RandomState or None
        Of the sketch.

    Attributes
    ----------
    components_ : ndarray (n_components, d)
        Orthonormal rows, largest variance first.
    explained_variance_, explained_variance_ratio_, singular_values_ : ndarray (n_components,)
        Variances have n - 1 degrees of freedom. Ratios of constant data are 0.
    mean_ : ndarray (d,)
    n_components_, n_samples_ : int

    Examples
    --------
    >>> X = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    >>> pca = PCA(n_components=1).fit(X)
    >>> pca.components_.round(3), pca.explained_variance_ratio_.round(3)
    (array([[0.447, 0.894]]), array([1.]))
    >>> bool(np.allclose(pca.inverse_transform(pca.transform(X)), X))
    True
    """

    _parameter_constraints = {
        "n_components": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="neither"),
            None,
        ],
        "whiten": ["boolean"],
        "svd_solver": [StrOptions({"auto", "full", "covariance_eigh", "randomized"})],
        "n_oversamples": [Interval(Integral, 1, None, closed="left")],
        "iterated_power": [StrOptions({"auto"}), Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_components: int | float | None = None,
        *,
        whiten: bool = False,
        svd_solver: str = "auto",
        n_oversamples: int = 10,
        iterated_power: int | str = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_components = n_components
        self.whiten = whiten
        self.svd_solver = svd_solver
        self.n_oversamples = n_oversamples
        self.iterated_power = iterated_power
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: None = None) -> Self:
        """Find the components of the rows ``X`` (n, d); ``y`` is not looked at."""
        rows: Array = validate_data(self, X, dtype=[np.float64, np.float32], ensure_min_samples=2)
        n, d = rows.shape
        wanted = min(n, d) if self.n_components is None else self.n_components
        if wanted > min(n, d):
            raise ValueError(
                f"n_components={wanted} must be at most min(n_samples, n_features) = {min(n, d)}."
            )
        solver = self._solver(n, d, wanted)
        if solver == "covariance_eigh":
            mean, variances, components = _by_covariance(rows)
            total = variances.sum()
        elif solver == "full":
            mean = np.asarray(rows.mean(axis=0, dtype=np.float64))
            variances, components = _by_svd(rows - mean)
            total = variances.sum()
        elif isinstance(wanted, Integral):
            mean = np.asarray(rows.mean(axis=0, dtype=np.float64))
            steps = _KRYLOV_STEPS if self.iterated_power == "auto" else int(self.iterated_power)
            random = check_random_state(self.random_state)
            size = min(int(wanted) + self.n_oversamples, n, d)
            total = _total_variance(rows, mean)
            variances, components = _sketch(rows, mean, size, steps, total, random)
        else:
            raise ValueError('svd_solver="randomized" needs n_components to be a whole number.')
        ratios = variances / total if total > 0 else np.zeros_like(variances)
        if not isinstance(wanted, Integral):
            wanted = int(np.searchsorted(np.cumsum(ratios), wanted, side="right")) + 1
        k = min(int(wanted), n, d)
        self.n_samples_, self.n_components_ = n, k
        self.mean_ = mean.astype(rows.dtype)
        self.components_ = _positive(components[:k]).astype(rows.dtype)
        self.explained_variance_ = variances[:k].astype(rows.dtype)
        self.explained_variance_ratio_ = ratios[:k].astype(rows.dtype)
        self.singular_values_ = np.sqrt(variances[:k] * (n - 1)).astype(rows.dtype)
        return self

    def _solver(self, n: int, d: int, wanted: float) -> str:
        if self.svd_solver != "auto":
            return self.svd_solver
        if d <= 1000 and n >= 10 * d:
            return "covariance_eigh"
        return "randomized" if max(n, d) > 500 and 1 <= wanted < 0.8 * min(n, d) else "full"

    def transform(self, X: ArrayLike) -> Array:
        """Coordinates of the rows ``X`` (n, d) along the components: (n, n_components)."""
        check_is_fitted(self)
        rows: Array = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        projected = (rows - self.mean_) @ self.components_.T
        return np.asarray(projected / self._spread() if self.whiten else projected)

    def inverse_transform(self, X: ArrayLike) -> Array:
        """Rows (n, d) with the coordinates ``X`` (n, n_components): exact if all are kept."""
        check_is_fitted(self)
        projected = np.asarray(X)
        if projected.ndim != 2 or projected.shape[1] != self.n_components_:
            raise ValueError(
                f"X must be (n, {self.n_components_}), as transform returns; got {projected.shape}."
            )
        if self.whiten:
            projected = projected * self._spread()
        return np.asarray(projected @ self.components_ + self.mean_)

    def _spread(self) -> Array:
        """Standard deviations; never 0, so that a constant direction stays 0 when whitened."""
        return np.maximum(np.sqrt(self.explained_variance_), np.finfo(self.mean_.dtype).eps)

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _positive(components: Array) -> Array:
    """Each row with the sign that makes its largest entry (by size) positive."""
    largest = components[np.arange(len(components)), np.abs(components).argmax(axis=1)]
    return components * np.where(largest < 0, -1.0, 1.0)[:, None]


def _by_svd(centred: Array) -> tuple[Array, Array]:
    singular, components = np.linalg.svd(centred, full_matrices=False)[1:]
    return singular.astype(np.float64) ** 2 / (len(centred) - 1), components


def _by_covariance(X: Array) -> tuple[Array, Array, Array]:
    """Mean, variances and components from the eigenvectors of the covariance, in one pass.

    Rows are centred on a guess c, which is corrected at the end: ``Σ (x - m)(x - m)ᵀ =
    Σ (x - c)(x - c)ᵀ - n (m - c)(m - c)ᵀ``. With c near m no digits are lost far from the origin.
    """
    n, d = X.shape
    rows = max(1, _BLOCK // d)
    guess = np.mean(X[:: max(1, n // 256)], axis=0, dtype=np.float64)

    def of_rows(first: int, last: int) -> tuple[Array, Array]:
        """Σ (x - c)(x - c)ᵀ and Σ (x - c) of some rows, a block at a time in one small buffer."""
        scatter, shift = np.zeros((d, d)), np.zeros(d)
        ones, buffer = np.ones(rows), np.empty((rows, d))
        for start in range(first, last, rows):
            part = X[start : min(start + rows, last)]
            block = np.subtract(part, guess, out=buffer[: len(part)])
            scatter += block.T @ block
            shift += ones[: len(block)] @ block
        return scatter, shift

    edges = [n * i // _PARTS for i in range(_PARTS + 1)]
    with one_blas_thread():  # the parts have a thread each; on a small matrix BLAS's own only wait
        found = in_order(lambda part: of_rows(*part), list(pairwise(edges)), least=1)
        scatter, shift = (sum(terms) for terms in zip(*found, strict=True))
        scatter -= np.outer(shift, shift) / n
        variances, vectors = np.linalg.eigh(scatter / (n - 1))
    return guess + shift / n, np.maximum(variances[::-1], 0.0), vectors.T[::-1]


def _total_variance(X: Array, mean: Array) -> float:
    rows, total = max(1, _BLOCK // X.shape[1]), 0.0
    for start in range(0, len(X), rows):
        block = np.subtract(X[start : start + rows], mean, dtype=np.float64).ravel()
        total += float(block @ block)
    return total / (len(X) - 1)


def _sketch(
    X: Array, mean: Array, size: int, steps: int, total: float, random: np.random.RandomState
) -> tuple[Array, Array]:
    """The leading variances and components from a random block Krylov space.

    With A the centred X, a random block is multiplied by A, then by ``A Aᵀ`` again and again, and
    *every* block is kept as a basis (Musco and Musco, 2015). Power iteration keeps only the last
    one, and needs about twice the products for the same accuracy. A itself is never formed:
    ``A v = X v - 1 (m·v)``.
    """
    if X.dtype == np.float32 or mean @ mean > 1e6 * total:  # that difference would lose digits
        X, mean = np.subtract(X, mean, dtype=np.float64).astype(X.dtype), np.zeros_like(mean)

    def times(v: Array) -> Array:
        return X @ v - mean @ v

    def transposed_times(u: Array) -> Array:
        return X.T @ u - np.outer(mean, u.sum(axis=0))

    start = random.normal(size=(X.shape[1], size)).astype(X.dtype)
    basis = np.linalg.qr(times(start))[0]
    seen = transposed_times(basis)
    for _ in range(steps):
        block = times(seen[:, -size:])[:, : min(X.shape) - basis.shape[1]]
        if not block.size:
            break  # the basis already spans all there is
        for _ in range(2):  # once would leave directions that rounding brings back
            block = np.linalg.qr(block - basis @ (basis.T @ block))[0]
        basis, seen = np.hstack([basis, block]), np.hstack([seen, transposed_times(block)])
    found = np.linalg.svd(seen, full_matrices=False)[0][:, :size]
    # Turned until the projections of X itself, not only of its sketch, are uncorrelated.
    singular, turn = np.linalg.svd(times(found), full_matrices=False)[1:]
    return singular.astype(np.float64) ** 2 / (len(X) - 1), turn @ found.T
