"""The real artists with numbers, and the graph of which are similar."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from mlsd_kit.data.loading import load


def artists() -> pd.DataFrame:
    """The table of `load("lastfm_artists")` with the artist's number as its first column.

    Returns
    -------
    DataFrame of shape (1239, 12)
        artist (0, 1, 2, ...), then the columns of the data set.
    """
    table = load("lastfm_artists")
    table.insert(0, "artist", np.arange(len(table)))
    return table


def similar() -> sparse.csr_array:
    """Which artists are similar, as a symmetric matrix of zeros and ones.

    Returns
    -------
    csr_array of shape (artists, artists)
        Row and column are the artists' numbers, from 0.
    """
    pairs = load("lastfm_similar")[["artist_a", "artist_b"]].to_numpy() - 1
    rows, columns = np.vstack([pairs, pairs[:, ::-1]]).T
    size = len(load("lastfm_artists"))
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))


def spread(graph: sparse.csr_array, seeds: np.ndarray, restart: float, steps: int) -> np.ndarray:
    """Where a walker is who starts at a row's seeds and often returns to them.

    Parameters
    ----------
    graph : csr_array of shape (artists, artists)
        Symmetric; every artist has a neighbour.
    seeds : ndarray of shape (users, seeds)
        Artists' numbers.
    restart : float in (0, 1)
        Share of the walkers that return at each step.
    steps : int
        After a few the shares settle: personalised PageRank (Page et al. 1999).

    Returns
    -------
    ndarray of shape (users, artists)
        Shares; rows sum to 1.
    """
    users, each = seeds.shape
    start = np.zeros((graph.shape[0], users))
    np.add.at(start, (seeds.ravel(), np.repeat(np.arange(users), each)), 1 / each)
    onward = (1 - restart) * (graph / graph.sum(axis=1)[:, None]).tocsr().T.tocsr()
    share, back = start, restart * start
    for _ in range(steps):
        share = onward @ share
        share += back
    return np.ascontiguousarray(share.T)
