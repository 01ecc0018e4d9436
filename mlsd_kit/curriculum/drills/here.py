"""What a drill's service times are on this machine: shown beside the frozen ones, never scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np


@dataclass(frozen=True)
class Measurement:
    """A service time that can be measured anywhere."""

    text: str
    unit: str
    frozen: float
    """What graded runs use."""
    measure: Callable[[], float]

    def __str__(self) -> str:
        here = self.measure()
        return (
            f"here: {self.text} takes {here:.3g} {self.unit}, "
            f"graded runs use {self.frozen:g} (unscored)"
        )


def ranking_time(rows: int = 500, features: int = 100, trees: int = 300) -> float:
    """Microseconds a row that boosted trees of 31 leaves take for ``rows`` at a time, one thread.

    The median of 15 calls; fitting the trees takes a second or two.
    """
    import lightgbm

    rng = np.random.default_rng(0)
    table = rng.normal(size=(4000, features))
    data = lightgbm.Dataset(table, table[:, 0] + rng.normal(size=len(table)))
    settings = {"num_leaves": 31, "verbose": -1, "num_threads": 1}
    model = lightgbm.train(settings, data, trees)
    seconds = []
    for _ in range(15):
        start = perf_counter()
        model.predict(table[:rows], num_threads=1)
        seconds.append(perf_counter() - start)
    return 1e6 * float(np.median(seconds)) / rows
