"""How good is a classifier: confusion matrix, ROC, precision-recall, calibration."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from mlsd_kit.metrics import (
    calibration_curve,
    confusion_matrix,
    precision_recall_curve,
    roc_curve,
)
from mlsd_kit.plots.style import COLOURS, CURVE, frame, has_baseline, next_colour


def plot_confusion_matrix(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Counts of every (true, predicted) pair; shade and second line are shares of the true class.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,)
    labels : array-like of shape (k,) or None, default=None
        Classes and their order; ``None`` takes the sorted labels that occur.
    ax : Axes or None, default=None
    title : str or None, default=None
        ``None`` states the accuracy.

    Returns
    -------
    Axes

    >>> plot_confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1]).get_title(loc="left")
    '75 % of 4 cases are classified correctly'
    """
    counts = np.asarray(confusion_matrix(y_true, y_pred, labels=labels))
    names = (
        np.asarray(labels) if labels is not None else np.unique([*_list(y_true), *_list(y_pred)])
    )
    right = f"{np.trace(counts) / max(1, counts.sum()):.0%}".replace("%", " %")
    default = f"{right} of {counts.sum():,} cases are classified correctly"
    ax = frame(
        ax,
        title=default if title is None else title,
        xlabel="predicted class",
        ylabel="true class",
        figsize=(4.8, 4.2),
        grid=None,
    )
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (i, j), count in np.ndenumerate(counts):
        text = f"{count:,}\n{shares[i, j]:.0%}".replace("%", " %")
        dark = shares[i, j] > 0.6
        ax.text(j, i, text, ha="center", va="center", color="white" if dark else COLOURS["ink"])
    ax.set_xticks(range(len(names)), [str(name) for name in names])
    ax.set_yticks(range(len(names)), [str(name) for name in names])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def plot_roc_curve(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    pos_label: Any = None,
    name: str = "model",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """True-positive against false-positive rate over all thresholds, with the area in the legend.

    Call it again with the same ``ax`` to compare models: each takes the next colour.

    Parameters
    ----------
    y_true : array-like of shape (n,)
    y_score : array-like of shape (n,)
    pos_label : label or None, default=None
        The positive class; ``None`` needs labels in {0, 1} or {-1, 1}.
    name : str, default="model"
    ax : Axes or None, default=None
    title : str or None, default=None
        ``None`` says how often the model ranks a positive above a negative (the area's meaning).

    Returns
    -------
    Axes

    >>> plot_roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).get_title(loc="left")
    'A positive outranks a negative 75 % of the time'
    """
    fpr, tpr, _ = roc_curve(y_true, y_score, pos_label=pos_label)
    area = float(np.trapezoid(tpr, fpr))
    share = f"{area:.0%}".replace("%", " %")
    default = f"A positive outranks a negative {share} of the time"
    first = ax is None or not has_baseline(ax, "chance")
    ax = frame(
        ax,
        title=(default if first else "Models compared by ROC") if title is None else title,
        xlabel="false-positive rate",
        ylabel="true-positive rate (recall)",
        figsize=(4.8, 4.4),
    )
    if first:
        ax.plot(
            [0, 1], [0, 1], "--", color=COLOURS["grey"], lw=1, label="chance (0.500)", gid="chance"
        )
    colour = next_colour(ax)
    ax.plot(fpr, tpr, color=colour, lw=2, label=f"{name} ({area:.3f})", gid=CURVE, clip_on=False)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.legend(title="area under the curve", loc="lower right", frameon=False)
    return ax


def plot_pr_curve(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    pos_label: Any = None,
    name: str = "model",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Precision against recall over all thresholds; the base rate is what chance would give.

    Parameters
    ----------
    y_true : array-like of shape (n,)
    y_score : array-like of shape (n,)
    pos_label : label or None, default=None
        As in `plot_roc_curve`.
    name : str, default="model"
    ax : Axes or None, default=None
        Give the same one again to compare models.
    title : str or None, default=None
        ``None`` states average precision against the base rate.

    Returns
    -------
    Axes

    >>> plot_pr_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).get_title(loc="left")
    'Average precision 0.83 at a base rate of 0.50'
    """
    precision, recall, _ = precision_recall_curve(y_true, y_score, pos_label=pos_label)
    # the step-wise area: Σ (R_i - R_{i-1}) P_i, recall running from 1 down to 0
    average = float(-np.sum(np.diff(recall) * precision[:-1]))
    base = float(np.mean(np.asarray(y_true) == (1 if pos_label is None else pos_label)))
    first = ax is None or not has_baseline(ax, "chance")
    default = f"Average precision {average:.2f} at a base rate of {base:.2f}"
    ax = frame(
        ax,
        title=(default if first else "Models compared by precision and recall")
        if title is None
        else title,
        xlabel="recall",
        ylabel="precision",
        figsize=(4.8, 4.4),
    )
    if first:
        ax.axhline(
            base, ls="--", color=COLOURS["grey"], lw=1, label=f"chance ({base:.3f})", gid="chance"
        )
    colour = next_colour(ax)
    label = f"{name} ({average:.3f})"
    ax.step(recall, precision, where="post", color=colour, lw=2, label=label, gid=CURVE)
    ax.set(xlim=(0, 1), ylim=(0, 1.02))
    ax.legend(title="average precision", loc="best", frameon=False)
    return ax


def plot_calibration(
    y_true: ArrayLike,
    y_prob: ArrayLike,
    *,
    pos_label: Any = None,
    n_bins: int = 10,
    strategy: Literal["uniform", "quantile"] = "quantile",
    name: str = "model",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Observed share of positives against predicted probability: the diagonal is honest.

    Parameters
    ----------
    y_true : array-like of shape (n,)
    y_prob : array-like of shape (n,), in [0, 1]
    pos_label : label or None, default=None
    n_bins : int, default=10
    strategy : {"quantile", "uniform"}, default="quantile"
        Bins of equal counts or of equal widths. Equal counts keep every point equally certain.
    name : str, default="model"
    ax : Axes or None, default=None
        Give the same one again to compare models.
    title : str or None, default=None
        ``None`` states the largest gap of a bin.

    Returns
    -------
    Axes

    >>> y, p = [0, 1, 1, 1], [0.5, 0.5, 0.9, 0.9]
    >>> plot_calibration(y, p, n_bins=2).get_title(loc="left")
    'Predicted and observed rates differ by up to 0.10'
    """
    observed, predicted = calibration_curve(
        y_true, y_prob, pos_label=pos_label, n_bins=n_bins, strategy=strategy
    )
    gap = float(np.max(np.abs(observed - predicted)))
    first = ax is None or not has_baseline(ax, "honest")
    default = f"Predicted and observed rates differ by up to {gap:.2f}"
    ax = frame(
        ax,
        title=(default if first else "Models compared by calibration") if title is None else title,
        xlabel="predicted probability (mean of the bin)",
        ylabel="observed share of positives",
        figsize=(4.8, 4.4),
    )
    if first:
        ax.plot([0, 1], [0, 1], "--", color=COLOURS["grey"], lw=1, label="perfect", gid="honest")
    colour = next_colour(ax)
    ax.plot(
        predicted, observed, "o-", color=colour, lw=2, ms=5, label=name, gid=CURVE, clip_on=False
    )
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.legend(loc="upper left", frameon=False)
    return ax


def _list(values: ArrayLike) -> list[Any]:
    return np.asarray(values).tolist()
