"""ROC-AUC on labels that are pure chance, with SMOTE after the split and before it."""

from __future__ import annotations

import numpy as np

from mlsd_kit.metrics import average_precision_score, roc_auc_score
from mlsd_kit.model_selection import train_test_split
from mlsd_kit.neighbors import KNeighborsClassifier
from mlsd_kit.resampling import SMOTE

Table = tuple[np.ndarray, np.ndarray]


def table(rng: np.random.Generator, n: int = 1500) -> Table:
    """Features and labels that know nothing of each other."""
    return rng.normal(size=(n, 5)), (rng.random(n) < 0.05).astype(int)


def scores(train: Table, test: Table) -> tuple[float, float]:
    """ROC-AUC and average precision on the test rows."""
    chance = KNeighborsClassifier(5).fit(*train).predict_proba(test[0])[:, 1]
    return roc_auc_score(test[1], chance), average_precision_score(test[1], chance)


def split(X: np.ndarray, y: np.ndarray, seed: int) -> tuple[Table, Table]:
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=seed)
    return (X_train, y_train), (X_test, y_test)


def repetition(seed: int) -> tuple[float, ...]:
    """Honest, as reported by the colleague, and his model on new rows."""
    rng = np.random.default_rng(seed)
    X, y = table(rng)
    train, test = split(X, y, seed)
    honest = scores(SMOTE(random_state=seed).fit_resample(*train), test)
    train, test = split(*SMOTE(random_state=seed).fit_resample(X, y), seed)
    return (*honest, *scores(train, test), *scores(train, table(rng)))


def answer() -> tuple[str, str]:
    """The option that came true, and the figures."""
    figures = np.mean([repetition(seed) for seed in range(5)], axis=0)
    reported = figures[2]
    letter = (
        "b" if reported < 0.45 else "a" if reported <= 0.55 else "c" if reported <= 0.75 else "d"
    )
    names = ("split, then SMOTE on train", "SMOTE, then split", "the latter on new rows")
    lines = [f"{'':<28}ROC-AUC   average precision"]
    for name, auc, ap in zip(names, figures[::2], figures[1::2], strict=True):
        lines.append(f"{name:<28}{auc:7.2f}{ap:16.2f}")
    return letter, "\n".join(lines)
