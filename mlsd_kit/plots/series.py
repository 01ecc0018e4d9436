"""How a forecast would have done: the series and every forecast made on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import ConciseDateFormatter

from mlsd_kit.plots.style import COLOURS, CURVE, PALETTE, frame

COLUMNS = {"time", "origin", "actual", "forecast"}


def plot_backtest(
    result: pd.DataFrame,
    history: pd.Series | None = None,
    *,
    ylabel: str = "value",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Actual values and the forecast from every origin of a rolling-origin backtest.

    Parameters
    ----------
    result : DataFrame with the columns time, origin, actual, forecast
        As `mlsd_kit.forecasting.backtest` returns; ``origin`` is the last time the forecast knew.
        Optional columns ``lower`` and ``upper`` are drawn as a band.
    history : Series or None, default=None
        The whole series, indexed by time, drawn behind the forecasts.
    ylabel : str, default="value"
        What is forecast, with its unit.
    ax : Axes or None, default=None
    title : str or None, default=None
        ``None`` states the mean absolute error.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If ``result`` lacks a column or a row.

    >>> result = pd.DataFrame({"time": [3, 4], "origin": 2, "actual": [10.0, 12], "forecast": 11.0})
    >>> plot_backtest(result).get_title(loc="left")
    'Mean absolute error 1 over 1 forecast'
    """
    lacking = COLUMNS - set(result.columns)
    if lacking or result.empty:
        raise ValueError(
            f"result must be the frame of backtest with at least one row "
            f"(missing columns: {sorted(lacking)})."
        )
    folds: list[tuple[Any, pd.DataFrame]] = list(result.groupby("origin", sort=True))
    error = float(np.mean(np.abs(result["actual"] - result["forecast"])))
    plural = "" if len(folds) == 1 else "s"
    default = f"Mean absolute error {error:.3g} over {len(folds)} forecast{plural}"
    ax = frame(
        ax,
        title=default if title is None else title,
        xlabel="time",
        ylabel=ylabel,
        figsize=(8.0, 3.6),
    )
    actual = history if history is not None else result.groupby("time")["actual"].first()
    ax.plot(actual.index, actual.to_numpy(), color=COLOURS["grey"], lw=1.2, label="actual")
    for i, (origin, fold) in enumerate(folds):
        colour = PALETTE[i % 2]  # two in turn: neighbours differ, and the legend stays short
        ax.axvline(origin, color=COLOURS["grey"], ls=":", lw=1, label="origin" if i == 0 else None)
        label = "forecast" if i == 0 else None
        ax.plot(
            fold["time"], fold["forecast"], ".-", color=colour, lw=2, ms=4, label=label, gid=CURVE
        )
        if {"lower", "upper"} <= set(fold.columns):
            ax.fill_between(
                fold["time"], fold["lower"], fold["upper"], color=colour, alpha=0.2, lw=0
            )
    if pd.api.types.is_datetime64_any_dtype(result["time"]):
        ax.xaxis.set_major_formatter(ConciseDateFormatter(ax.xaxis.get_major_locator()))
    ax.legend(frameon=False, ncols=3, loc="best")
    return ax
