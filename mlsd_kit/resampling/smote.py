"""New rows between a row of a small class and one of its nearest of the same class: `SMOTE`."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from mlsd_kit._validation import plain_table
from mlsd_kit.resampling._base import OverSampler, numpy_columns
from mlsd_kit.resampling._neighbors import neighbors_of

_BLOCK = 1 << 12


class Draw(NamedTuple):
    """Which row each new row starts from, towards which of its neighbours, and how far."""

    rows: np.ndarray
    towards: np.ndarray
    steps: np.ndarray


class SMOTE(OverSampler):
    """Append rows drawn on the lines between a row of a small class and its neighbours in it.

    The textbook form, for each new row: draw a row x of the class, one of its ``k_neighbors``
    nearest rows z of the same class, and u uniform in [0, 1); add ``x + u (z - x)`` (Chawla et al.,
    2002). A row is left out of its own neighbours by its number, not because its distance is 0:
    a duplicate of it is a neighbour like any other.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        "auto": every class gets as many rows as the largest; a float (two classes): minority over
        majority afterwards; a dict: rows per class afterwards.
    random_state : int, RandomState instance or None, default=None
        The same rows are made as by imbalanced-learn (where no two rows are equal).
    k_neighbors : int, default=5
        Neighbours to choose from; each class to be enlarged needs more rows than that.

    Attributes
    ----------
    sampling_strategy_ : dict
        Rows added per class.

    Notes
    -----
    Distances are in the units of the columns: scale them first. Columns of codes get values
    between the codes: `SMOTENC` is for those. The dtype of X is kept, so new rows of a table of
    integers are cut to integers (as by imbalanced-learn): pass floats to avoid it. They are
    computed as floats: differences of 8-bit integers would wrap around (in imbalanced-learn they
    do). A sparse matrix is worked on as a dense one and given back in its own format.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [8.0], [9.0]]), np.array([0, 0, 0, 1, 1])
    >>> new, labels = SMOTE(k_neighbors=1, random_state=0).fit_resample(X, y)
    >>> labels
    array([0, 0, 0, 1, 1, 1])
    >>> bool(8 <= new[-1, 0] <= 9)
    True
    """

    _parameter_constraints: dict = {
        **OverSampler._parameter_constraints,
        "k_neighbors": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self, *, sampling_strategy: Any = "auto", random_state: Any = None, k_neighbors: int = 5
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.k_neighbors = k_neighbors

    def fit_resample(self, X: Any, y: Any, **params: Any) -> Any:
        """Append rows between rows of ``X`` (n, d); see the class."""
        return super().fit_resample(numpy_columns(plain_table(X)), y, **params)

    def _fit_resample(self, X: Any, y: np.ndarray) -> tuple[Any, np.ndarray]:
        if not sparse.issparse(X):
            return self._resample(X, y)
        rows, labels = self._resample(X.toarray(), y)  # a line between two sparse rows is denser
        return type(X)(rows), labels

    def _resample(self, X: Any, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        labels = [np.full(n, label, dtype=y.dtype) for label, n in self._wanted()]
        out = np.empty((len(X) + sum(map(len, labels)), X.shape[1]), dtype=X.dtype)
        out[: len(X)] = X
        end = len(X)
        for label, n_new in self._wanted():
            members = X[y == label]
            self._check_size(len(members), label)
            neighbors = neighbors_of(members, np.arange(len(members)), self.k_neighbors)
            draw = self._draw(neighbors, n_new)
            interpolate(members, members, draw, out=out[end : end + n_new])
            end += n_new
        return out, np.concatenate([y, *labels])

    def _wanted(self) -> Iterator[tuple[Any, int]]:
        return ((label, n) for label, n in self.sampling_strategy_.items() if n > 0)

    def _check_size(self, n_rows: int, label: Any) -> None:
        if n_rows <= self.k_neighbors:
            raise ValueError(
                f"k_neighbors={self.k_neighbors} needs more than {self.k_neighbors} rows in each"
                f" class that is enlarged, but class {label!r} has n_samples = {n_rows}: pass"
                f" k_neighbors={max(n_rows - 1, 1)} or fewer (n_neighbors={self.k_neighbors + 1}"
                " counts the row itself), or use RandomOverSampler."
            )

    def _draw(self, neighbors: np.ndarray, n_new: int) -> Draw:
        """Choose (row, neighbour) pairs and steps, in imbalanced-learn's order of random numbers.

        Parameters
        ----------
        neighbors : ndarray of shape (n_rows, k)
            Row numbers of the neighbours of each row.
        n_new : int
        """
        rng = check_random_state(self.random_state)
        pairs = rng.randint(low=0, high=neighbors.size, size=n_new)
        steps = rng.uniform(size=n_new)
        return Draw(pairs // neighbors.shape[1], neighbors.ravel()[pairs], steps)


def interpolate(
    starts: np.ndarray,
    ends: np.ndarray,
    draw: Draw,
    *,
    out: np.ndarray,
    shrink: np.ndarray | None = None,
) -> None:
    """Write ``x + step (z - x)`` for each drawn pair into ``out``, in blocks.

    Parameters
    ----------
    starts, ends : ndarrays of shape (n, d) and (m, d)
        Where ``draw.rows`` and ``draw.towards`` point.
    draw : Draw
    out : ndarray of shape (n_new, d)
    shrink : ndarray of shape (n_new,) or None
        Factor on each difference, 1 if None.

    Examples
    --------
    >>> rows = np.array([[0.0], [10.0]])
    >>> out = np.empty((1, 1))
    >>> interpolate(rows, rows, Draw(np.array([0]), np.array([1]), np.array([0.3])), out=out)
    >>> out
    array([[3.]])
    """
    for start in range(0, len(out), _BLOCK):
        part = slice(start, start + _BLOCK)
        base, end = starts[draw.rows[part]], ends[draw.towards[part]]
        if base.dtype.kind in "bui":  # 200 - 100 fits into 8 bits, 100 - 200 does not
            base, end = base.astype(np.float64), end.astype(np.float64)
        step = end - base
        if shrink is not None:
            step = step * shrink[part, None]
        out[part] = base + draw.steps[part, None] * step
