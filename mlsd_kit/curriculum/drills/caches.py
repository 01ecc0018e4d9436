"""A cache is a thinning of its requests; how much it thins follows from its size and the load.

The hit rate is computed from how popular the items are, never chosen. Items are given in groups:
``popularity`` (share of the requests that go to one item of the group) and ``items`` (how many).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from mlsd_kit.curriculum.drills.stages import Array


def zipf(n_items: float, exponent: float = 1.0, exact: int = 10_000) -> tuple[Array, Array]:
    """Zipf's law, popularity ∝ rank^-exponent: the first ranks singly, the others in groups.

    >>> popularity, items = zipf(1e8)
    >>> items.sum(), (popularity * items).sum().round(6)
    (np.float64(100000000.0), np.float64(1.0))
    """
    edges = np.arange(1.0, min(exact, n_items) + 1)
    if n_items > exact:
        edges = np.append(edges, np.unique(np.geomspace(exact + 1, n_items + 1, 400).round()))
    else:
        edges = np.append(edges, n_items + 1)
    items = np.diff(edges)
    weight = ((edges[:-1] + edges[1:] - 1) / 2) ** -exponent  # of the group's middle rank
    return weight / (weight * items).sum(), items


def lru_hit_rate(popularity: ArrayLike, size: float, items: ArrayLike = 1.0) -> float:
    """Share of hits of a cache of ``size`` items that forgets the least recently used.

    An item is there if it was asked for within the last T requests, p_hit = 1 - exp(-p T), and T
    is such that ``size`` items are there (Che, Tung and Wang 2002).

    >>> popularity, items = zipf(1e8)
    >>> round(lru_hit_rate(popularity, 1e6, items), 3)
    0.686
    """
    p, n = np.asarray(popularity, dtype=float), np.asarray(items, dtype=float)
    if size >= np.broadcast_to(n, p.shape).sum():
        return 1.0
    held = lambda log_t: (n * -np.expm1(-p * np.exp(log_t))).sum() - size  # noqa: E731
    return float((n * p * -np.expm1(-p * np.exp(brentq(held, -50.0, 100.0)))).sum())


def ttl_hit_rate(popularity: ArrayLike, rate: float, ttl: float, items: ArrayLike = 1.0) -> float:
    """Share of hits when an entry lives ``ttl`` seconds and nothing is evicted.

    Of an item asked for λ times a second, one miss is followed by λ·ttl hits (Poisson): the share
    is λ·ttl / (1 + λ·ttl). ``rate`` is that of all items together [1/s].

    >>> ttl_hit_rate([1.0], rate=2.0, ttl=1.5)
    0.75
    """
    p, n = np.asarray(popularity, dtype=float), np.asarray(items, dtype=float)
    expected = p * rate * ttl
    return float((n * p * expected / (1.0 + expected)).sum())
