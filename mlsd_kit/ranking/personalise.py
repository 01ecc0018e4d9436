"""What a user likes, as a vector that grows with the evidence."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


class Profiles:
    """Mean vector of what each user read, old reading fading, pulled to 0 where little is known.

    ``Σ w v / (Σ w + prior)`` with weights w that halve every ``half_life`` documents. A user
    without history has the zero vector, so that personalisation has no effect on them; with a
    short half-life the same class describes the running session instead of the person.

    Parameters
    ----------
    n_features : int
        Length of the documents' vectors.
    half_life : float, default=20.0
        In documents read.
    prior : float, default=3.0
        Documents' worth of "nothing special" that evidence has to outweigh.

    Examples
    --------
    >>> profiles = Profiles(2, prior=1.0)
    >>> profiles.get("ann")
    array([0., 0.])
    >>> for _ in range(3):
    ...     profiles.update("ann", [1.0, 0.0])
    >>> profiles.get("ann").round(2)
    array([0.74, 0.  ])
    """

    def __init__(self, n_features: int, *, half_life: float = 20.0, prior: float = 3.0) -> None:
        if n_features < 1 or not half_life > 0 or not prior > 0:
            raise ValueError(
                "n_features, half_life and prior must be positive, got "
                f"{n_features}, {half_life} and {prior}."
            )
        self.n_features, self.half_life, self.prior = n_features, half_life, prior
        self._known: dict[Hashable, tuple[Array, float]] = {}

    def update(self, user: Hashable, vector: ArrayLike) -> None:
        """The user read a document with this vector (n_features,)."""
        read = np.asarray(vector, dtype=np.float64)
        if read.shape != (self.n_features,):
            raise ValueError(f"vector must have shape ({self.n_features},), got {read.shape}.")
        total, weight = self._known.get(user, (np.zeros(self.n_features), 0.0))
        fade = 0.5 ** (1.0 / self.half_life)
        self._known[user] = (fade * total + read, fade * weight + 1.0)

    def get(self, user: Hashable) -> Array:
        """The user's profile (n_features,); zeros for somebody new."""
        total, weight = self._known.get(user, (np.zeros(self.n_features), 0.0))
        return np.asarray(total / (weight + self.prior))

    def forget(self, user: Hashable) -> None:
        """Remove all that is known of a user (it is theirs to ask for); silent if nothing is."""
        self._known.pop(user, None)


def affinity(profile: ArrayLike, documents: ArrayLike) -> Array:
    """How well each document fits a profile: their inner products.

    Parameters
    ----------
    profile : array-like of shape (n_features,)
    documents : array-like of shape (n, n_features)
        Unit vectors; then the result lies in [-1, 1] and is smaller the less is known of the user.

    Returns
    -------
    ndarray of shape (n,)

    Examples
    --------
    >>> affinity([0.5, 0.0], [[1.0, 0.0], [0.0, 1.0]])
    array([0.5, 0. ])
    """
    return np.asarray(
        np.asarray(documents, dtype=np.float64) @ np.asarray(profile, dtype=np.float64)
    )
