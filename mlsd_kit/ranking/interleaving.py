"""Two rankers on one page: whose documents are clicked?"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Interleaved(NamedTuple):
    """A page drafted from two rankings."""

    documents: list[Hashable]
    """In the order shown."""
    team: NDArray[np.int8]
    """(n,): 0 where ranking a chose the document, 1 where b did, -1 where both would have."""


def team_draft(
    a: Sequence[Hashable],
    b: Sequence[Hashable],
    n: int,
    random: np.random.Generator,
    *,
    shared_prefix: bool = False,
) -> Interleaved:
    """Let two rankings choose in turn, as captains do; a coin decides who begins each round.

    Each ranking gives its best document not yet taken (Radlinski et al., 2008). The reader sees
    one page and judges both at once, so that what differs between readers cancels: that is why it
    needs far fewer of them than an A/B test.

    Parameters
    ----------
    a, b : sequence of ids, best first
        Each without repeats.
    n : int
        Places on the page.
    random : numpy Generator
    shared_prefix : bool, default=False
        Whether documents that both have in the same first places belong to no team, so that clicks
        on them cannot decide by the coin's luck (less noise; Chapelle et al., 2012).

    Returns
    -------
    Interleaved
        Shorter than n if the two together have fewer documents.

    Raises
    ------
    ValueError
        If a ranking repeats a document, or n is below 1.

    Examples
    --------
    >>> page = team_draft("abc", "bca", 3, np.random.default_rng(1))
    >>> page.documents, page.team.tolist()
    (['a', 'b', 'c'], [0, 1, 0])
    """
    for name, ranking in (("a", a), ("b", b)):
        if len(set(ranking)) < len(ranking):
            raise ValueError(f"ranking {name} repeats a document: give each once.")
    if n < 1:
        raise ValueError(f"n={n}: the page needs at least one place.")
    documents: list[Hashable] = []
    team: list[int] = []
    if shared_prefix:
        for left, right in zip(a, b, strict=False):
            if left != right or len(documents) == n:
                break
            documents.append(left)
            team.append(-1)
    taken = set(documents)
    queues = [iter(a), iter(b)]
    while len(documents) < n:
        before = len(documents)
        first = int(random.random() < 0.5)
        for side in (first, 1 - first):
            choice = next((each for each in queues[side] if each not in taken), None)
            if choice is not None and len(documents) < n:
                documents.append(choice)
                team.append(side)
                taken.add(choice)
        if len(documents) == before:
            break
    return Interleaved(documents, np.array(team, dtype=np.int8))


def verdict(team: ArrayLike, clicks: ArrayLike) -> int:
    """Which ranking won a page: -1 for a, +1 for b, 0 for a tie, by clicks on its documents.

    Parameters
    ----------
    team : array-like of shape (n,)
        As of `team_draft`.
    clicks : array-like of bool, shape (n,)

    Returns
    -------
    int
        If the rankings are equally good, the two wins are equally likely: the coin is fair.

    Examples
    --------
    >>> verdict([0, 1, 1, 0], [True, False, False, True])
    -1
    """
    side, clicked = np.asarray(team), np.asarray(clicks, dtype=bool)
    if side.shape != clicked.shape:
        raise ValueError(f"team {side.shape} and clicks {clicked.shape} differ: one a place.")
    return int(np.sign(np.sum(clicked & (side == 1)) - np.sum(clicked & (side == 0))))
