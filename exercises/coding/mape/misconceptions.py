"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

import numpy as np


def _days(y_true, y_pred):
    """Actuals and forecasts of the days that count."""
    actual, forecast = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    return actual[actual != 0], forecast[actual != 0]


def divided_by_the_forecast(y_true, y_pred):
    """The error is divided by the forecast: divide by the actual, the number that is given."""
    actual, forecast = _days(y_true, y_pred)
    errors = np.abs(actual - forecast) / np.maximum(np.abs(forecast), 1e-300)
    return float(100 * errors.mean()) if len(actual) else float("nan")


def fraction_instead_of_percent(y_true, y_pred):
    """The result is a fraction: multiply by 100 to state percent."""
    actual, forecast = _days(y_true, y_pred)
    return float((np.abs(actual - forecast) / np.abs(actual)).mean()) if len(actual) else np.nan


def zero_days_count_as_perfect(y_true, y_pred):
    """Days with an actual of 0 enter the mean with error 0: leave them out of the count too."""
    actual, forecast = _days(y_true, y_pred)
    if len(actual) == 0:
        return float("nan")
    return float(100 * (np.abs(actual - forecast) / np.abs(actual)).sum() / len(y_true))


def tiny_denominator(y_true, y_pred):
    """A tiny number stands in for an actual of 0: one such day makes the mean enormous."""
    actual, forecast = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    if not (actual != 0).any():
        return float("nan")
    small = np.finfo(float).eps
    return float(100 * np.mean(np.abs(actual - forecast) / np.maximum(np.abs(actual), small)))


def errors_cancel(y_true, y_pred):
    """Positive and negative errors cancel: take the absolute value before the mean."""
    actual, forecast = _days(y_true, y_pred)
    return float(100 * abs(((actual - forecast) / actual).mean())) if len(actual) else np.nan


def divided_by_the_signed_actual(y_true, y_pred):
    """The error is divided by the signed actual: a negative actual then lowers the mean."""
    actual, forecast = _days(y_true, y_pred)
    return float(100 * (np.abs(actual - forecast) / actual).mean()) if len(actual) else np.nan


def total_error_over_total_actual(y_true, y_pred):
    """This is WAPE, the total error over the total actual: average the daily percentages."""
    actual, forecast = _days(y_true, y_pred)
    if len(actual) == 0:
        return float("nan")
    return float(100 * np.abs(actual - forecast).sum() / np.abs(actual).sum())
