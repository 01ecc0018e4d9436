"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import math

import numpy as np


def emptiness_by_truth(y_true, y_pred):
    """An empty input is recognised by its truth value, which arrays do not have."""
    if not y_true:
        return math.nan
    pairs = [(a, f) for a, f in zip(y_true, y_pred, strict=True) if a != 0]
    return 100 * sum(abs(a - f) / abs(a) for a, f in pairs) / len(pairs) if pairs else math.nan


def differences_in_the_type_of_the_input(y_true, y_pred):
    """Small whole numbers are subtracted in their own type and wrap."""
    actual, forecast = np.asarray(y_true), np.asarray(y_pred)
    kept = actual != 0
    off = np.abs(actual[kept] - forecast[kept]) / np.abs(actual[kept])
    return float(100 * off.mean()) if kept.any() else math.nan


def tiny_actuals_left_out(y_true, y_pred):
    """Days with an actual near 0 are left out, not only those with 0."""
    actual, forecast = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    kept = ~np.isclose(actual, 0)
    off = np.abs(actual[kept] - forecast[kept]) / np.abs(actual[kept])
    return float(100 * off.mean()) if kept.any() else math.nan


def in_single_precision(y_true, y_pred):
    """The numbers are rounded to 32 bits."""
    actual, forecast = (np.asarray(each, dtype=np.float32) for each in (y_true, y_pred))
    kept = actual != 0
    off = np.abs(actual[kept] - forecast[kept]) / np.abs(actual[kept])
    return float(100 * off.mean()) if kept.any() else math.nan
