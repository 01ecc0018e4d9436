"""Clicks of readers who look from the top: the position-based model."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def examination(n: int, *, eta: float = 1.0) -> Array:
    """Probability that each of n places is looked at: ``(1 / rank) ** eta``.

    Parameters
    ----------
    n : int
        Places on the page.
    eta : float, default=1.0
        Severity of the bias: 0 looks at everything, 1 at the tenth place once in ten times.

    Returns
    -------
    ndarray of shape (n,)
        It begins with 1 and falls.

    Examples
    --------
    >>> examination(4).round(2)
    array([1.  , 0.5 , 0.33, 0.25])
    """
    if n < 1 or not eta >= 0:
        raise ValueError(f"examination needs n >= 1 places and eta >= 0; got {n} and {eta}.")
    ranks: Array = np.arange(1, n + 1, dtype=np.float64)
    return ranks**-eta


def attraction(grades: ArrayLike, *, noise: float = 0.1, top: int = 4) -> Array:
    """Probability that a document is clicked once it is looked at.

    ``noise + (1 - noise) (2 ** grade - 1) / (2 ** top - 1)``: even an irrelevant one is clicked
    at times, the best grade always.

    Parameters
    ----------
    grades : array-like of any shape
        Judged relevance, 0 to ``top``.
    noise : float in [0, 1], default=0.1
    top : int, default=4
        The best grade there is.

    Returns
    -------
    ndarray in the shape of ``grades``

    Raises
    ------
    ValueError
        If a grade is outside of 0 to ``top``, or ``noise`` is no probability.

    Examples
    --------
    >>> attraction([0, 1, 4]).round(2)
    array([0.1 , 0.16, 1.  ])
    """
    grade = np.asarray(grades, dtype=np.float64)
    if not 0 <= noise <= 1 or (grade.size and not (grade.min() >= 0 and grade.max() <= top)):
        raise ValueError(f"attraction needs grades from 0 to {top} and 0 <= noise <= 1.")
    return np.asarray(noise + (1 - noise) * (2.0**grade - 1) / (2.0**top - 1))


def simulate_clicks(
    attractions: ArrayLike, random: np.random.Generator, *, eta: float = 1.0
) -> NDArray[np.bool_]:
    """Clicks on pages: a place is clicked if it is looked at *and* what stands there draws.

    ``P(click at rank k) = examination(k) · attraction(document)``, places independent (Richardson
    et al., 2007). A click thus says "relevant" and "high up" at once, and which of both cannot be
    read from it. Other models let a click end the search (cascade) or make trust grow with rank.

    Parameters
    ----------
    attractions : array-like of shape (..., n)
        `attraction` of what stands at each of n places, one row a page view.
    random : numpy Generator
    eta : float, default=1.0
        As in `examination`.

    Returns
    -------
    ndarray of bool in the same shape

    Examples
    --------
    >>> pages = np.full((10_000, 3), 0.5)  # three documents, equally good
    >>> simulate_clicks(pages, np.random.default_rng(0)).mean(axis=0).round(2)
    array([0.5 , 0.25, 0.17])
    """
    drawn = np.asarray(attractions, dtype=np.float64)
    if drawn.ndim < 1 or (drawn.size and not (drawn.min() >= 0 and drawn.max() <= 1)):
        raise ValueError("attractions must be probabilities of shape (..., n): one for each place.")
    return random.random(drawn.shape) < drawn * examination(drawn.shape[-1], eta=eta)
