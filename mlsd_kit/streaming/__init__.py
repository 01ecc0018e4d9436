"""One value at a time, in bounded memory: every statistic has ``update`` and ``get``."""

from mlsd_kit.streaming.distinct import CountDistinct
from mlsd_kit.streaming.moments import Mean, Sum, Variance
from mlsd_kit.streaming.quantile import Quantile
from mlsd_kit.streaming.reservoir import ReservoirSample
from mlsd_kit.streaming.sessions import SessionWindows
from mlsd_kit.streaming.sliding import SlidingWindows, TumblingWindows
from mlsd_kit.streaming.windows import WindowResult

__all__ = [
    "CountDistinct",
    "Mean",
    "Quantile",
    "ReservoirSample",
    "SessionWindows",
    "SlidingWindows",
    "Sum",
    "TumblingWindows",
    "Variance",
    "WindowResult",
]
