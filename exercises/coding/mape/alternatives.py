"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd


def with_a_loop(y_true, y_pred):
    total, days = 0.0, 0
    for actual, forecast in zip(map(float, y_true), map(float, y_pred), strict=True):
        if actual != 0:
            total += abs((actual - forecast) / actual)
            days += 1
    return 100 * total / days if days else math.nan


def with_numpy_nan(y_true, y_pred):
    actual = np.array(y_true, dtype=float)
    actual[actual == 0] = np.nan
    kept = ~np.isnan(actual)
    if not kept.any():
        return np.float64("nan")
    return np.nanmean(np.abs(1 - np.asarray(y_pred) / actual)) * 100


def with_pandas(y_true, y_pred):
    days = pd.DataFrame({"actual": y_true, "forecast": y_pred}, dtype=float)
    days = days[days["actual"] != 0]
    return (days["actual"] - days["forecast"]).abs().div(days["actual"].abs()).mean() * 100
