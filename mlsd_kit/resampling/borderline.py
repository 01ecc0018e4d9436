"""SMOTE that starts only from rows near the border of their class: `BorderlineSMOTE`."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from mlsd_kit.resampling._neighbors import neighbors_of
from mlsd_kit.resampling.smote import SMOTE, interpolate


class BorderlineSMOTE(SMOTE):
    """Append rows between border rows of a small class and their neighbours.

    A row is *in danger* if at least half, but not all, of its ``m_neighbors`` nearest rows (of any
    class) belong to other classes; all others are taken for noise (Han, Wang and Mao, 2005). New
    rows start from rows in danger only, towards rows of the same class ("borderline-1"), or of any
    class and then at most half-way, scaled by a second uniform draw ("borderline-2").

    Parameters
    ----------
    sampling_strategy, random_state, k_neighbors
        As in `SMOTE`.
    m_neighbors : int, default=10
        Neighbours that decide whether a row is in danger.
    kind : {"borderline-1", "borderline-2"}, default="borderline-1"

    Attributes
    ----------
    in_danger_indices : dict
        Per class, the rows in danger; a class without any gets no new rows.
    sampling_strategy_ : dict
        Rows asked for per class.

    Examples
    --------
    >>> X = np.array([[0.0], [0.5], [1.0], [2.0], [4.0], [3.0], [3.4], [9.0], [9.2]])
    >>> y = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1])
    >>> sampler = BorderlineSMOTE(k_neighbors=1, m_neighbors=3, random_state=0)
    >>> new, labels = sampler.fit_resample(X, y)
    >>> sampler.in_danger_indices[1], bool(3 <= new[-1, 0] <= 3.4)
    (array([5, 6]), True)
    """

    _parameter_constraints: dict = {
        **SMOTE._parameter_constraints,
        "m_neighbors": [Interval(Integral, 1, None, closed="left")],
        "kind": [StrOptions({"borderline-1", "borderline-2"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
        m_neighbors: int = 10,
        kind: str = "borderline-1",
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, k_neighbors=k_neighbors
        )
        self.m_neighbors = m_neighbors
        self.kind = kind

    def _resample(self, X: Any, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.in_danger_indices: dict[Any, np.ndarray] = {}
        tables, labels = [X], [y]
        for label, n_new in self._wanted():
            members = np.flatnonzero(y == label)
            self._check_size(len(members), label)
            danger = members[self._in_danger(X, y, members, label)]
            if not len(danger):
                continue
            self.in_danger_indices[label] = danger
            tables.append(self._new_rows(X, y, label, members, danger, n_new))
            labels.append(np.full(n_new, label, dtype=y.dtype))
        return np.concatenate(tables), np.concatenate(labels)

    def _in_danger(
        self, X: np.ndarray, y: np.ndarray, members: np.ndarray, label: Any
    ) -> np.ndarray:
        if len(X) <= self.m_neighbors:
            raise ValueError(
                f"m_neighbors={self.m_neighbors} needs more than {self.m_neighbors} rows, X has"
                f" n_samples = {len(X)}: pass m_neighbors={len(X) - 1} or fewer."
            )
        strangers = (y[neighbors_of(X, members, self.m_neighbors)] != label).sum(axis=1)
        return (strangers >= self.m_neighbors / 2) & (strangers < self.m_neighbors)

    def _new_rows(
        self,
        X: np.ndarray,
        y: np.ndarray,
        label: Any,
        members: np.ndarray,
        danger: np.ndarray,
        n_new: int,
    ) -> np.ndarray:
        shrink = None
        if self.kind == "borderline-1":
            own = np.searchsorted(members, danger)
            ends, neighbors = X[members], neighbors_of(X[members], own, self.k_neighbors)
            draw = self._draw(neighbors, n_new)
        else:
            ends, neighbors = X, neighbors_of(X, danger, self.k_neighbors)
            draw = self._draw(neighbors, n_new)
            foreign = y[draw.towards] != label
            shrink = np.ones(n_new)
            rng = check_random_state(self.random_state)
            shrink[foreign] = rng.uniform(low=0.0, high=0.5, size=foreign.sum())
        out = np.empty((n_new, X.shape[1]), dtype=X.dtype)
        interpolate(X[danger], ends, draw, out=out, shrink=shrink)
        return out
