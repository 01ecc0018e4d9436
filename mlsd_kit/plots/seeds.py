"""The same experiment under many seeds: a dot for each, so that chance is seen beside the mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from mlsd_kit.plots.style import COLOURS, PALETTE, frame


def plot_seeds(
    runs: pd.DataFrame | Mapping[str, Sequence[float]],
    *,
    unit: str,
    baseline: float | None = None,
    baseline_name: str = "baseline",
    colours: Sequence[str] | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """One row a method, one dot a seed, a bar at the mean.

    Parameters
    ----------
    runs : DataFrame of shape (seeds, methods), or mapping of method to its values
        NaN where a method has no value for a seed.
    unit : str
        What the values are, for the axis: "ROC-AUC on test".
    baseline : float or None, default=None
        A vertical dashed line, such as chance.
    baseline_name : str, default="baseline"
    colours : sequence of str or None, default=None
        One a method; None takes the palette in order.
    ax : Axes or None, default=None
    title : str or None, default=None
        ``None`` names the method with the highest mean and the share of seeds in which it leads.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no method, or a method has no finite value.

    >>> plot_seeds({"a": [1, 2], "b": [3, 1]}, unit="points").get_title(loc="left")
    'b has the highest mean, and leads in 1 of 2 seeds'
    """
    table = pd.DataFrame(runs).astype(float)
    if table.empty or not np.isfinite(table).any().all():
        raise ValueError("runs needs at least one method, and a finite value for every method.")
    best = table.mean().idxmax()
    leads = int((table[best] >= table.max(axis=1)).sum())
    default = f"{best} has the highest mean, and leads in {leads} of {len(table)} seeds"
    ax = frame(
        ax,
        title=default if title is None else title,
        xlabel=unit,
        ylabel="",
        figsize=(6.4, 1.1 + 0.42 * table.shape[1]),
        grid="x",
    )
    spread = np.linspace(-0.16, 0.16, len(table)) if len(table) > 1 else np.zeros(1)
    for row, name in enumerate(table):
        colour = PALETTE[row % len(PALETTE)] if colours is None else colours[row]
        ax.plot(table[name], row + spread, "o", color=colour, ms=4.5, alpha=0.6, mew=0)
        mean = table[name].mean()
        ax.plot([mean, mean], [row - 0.3, row + 0.3], color=COLOURS["ink"], lw=2)
    if baseline is not None:
        ax.axvline(baseline, ls="--", color=COLOURS["grey"], lw=1, label=baseline_name)
        ax.legend(frameon=False, loc="best")
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.set_yticks(range(table.shape[1]), [str(name) for name in table])
    ax.set_ylim(table.shape[1] - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    return ax
