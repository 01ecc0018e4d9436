"""What it is worth: where a funnel loses people, and how many to treat under a budget."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from mlsd_kit._vector import as_vector
from mlsd_kit.plots.style import COLOURS, CURVE, frame, next_colour, room_on_the_right


def plot_funnel(
    stages: Mapping[str, float],
    *,
    unit: str = "users",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """How many are left at each stage, and the share that came from the stage before.

    Parameters
    ----------
    stages : mapping of name to count, in the order of the funnel (a Series will do)
    unit : str, default="users"
        What is counted.
    ax : Axes or None, default=None
    title : str or None, default=None
        ``None`` names the stage that loses the largest share.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there are no stages or a count is negative or not finite.

    >>> plot_funnel({"seen": 1000, "clicked": 100, "bought": 50}).get_title(loc="left")
    'seen → clicked loses most: 10 % go on'
    """
    names = [str(name) for name, _ in stages.items()]
    counts = as_vector([count for _, count in stages.items()], "stages")
    if counts.min() < 0:
        raise ValueError("stages holds a negative count; pass how many reached each stage.")
    kept = np.divide(counts[1:], counts[:-1], out=np.zeros(len(counts) - 1), where=counts[:-1] > 0)
    ax = frame(
        ax,
        title=_worst_step(names, kept) if title is None else title,
        xlabel=unit,
        ylabel="",
        figsize=(6.0, 0.9 + 0.45 * len(counts)),
        grid="x",
    )
    ax.barh(range(len(counts)), counts, color=COLOURS["blue"], height=0.65)
    for i, count in enumerate(counts):
        share = "" if i == 0 else f"  ({_percent(kept[i - 1])})"
        ax.text(count, i, f" {count:,.0f}{share}", va="center", color=COLOURS["ink"])
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()
    ax.xaxis.set_major_formatter("{x:,.0f}")
    room_on_the_right(ax, 0.22)
    return ax


def plot_profit(
    curves: Mapping[str, ArrayLike],
    *,
    unit: str = "$",
    budget: int | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Expected profit against the number of customers treated, one line for each policy.

    Parameters
    ----------
    curves : mapping of policy to array-like of shape (n,)
        Cumulative profit after treating the first 1, 2, ... n customers in that policy's order.
        The first policy is the one whose best point is marked.
    unit : str, default="$"
    budget : int or None, default=None
        Most customers that can be treated: a vertical line, and the best point is left of it.
    ax : Axes or None, default=None
    title : str or None, default=None
        ``None`` states the best number of customers for the first policy.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no curve, one is empty or not finite, or ``budget`` is below 1.

    >>> plot_profit({"by profit": [5, 8, 6], "random": [1, 2, 3]}).get_title(loc="left")
    'by profit: treat 2, for 8 $'
    """
    if not curves:
        raise ValueError("curves is empty; give at least one policy.")
    if budget is not None and budget < 1:
        raise ValueError(f"budget must be at least 1 customer, got {budget!r}.")
    lines = {str(name): as_vector(profit, f"curves[{name!r}]") for name, profit in curves.items()}
    leader, profit = next(iter(lines.items()))
    best = int(np.argmax(profit[:budget]))
    default = f"{leader}: treat {best + 1:,}, for {profit[best]:,.0f} {unit}"
    if profit[best] <= 0:
        best, default = -1, f"{leader}: treat nobody, every number loses money"
    ax = frame(
        ax,
        title=default if title is None else title,
        xlabel="customers treated",
        ylabel=f"profit [{unit}]",
    )
    ax.axhline(0, color=COLOURS["ink"], lw=0.8)
    for name, values in lines.items():
        treated = np.arange(len(values) + 1)
        path = np.append(0.0, values)  # treating nobody earns nothing
        ax.plot(treated, path, color=next_colour(ax), lw=2, label=name, gid=CURVE)
    mark = "best" if budget is None else "best within the budget"
    if best >= 0:
        ax.plot(best + 1, profit[best], "o", color=COLOURS["ink"], ms=7, label=mark, zorder=3)
    if budget is not None:
        ax.axvline(budget, ls="--", color=COLOURS["grey"], lw=1, label=f"budget ({budget:,})")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.legend(frameon=False)
    return ax


def plot_sensitivity(
    values: pd.DataFrame,
    *,
    unit: str = "$",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """A figure over two assumptions: where is it above zero, and where below?

    Each cell has its value with a sign, so that nothing hangs on colour.

    Parameters
    ----------
    values : DataFrame
        One assumption in the rows, one in the columns; the names of the two axes label them.
    unit : str, default="$"
    ax : Axes or None, default=None
    title : str or None, default=None
        ``None`` counts the cells below zero.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the table is empty or a value is not finite.

    >>> table = pd.DataFrame([[-1.0, 2.0]], index=[0], columns=[10, 20])
    >>> plot_sensitivity(table).get_title(loc="left")
    '1 of 2 cells below zero [$]'
    """
    numbers = values.to_numpy(float)
    if numbers.size == 0 or not np.isfinite(numbers).all():
        raise ValueError("values must hold at least one cell, and finite numbers.")
    default = f"{(numbers < 0).sum()} of {numbers.size} cells below zero [{unit}]"
    ax = frame(
        ax,
        title=default if title is None else title,
        xlabel=str(values.columns.name or ""),
        ylabel=str(values.index.name or ""),
        grid=None,
    )
    most = 2 * float(abs(numbers).max()) or 1.0  # keeps the cells light enough to read
    ax.imshow(numbers, cmap="PuOr", vmin=-most, vmax=most, origin="lower", aspect="auto")
    ax.set_xticks(range(values.shape[1]), [str(name) for name in values.columns])
    ax.set_yticks(range(values.shape[0]), [str(name) for name in values.index])
    for (row, column), value in np.ndenumerate(numbers):
        ax.text(column, row, f"{value + 0.0:+,.0f}", ha="center", va="center", color=COLOURS["ink"])
    return ax


def _worst_step(names: list[str], kept: np.ndarray) -> str:
    if len(kept) == 0:
        return f"One stage: {names[0]}"
    worst = int(np.argmin(kept))
    return f"{names[worst]} → {names[worst + 1]} loses most: {_percent(kept[worst])} go on"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
