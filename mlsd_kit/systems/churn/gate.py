"""Does the running model still hold, and may a challenger take its place?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Array = NDArray[np.float64]


def surprise(risk: ArrayLike, left: ArrayLike) -> float:
    """Leavers beyond what the risks promised, in standard errors; both of shape (n,).

    Needs labels, so it comes a month late; but it sees what features do not show.

    Examples
    --------
    >>> surprise([0.5] * 100, [1] * 60 + [0] * 40)
    2.0
    """
    p, happened = np.asarray(risk, float), np.asarray(left, float)
    return float((happened.sum() - p.sum()) / np.sqrt((p * (1 - p)).sum()))


class Gate(NamedTuple):
    """What a challenger adds to the running model on later customers: 95 % intervals."""

    nats: tuple[float, float]
    """Of log loss a customer."""
    dollars: tuple[float, float]
    """Of profit per 1,000 customers."""

    @property
    def passes(self) -> bool:
        """The log loss improves measurably, and the profit does not fall measurably."""
        return self.nats[0] > 0 and self.dollars[1] >= 0


def gate(
    left: ArrayLike,
    running: ArrayLike,
    challenger: ArrayLike,
    profit: Callable[[Array, NDArray[np.intp]], float],
    *,
    resamples: int = 200,
    seed: int = 0,
) -> Gate:
    """Compare two models on customers that neither was fitted to.

    Parameters
    ----------
    left : array-like of shape (n,), 0 or 1
    running, challenger : array-like of shape (n,), between 0 and 1
        Risks by the two models.
    profit : callable (risk, customers) -> float
        Profit per 1,000 of the customers with these numbers, if the list is made by these risks.
    resamples, seed : int
        Of customers, behind the interval in dollars.
    """
    y = np.asarray(left, float)
    old, new = np.asarray(running, float), np.asarray(challenger, float)
    better = np.log(np.abs(y - 1 + new) / np.abs(y - 1 + old))
    half = 1.96 * stats.sem(better)
    rng, gains = np.random.default_rng(seed), []
    for _ in range(resamples):
        i = rng.integers(len(y), size=len(y))
        gains.append(profit(new[i], i) - profit(old[i], i))
    low, high = np.quantile(gains, [0.025, 0.975])
    nats = float(better.mean() - half), float(better.mean() + half)
    return Gate(nats, (float(low), float(high)))
