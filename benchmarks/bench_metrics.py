"""The metrics against scikit-learn's: counts, ROC-AUC, NDCG, MAPE."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Case
from sklearn import metrics as peer

from mlsd_kit import metrics as ours


def labels(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Ten classes, 70 % predicted right."""
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 10, n)
    return y_true, np.where(rng.random(n) < 0.7, y_true, rng.integers(0, 10, n))


def tied_scores(n: int) -> tuple[np.ndarray, np.ndarray]:
    """30 % positives; scores of six digits, so that most of them are tied."""
    rng = np.random.default_rng(0)
    y_true = (rng.random(n) < 0.3).astype(np.int64)
    return y_true, np.round(1 / (1 + np.exp(-rng.normal(y_true * 0.8))), 6)


def queries(n: int) -> tuple[np.ndarray, np.ndarray]:
    """100 documents a query, graded 0 to 4, untied scores."""
    rng = np.random.default_rng(0)
    gain = rng.integers(0, 5, (n, 100)).astype(float)
    return gain, gain + rng.normal(size=(n, 100)) * 2


def tied_queries(n: int) -> tuple[np.ndarray, np.ndarray]:
    """The same with scores of two digits: ties in most lists."""
    gain, score = queries(n)
    return gain, np.round(score, 2)


def forecasts(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y_true = rng.lognormal(size=n)
    return y_true, y_true * rng.uniform(0.8, 1.2, n)


def prf(module: Any, y_true: np.ndarray, y_pred: np.ndarray) -> Any:
    return module.precision_recall_fscore_support(y_true, y_pred, average="macro")[:3]


def equal(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-10)


CASES = [
    Case(
        "metrics: confusion matrix, 10 classes",
        10_000_000,
        10,
        labels,
        ours.confusion_matrix,
        peer.confusion_matrix,
        equal,
    ),
    Case(
        "metrics: precision, recall, F1",
        10_000_000,
        10,
        labels,
        lambda t, p: prf(ours, t, p),
        lambda t, p: prf(peer, t, p),
        equal,
    ),
    Case(
        "metrics: ROC-AUC with ties",
        5_000_000,
        8,
        tied_scores,
        ours.roc_auc_score,
        peer.roc_auc_score,
        equal,
    ),
    Case(
        "metrics: NDCG@10, ties ignored",
        100_000,
        4,
        queries,
        lambda t, s: ours.ndcg_score(t, s, k=10, ignore_ties=True),
        lambda t, s: peer.ndcg_score(t, s, k=10, ignore_ties=True),
        equal,
    ),
    Case(
        "metrics: NDCG@10, ties averaged",
        100_000,
        20,
        tied_queries,
        lambda t, s: ours.ndcg_score(t, s, k=10),
        lambda t, s: peer.ndcg_score(t, s, k=10),
        equal,
        repeats=3,
    ),
    Case(
        "metrics: MAPE",
        10_000_000,
        3,
        forecasts,
        ours.mean_absolute_percentage_error,
        peer.mean_absolute_percentage_error,
        equal,
    ),
]
