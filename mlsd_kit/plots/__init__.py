"""One figure answers one question: every function draws on one axes and returns it.

`diagram` alone draws no axes: it is the picture of a system's components, from a declaration.
``ax=None`` makes the axes; ``title`` says the answer (left out, it is computed from the data).
Colours come from `mlsd_kit.plots.COLOURS`, which people of every colour vision can tell apart.
"""

from mlsd_kit.plots.business import plot_funnel, plot_profit, plot_sensitivity
from mlsd_kit.plots.classification import (
    plot_calibration,
    plot_confusion_matrix,
    plot_pr_curve,
    plot_roc_curve,
)
from mlsd_kit.plots.components import NOT_BUILT, Arrow, Box, Diagram, diagram
from mlsd_kit.plots.features import plot_drift, plot_importance, plot_shift
from mlsd_kit.plots.series import plot_backtest
from mlsd_kit.plots.style import COLOURS, PALETTE

__all__ = [
    "COLOURS",
    "NOT_BUILT",
    "PALETTE",
    "Arrow",
    "Box",
    "Diagram",
    "diagram",
    "plot_backtest",
    "plot_calibration",
    "plot_confusion_matrix",
    "plot_drift",
    "plot_funnel",
    "plot_importance",
    "plot_pr_curve",
    "plot_profit",
    "plot_roc_curve",
    "plot_sensitivity",
    "plot_shift",
]
