"""Scores and losses from scratch, under scikit-learn's names: swap the import line."""

from mlsd_kit.metrics.average_precision import average_precision_score
from mlsd_kit.metrics.calibration import calibration_curve, calibration_error
from mlsd_kit.metrics.classification import precision_recall_fscore_support
from mlsd_kit.metrics.confusion import accuracy_score, confusion_matrix
from mlsd_kit.metrics.curves import auc, precision_recall_curve, roc_curve
from mlsd_kit.metrics.forecasting import mase, smape, wape
from mlsd_kit.metrics.fscore import f1_score, fbeta_score, precision_score, recall_score
from mlsd_kit.metrics.probabilistic import crps, mean_pinball_loss
from mlsd_kit.metrics.probability import brier_score_loss, log_loss
from mlsd_kit.metrics.ranking import dcg_score, ndcg_score
from mlsd_kit.metrics.rankings import relevance_matrix
from mlsd_kit.metrics.regression import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
)
from mlsd_kit.metrics.retrieval import (
    mean_average_precision,
    mean_reciprocal_rank,
    precision_at_k,
    recall_at_k,
)
from mlsd_kit.metrics.roc_auc import roc_auc_score
from mlsd_kit.metrics.thresholds import CostThreshold, cost_threshold

__all__ = [
    "CostThreshold",
    "accuracy_score",
    "auc",
    "average_precision_score",
    "brier_score_loss",
    "calibration_curve",
    "calibration_error",
    "confusion_matrix",
    "cost_threshold",
    "crps",
    "dcg_score",
    "f1_score",
    "fbeta_score",
    "log_loss",
    "mase",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_average_precision",
    "mean_pinball_loss",
    "mean_reciprocal_rank",
    "mean_squared_error",
    "ndcg_score",
    "precision_at_k",
    "precision_recall_curve",
    "precision_recall_fscore_support",
    "precision_score",
    "r2_score",
    "recall_at_k",
    "recall_score",
    "relevance_matrix",
    "roc_auc_score",
    "roc_curve",
    "root_mean_squared_error",
    "smape",
    "wape",
]
