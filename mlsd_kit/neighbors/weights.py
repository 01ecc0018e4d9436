"""How much each neighbour's vote counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Weights = str | Callable[[Array], ArrayLike]


def neighbour_weights(distances: Array, weights: Weights) -> Array | None:
    """Weight of each neighbour (n, k): None if uniform, 1 / distance, or what a callable says.

    At distance 0 the weight is infinite: such neighbours share the vote and the others have none.
    """
    if weights == "uniform":
        return None
    if callable(weights):
        return np.asarray(weights(distances), dtype=np.float64)
    same = distances == 0.0
    with np.errstate(divide="ignore", over="ignore"):
        inverse = np.minimum(1.0 / distances, np.finfo(np.float64).max / (1 + distances.shape[1]))
    rows = same.any(axis=1)
    inverse[rows] = same[rows]
    return inverse
