"""The tail of a fan-out."""

from __future__ import annotations


def leaf_quantile(leaves: int, whole_quantile: float) -> float:
    """The n-th root of the quantile of the whole.

    Parameters
    ----------
    leaves : int
        Servers a request waits for.
    whole_quantile : float
        Share of whole requests that must be in time.

    Returns
    -------
    float
        The share of a single leaf's answers that must be in time, as a fraction such as 0.99.
    """
    raise NotImplementedError("write leaf_quantile")
