"""Which features matter, and which have moved: importance, drift, one feature then and now."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from mlsd_kit.drift import bin_pair, psi
from mlsd_kit.plots.style import COLOURS, frame


def plot_importance(
    importances: ArrayLike,
    names: Sequence[str],
    *,
    top: int = 15,
    unit: str = "importance",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """The ``top`` most important features as bars, largest first.

    Parameters
    ----------
    importances : array-like of shape (d,) or (d, r)
        With r repeats (as `permutation_importance` gives) bars are means, whiskers one standard
        deviation between repeats.
    names : sequence of str, length d
    top : int, default=15
    unit : str, default="importance"
        What is measured, for the axis: "drop in ROC-AUC".
    ax : Axes or None, default=None
    title : str or None, default=None
        ``None`` names the most important feature.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If lengths differ, an importance is not finite, or ``top`` is below 1.

    >>> plot_importance([0.1, 0.3], ["age", "plan"]).get_title(loc="left")
    'plan matters most'
    """
    values = np.asarray(importances, dtype=float)
    if values.ndim not in (1, 2) or len(values) != len(names) or values.size == 0:
        raise ValueError(
            f"importances must hold one row for each of the {len(names)} names, "
            f"got shape {values.shape}."
        )
    if not np.isfinite(values).all():
        raise ValueError("importances hold NaN or infinity; drop those features first.")
    if top < 1:
        raise ValueError(f"top must be at least 1, got {top!r}.")
    mean = values if values.ndim == 1 else values.mean(axis=1)
    order = np.argsort(-mean, kind="stable")[:top]
    shown = [str(names[i]) for i in order]
    ax = frame(
        ax,
        title=f"{shown[0]} matters most" if title is None else title,
        xlabel=unit,
        ylabel="",
        figsize=(6.0, 0.8 + 0.28 * len(order)),
        grid="x",
    )
    spread = values[order].std(axis=1) if values.ndim == 2 else None
    ax.barh(
        range(len(order)),
        mean[order],
        xerr=spread,
        color=COLOURS["blue"],
        height=0.7,
        error_kw={"ecolor": COLOURS["ink"], "elinewidth": 1, "capsize": 2},
    )
    ax.axvline(0, color=COLOURS["ink"], lw=0.8)
    _name_rows(ax, shown)
    return ax


def plot_drift(
    report: pd.DataFrame,
    *,
    top: int = 20,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """PSI of every feature in a report of `mlsd_kit.drift.drift_report`, alarms in red.

    Parameters
    ----------
    report : DataFrame with the columns psi, adjusted_pvalue and drifted, indexed by feature
    top : int, default=20
        Features shown, those of the largest PSI.
    ax : Axes or None, default=None
    title : str or None, default=None
        ``None`` counts the alarms.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If ``report`` lacks a column or a row, or ``top`` is below 1.

    >>> report = pd.DataFrame(
    ...     {"psi": [0.3, 0.01], "adjusted_pvalue": [0.001, 0.8], "drifted": [True, False]},
    ...     index=["age", "plan"],
    ... )
    >>> plot_drift(report).get_title(loc="left")
    '1 of 2 features has drifted'
    """
    lacking = {"psi", "adjusted_pvalue", "drifted"} - set(report.columns)
    if lacking or report.empty:
        raise ValueError(
            f"report must be the frame of drift_report with at least one row "
            f"(missing columns: {sorted(lacking)})."
        )
    if top < 1:
        raise ValueError(f"top must be at least 1, got {top!r}.")
    alarms = int(report["drifted"].sum())
    default = f"{alarms} of {len(report)} features {'has' if alarms == 1 else 'have'} drifted"
    shown = report.sort_values("psi", ascending=False, kind="stable").head(top)
    ax = frame(
        ax,
        title=default if title is None else title,
        xlabel="population stability index (PSI)",
        ylabel="",
        figsize=(6.0, 0.9 + 0.28 * len(shown)),
        grid="x",
    )
    colours = [COLOURS["red"] if alarm else COLOURS["pale"] for alarm in shown["drifted"]]
    ax.barh(range(len(shown)), shown["psi"], color=colours, height=0.7)
    _name_rows(ax, [str(name) for name in shown.index])
    keys = [
        Patch(color=COLOURS["red"], label="drifted"),
        Patch(color=COLOURS["pale"], label="stable"),
    ]
    ax.legend(handles=keys, loc="lower right", frameon=False)
    return ax


def plot_shift(
    reference: ArrayLike,
    current: ArrayLike,
    *,
    name: str = "value",
    bins: int = 10,
    categorical: bool | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Shares of one feature over the bins of PSI, reference beside current.

    Parameters
    ----------
    reference, current : array-like of shape (n,) and (m,)
    name : str, default="value"
        The feature and its unit, for the axis: "monthly charges [$]".
    bins, categorical
        As in `mlsd_kit.drift.psi`.
    ax : Axes or None, default=None
    title : str or None, default=None
        ``None`` states the PSI.

    Returns
    -------
    Axes

    >>> plot_shift(["card"] * 8 + ["cash"] * 2, ["card"] * 5 + ["cash"] * 5).get_title(loc="left")
    'PSI 0.33 between reference and current'
    """
    pair = bin_pair(reference, current, bins=bins, categorical=categorical)
    then, now = pair.shares()
    size = psi(reference, current, bins=bins, categorical=categorical)
    ax = frame(
        ax,
        title=f"PSI {size:.2f} between reference and current" if title is None else title,
        xlabel=name,
        ylabel="share of rows [%]",
        figsize=(max(4.5, 0.7 * len(then)), 3.8),
        grid="y",
    )
    place = np.arange(len(then))
    ax.bar(place - 0.2, 100 * then, 0.4, color=COLOURS["blue"], label="reference")
    ax.bar(place + 0.2, 100 * now, 0.4, color=COLOURS["orange"], label="current")
    long = sum(map(len, pair.labels)) > 60
    ax.set_xticks(place, pair.labels, rotation=35 if long else 0, ha="right" if long else "center")
    ax.tick_params(axis="x", length=0)
    ax.legend(frameon=False)
    return ax


def _name_rows(ax: Axes, names: list[str]) -> None:
    """Feature names beside the bars, first on top."""
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()
