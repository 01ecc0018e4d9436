"""The forecasts to beat: the last season again, and the straight line through both ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlsd_kit._vector import as_vector


def seasonal_naive(y: ArrayLike, horizon: int, *, season_length: int = 1) -> NDArray[np.float64]:
    """The value of the same place in the last season: ŷ(n + h) = y(n + h - m · ⌈h / m⌉).

    Parameters
    ----------
    y : array-like of shape (n,)
        The series, oldest first, at equal steps.
    horizon : int
        Steps ahead.
    season_length : int, default=1
        m, in steps; 1 is the naive forecast, the last value for ever.

    Returns
    -------
    ndarray of shape (horizon,)

    Raises
    ------
    ValueError
        If ``y`` is shorter than a season or holds NaN or infinity, or a count is below 1.

    >>> seasonal_naive([1, 2, 3, 10, 20, 30], 5, season_length=3)
    array([10., 20., 30., 10., 20.])
    """
    positive(horizon, "horizon")
    positive(season_length, "season_length")
    series = as_vector(y, "y", min_size=season_length)
    season = series[series.size - season_length :]
    return np.resize(season, horizon)


def drift_forecast(y: ArrayLike, horizon: int) -> NDArray[np.float64]:
    """The last value, carried on by the mean step so far.

    ŷ(n + h) = y(n) + h (y(n) - y(1)) / (n - 1): the line through the first and the last value.

    Parameters
    ----------
    y : array-like of shape (n,), n ≥ 2
    horizon : int

    Returns
    -------
    ndarray of shape (horizon,)

    Raises
    ------
    ValueError
        If ``y`` has fewer than 2 values or holds NaN or infinity, or ``horizon`` is below 1.

    >>> drift_forecast([1, 5, 3], 2)
    array([4., 5.])
    """
    positive(horizon, "horizon")
    series = as_vector(y, "y", min_size=2)
    slope = (series[-1] - series[0]) / (series.size - 1)
    return series[-1] + slope * np.arange(1, horizon + 1)


def positive(value: int, name: str, smallest: int = 1) -> int:
    """``value`` if it is an integer of at least ``smallest``; else a ValueError that names it.

    >>> positive(3, "horizon")
    3
    """
    if isinstance(value, bool) or value != int(value) or value < smallest:
        raise ValueError(f"{name} must be an integer of at least {smallest}, got {value!r}.")
    return int(value)
