"""What clicks say about documents once the place is divided out: inverse propensity weighting."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def propensities_from_shuffles(clicks: ArrayLike) -> Array:
    """How often each place is looked at, relative to the first, from pages in random order.

    On shuffled pages every place shows the same documents on average, so that what differs between
    places is the look alone: the click rate of place k over that of place 1 (Joachims et al.,
    2017).

    Parameters
    ----------
    clicks : array-like of bool, shape (pages, n)
        Clicks on pages whose n places were filled at random.

    Returns
    -------
    ndarray of shape (n,), the first is 1

    Raises
    ------
    ValueError
        If a place has no click: its propensity cannot be told from 0, shuffle more pages.

    Examples
    --------
    >>> propensities_from_shuffles([[1, 0], [1, 1], [0, 0], [0, 0]])
    array([1. , 0.5])
    """
    clicked = np.asarray(clicks, dtype=np.float64)
    if clicked.ndim != 2 or not clicked.size:
        raise ValueError(f"clicks must have shape (pages, n), got {clicked.shape}.")
    rate = clicked.mean(axis=0)
    if (rate == 0).any():
        place = int(np.argmin(rate)) + 1
        raise ValueError(f"place {place} was never clicked: shuffle more pages, or fewer places.")
    return np.asarray(rate / rate[0])


class Attractions(NamedTuple):
    """What clicks say about each document."""

    estimate: Array
    """Clicks divided by propensity, a view: (n_documents,), NaN where it was never shown."""
    std_error: Array
    """Of the estimate, from the spread between views; NaN with fewer than two views."""
    views: NDArray[np.intp]


def inverse_propensity(
    documents: ArrayLike,
    clicks: ArrayLike,
    propensities: ArrayLike,
    *,
    n_documents: int | None = None,
    floor: float = 0.0,
) -> Attractions:
    """Click rate of each document as if it had always stood in the first place.

    Each click counts 1 / propensity of the place where it fell: those few who looked at the tenth
    place stand for the many who did not. The mean is right whatever the order shown, as long as
    every document is looked at *at times*; the price is variance, which grows as 1 / propensity.
    ``propensities=[1, 1, …]`` is the naive click rate.

    Parameters
    ----------
    documents : array-like of int, shape (pages, n)
        Number of the document at each place.
    clicks : array-like of bool, shape (pages, n)
    propensities : array-like of shape (n,)
        As of `examination` or `propensities_from_shuffles`.
    n_documents : int or None, default=None
        None is the largest number + 1.
    floor : float, default=0.0
        Smaller propensities count as this one: less variance for some bias (clipping).

    Returns
    -------
    Attractions

    Raises
    ------
    ValueError
        If the shapes differ, or a propensity (after ``floor``) is not positive.

    Examples
    --------
    >>> shown = [[0, 1]] * 4  # document 1 always second, where half of the readers look
    >>> found = inverse_propensity(shown, [[1, 0], [0, 1], [0, 0], [1, 0]], [1.0, 0.5])
    >>> found.estimate
    array([0.5, 0.5])
    """
    shown, clicked = np.asarray(documents), np.asarray(clicks, dtype=np.float64)
    weight = np.maximum(np.asarray(propensities, dtype=np.float64), floor)
    if shown.ndim != 2 or shown.shape != clicked.shape or weight.shape != shown.shape[1:]:
        raise ValueError(
            "documents and clicks must have the same shape (pages, n), propensities (n,); "
            f"got {shown.shape}, {clicked.shape} and {weight.shape}."
        )
    if not (weight > 0).all():
        raise ValueError("propensities must be positive: what nobody looks at, nobody judges.")
    size = int(shown.max()) + 1 if n_documents is None else n_documents
    number, value = shown.ravel(), (clicked / weight).ravel()
    views = np.bincount(number, minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(number, value, minlength=size) / views
        square = np.bincount(number, value**2, minlength=size) / views
        error = np.sqrt(np.maximum(square - mean**2, 0.0) / (views - 1))
    return Attractions(mean, np.where(views > 1, error, np.nan), views)
