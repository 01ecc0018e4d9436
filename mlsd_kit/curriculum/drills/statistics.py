"""Honest figures: offered load before percentiles, an interval over seeds, who the slowest were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from mlsd_kit.curriculum.drills.stages import Array, Passage


class Estimate(NamedTuple):
    """Mean over independent runs, half the width of its confidence interval."""

    mean: float
    half: float

    def within(self, limit: float) -> bool:
        """Whether the limit lies inside the interval: the runs do not decide."""
        return abs(self.mean - limit) <= self.half


def over_seeds(values: ArrayLike, confidence: float = 0.95) -> Estimate:
    """Mean ± t · s / √n over one figure a seed.

    >>> over_seeds([90.0, 100.0, 110.0])
    Estimate(mean=100.0, half=24.84...)
    """
    x = np.asarray(values, dtype=float)
    if x.size < 2:
        raise ValueError("An interval needs at least two runs.")
    if not np.isfinite(x).all():
        return Estimate(float("inf"), 0.0)  # never answered, in one of the runs
    t = stdtrit(x.size - 1, (1 + confidence) / 2)
    return Estimate(float(x.mean()), float(t * x.std(ddof=1) / np.sqrt(x.size)))


def offered_load(rate: float, mean_service: float, servers: int) -> float:
    """ρ = λ · E[S] / c: from 1 on the queue never drains, and no percentile exists.

    >>> offered_load(2000, 0.004, 10)
    0.8
    """
    return rate * mean_service / servers


def percentile(latency: ArrayLike, q: float) -> float:
    """The order statistic of rank ⌈q n⌉: an unanswered request counts as infinitely slow.

    >>> percentile([1.0, 2.0, 3.0, np.inf], 0.75)
    3.0
    """
    return float(np.quantile(np.asarray(latency, dtype=float), q, method="inverted_cdf"))


def slowest(
    passages: Mapping[str, Passage], latency: Array, share: float = 0.01
) -> dict[str, Array]:
    """Where the slowest requests spend their time: mean [waiting, batching, work] a stage [s]."""
    chosen = latency >= percentile(latency, 1 - share)
    return {
        stage: np.array([p.waiting[chosen], p.batching[chosen], p.work[chosen]]).mean(axis=1)
        for stage, p in passages.items()
    }
