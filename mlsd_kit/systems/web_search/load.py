"""Queries as people ask them, and what an answer tells of its stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import numpy as np


def popular(
    queries: Sequence[str], count: int, *, seed: int = 0, exponent: float = 1.0
) -> list[str]:
    """Draw queries, some far more often than others.

    Parameters
    ----------
    queries : sequence of str
        The k-th is drawn with a probability proportional to ``1 / k ** exponent`` (Zipf).
    count : int
        How many to draw.
    seed : int, default=0
        Of the draws.
    exponent : float, default=1.0
        0 draws all alike, which is the hardest for a cache.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If there is no query.

    Examples
    --------
    >>> popular(["often", "seldom"], 5, exponent=3)
    ['often', 'often', 'often', 'often', 'often']
    """
    if not len(queries):
        raise ValueError("popular needs at least one query to draw from.")
    share = np.arange(1.0, len(queries) + 1) ** -exponent
    drawn = np.random.default_rng(seed).choice(len(queries), size=count, p=share / share.sum())
    return [queries[k] for k in drawn]


def search_paths(queries: Sequence[str], **widths: int) -> list[str]:
    """What to ask the service for: a path a query, each with these widths.

    >>> search_paths(["graph & web"], rank=50)
    ['/search?q=graph+%26+web&rank=50']
    """
    return [f"/search?{urlencode({'q': query, **widths})}" for query in queries]


def parts(answer: dict[str, Any]) -> dict[str, float]:
    """Milliseconds within the handler (``inside``), and of each stage that the service names."""
    stages = {name: 1e3 * value for name, value in answer["seconds"].items()}
    return {"inside": 1e3 * answer["total"], **stages}
