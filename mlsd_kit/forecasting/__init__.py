"""Forecasts from the series alone, and the backtest that every better model has to win."""

from mlsd_kit.forecasting.backtest import Split, backtest, rolling_origin_splits
from mlsd_kit.forecasting.baselines import drift_forecast, seasonal_naive
from mlsd_kit.forecasting.smoothing import ExponentialSmoothing

__all__ = [
    "ExponentialSmoothing",
    "Split",
    "backtest",
    "drift_forecast",
    "rolling_origin_splits",
    "seasonal_naive",
]
