"""Rolling origin: stand at many past moments, forecast, and look what came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mlsd_kit._vector import as_vector
from mlsd_kit.forecasting.baselines import positive


class Split(NamedTuple):
    """Positions known at one origin, and those to forecast: ``train`` all before ``test``."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]


def rolling_origin_splits(
    n: int,
    *,
    initial: int,
    horizon: int = 1,
    step: int = 1,
    gap: int = 0,
    window: int | None = None,
) -> Iterator[Split]:
    """Train and test positions for origins that move forward through a series of length ``n``.

    ::

        n = 10, initial = 4, horizon = 2, step = 2, gap = 1
        ■■■■·□□···        ■ train   · not used   □ test
        ■■■■■■·□□·

    Parameters
    ----------
    n : int
        Length of the series.
    initial : int
        Values known at the first origin.
    horizon : int, default=1
        Values forecast at each origin; every test part is whole.
    step : int, default=1
        Distance between origins; ``step=horizon`` tests every value at most once.
    gap : int, default=0
        Values between train and test: those not yet known when the forecast must be made.
    window : int or None, default=None
        Train on the last ``window`` values only; ``None`` keeps all.

    Yields
    ------
    Split(train, test)

    Raises
    ------
    ValueError
        If a count is out of range or the series is too short for a single split.

    >>> for train, test in rolling_origin_splits(6, initial=3, horizon=2):
    ...     print(train, test)
    [0 1 2] [3 4]
    [0 1 2 3] [4 5]
    """
    for name, value in (("n", n), ("initial", initial), ("horizon", horizon), ("step", step)):
        positive(value, name)
    positive(gap, "gap", smallest=0)
    if window is not None:
        positive(window, "window")
    if initial + gap + horizon > n:
        raise ValueError(
            f"initial + gap + horizon = {initial + gap + horizon} exceeds the {n} values; "
            "shorten one of them."
        )
    return _splits(n, initial, horizon, step, gap, window)


def _splits(
    n: int, initial: int, horizon: int, step: int, gap: int, window: int | None
) -> Iterator[Split]:
    for origin in range(initial, n - gap - horizon + 1, step):
        first = 0 if window is None else max(0, origin - window)
        begin = origin + gap
        yield Split(np.arange(first, origin), np.arange(begin, begin + horizon))


def backtest(
    forecaster: Callable[[Any, int], ArrayLike],
    y: ArrayLike,
    *,
    initial: int,
    horizon: int = 1,
    step: int = 1,
    gap: int = 0,
    window: int | None = None,
) -> pd.DataFrame:
    """Forecasts of ``forecaster`` from every origin, beside what came.

    The forecaster gets a *copy* of the values before the origin and nothing else, so that it cannot
    see, or change, the future; with a gap it is asked for ``gap + horizon`` steps and the first
    ``gap`` are not scored.

    Parameters
    ----------
    forecaster : callable ``forecaster(train, steps)`` -> array-like of shape (steps,)
        ``train`` is a Series where ``y`` is one (with its index), else an array.
    y : array-like of shape (n,)
    initial, horizon, step, gap, window
        As in `rolling_origin_splits`.

    Returns
    -------
    DataFrame with a row for each forecast value: fold, origin (time of the last known value), time,
    step (1 ... horizon; 1 is the first scored), actual, forecast. Times are the index of a Series,
    else positions.

    Raises
    ------
    ValueError
        If ``y`` holds NaN or infinity, the series is too short, or a forecast has another shape or
        is not finite.

    >>> from mlsd_kit.forecasting import seasonal_naive
    >>> backtest(seasonal_naive, [1, 2, 3, 5], initial=2)
       fold  origin  time  step  actual  forecast
    0     0       1     2     1     3.0       2.0
    1     1       2     3     1     5.0       3.0
    """
    series = as_vector(y, "y")
    times = y.index if isinstance(y, pd.Series) else pd.RangeIndex(series.size)
    frames = []
    splits = rolling_origin_splits(
        series.size, initial=initial, horizon=horizon, step=step, gap=gap, window=window
    )
    for fold, (train, test) in enumerate(splits):
        known: Any = series[train].copy()
        if isinstance(y, pd.Series):
            known = pd.Series(known, index=times[train], name=y.name)
        forecast = as_vector(forecaster(known, gap + horizon), "the forecast")
        if forecast.size != gap + horizon:
            raise ValueError(
                f"forecaster gave {forecast.size} values for {gap + horizon} steps; return one "
                "for each step."
            )
        columns = {
            "fold": fold,
            "origin": times[train[-1]],
            "time": times[test],
            "step": np.arange(1, horizon + 1),
            "actual": series[test],
            "forecast": forecast[gap:],
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)
