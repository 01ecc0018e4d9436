"""What all figures share: the palette, the frame, and which colour comes next."""

from __future__ import annotations

from typing import Literal

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

COLOURS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "red": "#D55E00",
    "sky": "#56B4E9",
    "pink": "#CC79A7",
    "grey": "#6E6E6E",
    "pale": "#C9CDD2",
    "ink": "#222222",
}
"""The palette of Okabe and Ito (2008), told apart by every colour vision, and three neutrals."""

PALETTE = tuple(COLOURS[name] for name in ("blue", "orange", "green", "red", "sky", "pink"))
"""Colours of successive curves, in this order."""

CURVE = "curve"
"""Group id of the lines that count when the next colour is chosen."""


def frame(
    ax: Axes | None,
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    figsize: tuple[float, float] = (6.0, 4.0),
    grid: Literal["both", "x", "y"] | None = "both",
) -> Axes:
    """The axes to draw on, new if ``ax`` is None, with labels, a left title and a quiet grid.

    >>> frame(None, title="Half", xlabel="time [s]", ylabel="share").get_xlabel()
    'time [s]'
    """
    if ax is None:
        _, ax = plt.subplots(figsize=figsize, layout="constrained")
    ax.set_title(title, loc="left", fontsize=11, fontweight="bold", color=COLOURS["ink"])
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    ax.grid(False)
    if grid is not None:
        ax.grid(True, axis=grid, color=COLOURS["pale"], linewidth=0.5, alpha=0.7)
    return ax


def next_colour(ax: Axes) -> str:
    """Colour of the next curve on ``ax``: the palette, by the number of curves already there."""
    return PALETTE[sum(line.get_gid() == CURVE for line in ax.lines) % len(PALETTE)]


def has_baseline(ax: Axes, gid: str) -> bool:
    """Whether a line of this group id is already drawn, so that a second curve adds no copy."""
    return any(line.get_gid() == gid for line in ax.lines)


def room_on_the_right(ax: Axes, share: float = 0.14) -> None:
    """Widen the x axis so that labels at the end of horizontal bars stay inside."""
    low, high = ax.get_xlim()
    ax.set_xlim(low, high + (high - low) * share)
