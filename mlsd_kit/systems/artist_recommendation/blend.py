"""A nightly list and the clicks of this session become one list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

SESSION = 1.0  # what the artist nearest to the last click gains; scores reach from -1 to 1
FADE = 0.7  # each click counts this much less than the one after it
LAST = 5  # clicks that count
TINY = 1e-12  # an artist that resembles nothing adds nothing


class Catalogue(NamedTuple):
    """What the service knows without the store."""

    popular: np.ndarray  # (artists,) numbers, the most played first
    neighbours: np.ndarray  # (artists, n) numbers of the most similar
    similarity: np.ndarray  # (artists, n) in [0, 1]


def save(catalogue: Catalogue, file: Path) -> Path:
    """Write a catalogue for a service to load."""
    with file.open("wb") as opened:
        np.savez(opened, **catalogue._asdict())
    return file


def read(file: Path | str) -> Catalogue:
    """The catalogue that `save` wrote."""
    with np.load(file) as found:
        return Catalogue(*(found[name] for name in Catalogue._fields))


def nearest(similarity: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The most similar artists of each, itself left out.

    Parameters
    ----------
    similarity : ndarray of shape (artists, artists)
    count : int

    Returns
    -------
    tuple of ndarray of shape (artists, count)
        Numbers, and their similarity, the most similar first.
    """
    other = np.array(similarity, dtype=float)
    np.fill_diagonal(other, -np.inf)
    order = np.argsort(-other, axis=1, kind="stable")[:, :count]
    return order, np.take_along_axis(other, order, axis=1)


def blend(
    nightly: Sequence[tuple[int, float]], clicks: Sequence[int], catalogue: Catalogue, k: int
) -> list[int]:
    """The best artists by the nightly score plus similarity to the session's last clicks.

    Parameters
    ----------
    nightly : sequence of (artist, score)
        May be empty; then popularity fills the list.
    clicks : sequence of int
        Artists clicked in this session, the last one last; they are not recommended again.
    catalogue : Catalogue
    k : int
        Length of the answer.

    Returns
    -------
    list of int

    Examples
    --------
    >>> neighbours = np.array([[1], [0], [3], [2]])
    >>> catalogue = Catalogue(np.arange(4), neighbours, np.full((4, 1), 0.5))
    >>> blend([(0, 0.9), (1, 0.2)], [2], catalogue, 3)
    [3, 0, 1]
    """
    score = dict(nightly)
    for age, artist in enumerate(reversed(clicks[-LAST:])):
        gain = catalogue.similarity[artist] / max(catalogue.similarity[artist].max(), TINY)
        for other, share in zip(catalogue.neighbours[artist], gain, strict=True):
            score[int(other)] = score.get(int(other), 0.0) + SESSION * FADE**age * float(share)
    clicked = set(clicks)
    best = sorted((a for a in score if a not in clicked), key=lambda a: (-score[a], a))[:k]
    if len(best) < k:
        taken = clicked | set(best)
        rest = (int(a) for a in catalogue.popular if int(a) not in taken)
        best += [artist for artist, _ in zip(rest, range(k - len(best)), strict=False)]
    return best
