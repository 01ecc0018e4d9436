"""Hit rate of a cache under Zipf's law."""

from __future__ import annotations

import math


def zipf_hit_rate(items: int, cached_share: float) -> float:
    """The ratio of two harmonic numbers.

    Parameters
    ----------
    items : int
        Number of different queries.
    cached_share : float
        Share of them that the cache holds.

    Returns
    -------
    float
        The hit rate, a fraction between 0 and 1.
    """
    raise NotImplementedError("write zipf_hit_rate")
