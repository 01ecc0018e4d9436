"""What simulated listeners like: seed artists spread over the real graph, tags, fame, and chance.

The utility of an artist to a listener is a sum of four parts, each with a weight stated here: how
near it is to the listener's few favourite artists, how the listener likes its tag, how famous it is
(times how much this listener follows fame), and a part that no model can know. Half of the
favourites move over the twelve weeks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import expit

from mlsd_kit.data.simulators import artist_graph

WEEKS = 12
SEEDS = 4  # favourite artists of a listener
RESTART, STEPS = 0.3, 6  # of the walk that spreads them
NEAR, TAG, FAME, CHANCE = 1.0, 0.5, 0.5, 0.7  # weights in the utility
MOVES = 0.5  # share of the favourites that change between the first week and the last
PEAK_AGE, PEAK_WIDTH = 23.5, 12.0  # years: Holbrook and Schindler (1989), when taste is formed
RELEVANT = 0.93  # an artist at this quantile of utility is clicked half of the times it is seen
STEEP = 1.5  # of the click's logistic curve
PATIENCE = 1.0  # the k-th place is looked at with probability k ** -PATIENCE (Joachims et al. 2017)


class Taste(NamedTuple):
    """Utility of every artist to every listener, in the first and in the last week."""

    first: np.ndarray  # (users, artists)
    last: np.ndarray  # (users, artists)
    middle: float  # the utility that makes a click as likely as not

    def utility(self, week: int) -> np.ndarray:
        """Utilities of shape (users, artists) in a week 0, 1, ..., 11."""
        share = week / (WEEKS - 1)
        return (1 - share) * self.first + share * self.last

    def relevance(self, week: int) -> np.ndarray:
        """Probability of a click on each artist, once looked at; of shape (users, artists)."""
        return self.click(self.utility(week))

    def click(self, utility: np.ndarray) -> np.ndarray:
        """Probability of a click on an artist that is looked at, by its utility."""
        return expit(STEEP * (utility - self.middle))

    def respond(
        self, rng: np.random.Generator, week: int, users: np.ndarray, shelves: np.ndarray
    ) -> np.ndarray:
        """Clicks of listeners on what they are shown.

        Parameters
        ----------
        rng : Generator
        week : int
        users : ndarray of shape (n,)
            Row numbers: user - 1.
        shelves : ndarray of shape (n, places)
            Artists, best place first.

        Returns
        -------
        ndarray of bool, of shape (n, places)
        """
        seen = examination(shelves.shape[1])
        relevance = self.click(self.utility(week)[users[:, None], shelves])
        return rng.random(shelves.shape) < seen * relevance


def examination(places: int) -> np.ndarray:
    """Probability that a place is looked at, from the first on; of shape (places,).

    Examples
    --------
    >>> examination(4).round(2).tolist()
    [1.0, 0.5, 0.33, 0.25]
    """
    return np.arange(1, places + 1) ** -PATIENCE


def draw(rng: np.random.Generator, birth_year: np.ndarray) -> Taste:
    """Draw the taste of listeners born in these years.

    Parameters
    ----------
    rng : Generator
    birth_year : ndarray of shape (users,)

    Returns
    -------
    Taste
    """
    table, graph = artist_graph.artists(), artist_graph.similar()
    users = len(birth_year)
    seeds = _favourites(rng, table, birth_year)
    moved = np.where(rng.random(seeds.shape) < MOVES, _neighbours(rng, graph, seeds), seeds)

    tags, tag = np.unique(table["tag"], return_inverse=True)
    liking = rng.normal(size=(users, len(tags)))[:, tag]
    fame = _standard(np.log(table["listeners"].to_numpy()))
    follows = rng.lognormal(-0.125, 0.5, users)  # mean 1
    fixed = TAG * liking + FAME * follows[:, None] * fame
    fixed += CHANCE * rng.normal(size=liking.shape)
    first, last = (fixed + NEAR * _nearness(graph, each) for each in (seeds, moved))
    for each in (first, last):
        each.setflags(write=False)
    return Taste(first, last, float(np.quantile(first, RELEVANT)))


def _favourites(
    rng: np.random.Generator, table: pd.DataFrame, birth_year: np.ndarray
) -> np.ndarray:
    """Distinct artists for each listener: famous ones, of the time when taste is formed."""
    peak = birth_year[:, None] + PEAK_AGE
    distance = (table["first_album"].to_numpy() - peak) / PEAK_WIDTH
    weight = np.sqrt(table["listeners"].to_numpy()) * np.exp(-0.5 * distance**2)
    return top(rng, weight, SEEDS)


def top(rng: np.random.Generator, weight: np.ndarray, count: int) -> np.ndarray:
    """Columns drawn without replacement, with probabilities in proportion to the weights.

    The smallest exponential waiting times with these rates are such a draw (Efraimidis and
    Spirakis 2006).

    Parameters
    ----------
    rng : Generator
    weight : ndarray of shape (n, m)
        Not negative; at least ``count`` of a row positive.
    count : int

    Returns
    -------
    ndarray of shape (n, count)
        In the order in which they were drawn. (A partition alone leaves them in an order that
        depends on the processor, and with it all that is drawn later.)

    Examples
    --------
    >>> top(np.random.default_rng(0), np.array([[1.0, 1.0, 0.0, 1.0, 50.0]]), 4).tolist()
    [[3, 4, 0, 1]]
    """
    with np.errstate(divide="ignore"):  # a weight of 0 waits for ever
        wait = rng.standard_exponential(weight.shape) / weight
    first = np.argpartition(wait, count, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(wait, first, axis=1), axis=1)
    return np.take_along_axis(first, order, axis=1)


def _neighbours(
    rng: np.random.Generator, graph: sparse.csr_array, artists: np.ndarray
) -> np.ndarray:
    """For each artist the end of a walk of two steps."""
    degree = np.diff(graph.indptr)
    for _ in range(2):
        step = (rng.random(artists.shape) * degree[artists]).astype(np.int64)
        artists = graph.indices[graph.indptr[artists] + step]
    return artists


def _nearness(graph: sparse.csr_array, seeds: np.ndarray) -> np.ndarray:
    share = artist_graph.spread(graph, seeds, RESTART, STEPS)
    return np.log1p(share * share.shape[1])


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()
