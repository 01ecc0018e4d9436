"""The error that shuffled folds promise, and the error of forecasts made in order."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mlsd_kit.metrics import mean_absolute_error
from mlsd_kit.model_selection import KFold, TimeSeriesSplit
from mlsd_kit.neighbors import KNeighborsRegressor

DAYS, HORIZON = 3 * 364, 28
Folds = Iterable[tuple[np.ndarray, np.ndarray]]


def sales(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Day and weekday, and sales: a random walk, a weekly pattern, noise."""
    day = np.arange(DAYS)
    level = 200 + np.cumsum(rng.normal(0, 3, DAYS))
    weekly = np.array([0, 2, 4, 6, 10, 25, 15])[day % 7]
    # a step of one weekday counts as much as 3 days
    return np.column_stack([day, 3.0 * (day % 7)]), level + weekly + rng.normal(0, 3, DAYS)


def error(X: np.ndarray, y: np.ndarray, folds: Folds) -> float:
    """Mean over the folds of the mean absolute error."""
    errors = []
    for train, test in folds:
        model = KNeighborsRegressor(5).fit(X[train], y[train])
        errors.append(mean_absolute_error(y[test], model.predict(X[test])))
    return float(np.mean(errors))


def answer() -> tuple[str, str]:
    """The option that came true, and the figures."""
    shuffled, ordered = [], []
    for seed in range(10):
        X, y = sales(np.random.default_rng(seed))
        shuffled.append(error(X, y, KFold(5, shuffle=True, random_state=seed).split(X)))
        ordered.append(error(X, y, TimeSeriesSplit(10, test_size=HORIZON).split(X)))
    promised, real = np.mean(shuffled), np.mean(ordered)
    ratio = promised / real
    letter = "b" if ratio > 1.2 else "a" if ratio >= 0.8 else "c"
    shown = (
        f"mean absolute error   shuffled 5-fold {promised:.1f}   forecasts in order {real:.1f}"
        f"   ratio {ratio:.2f}\n(means over ten simulated series)"
    )
    return letter, shown
