"""How far apart two samples are: population stability index and Jensen-Shannon distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlsd_kit.drift.bins import BinnedPair, bin_pair


def psi(
    reference: ArrayLike,
    current: ArrayLike,
    *,
    bins: int = 10,
    categorical: bool | None = None,
    smoothing: float = 0.5,
) -> float:
    """Population stability index of ``current`` against ``reference``.

    PSI = Σ (q - p) · ln(q / p) over the bins, with p and q the shares of reference and current: the
    symmetrised Kullback-Leibler divergence (Jeffreys 1946). Custom reads < 0.1 as stable and > 0.25
    as changed, but without drift its mean is about (k - 1)(1/n + 1/m) for k bins, so small samples
    pass 0.1 by chance alone: use a test (`ks_test`, `chi_squared`) to decide, PSI to say how much.

    Parameters
    ----------
    reference, current : array-like of shape (n,) and (m,)
        Training-time and recent values of one feature. Missing values are a bin of their own.
    bins : int, default=10
        Quantile bins, taken from the reference (numbers only).
    categorical : bool or None, default=None
        ``None`` decides by the type of the values.
    smoothing : float, default=0.5
        Counts added to every bin on both sides, so that an empty bin gives a large number instead
        of an infinite one. 0 is the textbook formula.

    Returns
    -------
    float, ≥ 0; infinite only with ``smoothing=0`` and a bin that is empty on one side.

    Raises
    ------
    ValueError
        If a sample is empty or infinite, the kinds differ, or ``smoothing`` is negative.

    >>> psi([1, 2, 3, 4] * 50, [1, 2, 3, 4] * 50)
    0.0
    >>> round(psi(["card"] * 80 + ["cash"] * 20, ["card"] * 50 + ["cash"] * 50), 2)
    0.41
    >>> psi(["card"] * 10, ["card"] * 9 + ["crypto"], smoothing=0)
    inf
    """
    if not smoothing >= 0 or smoothing == np.inf:
        raise ValueError(f"smoothing must be a finite count of at least 0, got {smoothing!r}.")
    pair = bin_pair(reference, current, bins=bins, categorical=categorical)
    used = pair.reference + pair.current > 0  # empty on both sides says nothing about a change
    p, q = BinnedPair([], pair.reference[used], pair.current[used]).shares(smoothing)
    if (p == 0).any() or (q == 0).any():
        return float("inf")
    return float(np.sum((q - p) * np.log(q / p)))


def jensen_shannon(
    reference: ArrayLike,
    current: ArrayLike,
    *,
    bins: int = 10,
    categorical: bool | None = None,
    base: float = 2.0,
) -> float:
    """Jensen-Shannon distance of two samples: 0 for equal shares, 1 for no bin in common.

    √(½ KL(p ‖ m) + ½ KL(q ‖ m)) with m = (p + q) / 2 (Endres and Schindelin 2003). It is a metric,
    and empty bins need no smoothing, because m is positive wherever p or q is.

    Parameters
    ----------
    reference, current : array-like of shape (n,) and (m,)
    bins : int, default=10
    categorical : bool or None, default=None
        As in `psi`.
    base : float, default=2.0
        Base of the logarithm; 2 bounds the distance by 1.

    Returns
    -------
    float in [0, 1] for base 2.

    Raises
    ------
    ValueError
        If a sample is empty or infinite, the kinds differ, or ``base`` is not above 1.

    >>> jensen_shannon(["a", "a"], ["b", "b"])
    1.0
    >>> round(jensen_shannon(["a", "b"], ["a", "a"]), 3)
    0.558
    """
    if not base > 1:
        raise ValueError(f"base must be above 1, got {base!r}.")
    p, q = bin_pair(reference, current, bins=bins, categorical=categorical).shares()
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    return float(np.sqrt(max(0.0, divergence) / np.log(base)))


def _relative_entropy(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    """Σ p ln(p / q) in nats, with 0 · ln 0 = 0."""
    used = p > 0
    return float(np.sum(p[used] * np.log(p[used] / q[used])))
