"""A limit: what must hold, and how far inside it a figure is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Limit:
    """What must hold: a measured figure and its bound."""

    name: str
    """Its key among the values of a run, the facts of a design, or ``"cost"``."""
    text: str
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    ceiling: float | None = None
    """The best there can be, for a bound from below: 1 for a share."""
    fault: bool = False
    """Measured while something is broken."""
    latency: bool = False
    """A percentile of the time a request takes: the trace explains it."""

    @property
    def key(self) -> str:
        """Its name among the limits missed: ``p99``, or ``p99_fault`` with the fault."""
        return f"{self.name}_fault" if self.fault else self.name

    @property
    def bound(self) -> float:
        """The bound, whichever side it is on."""
        return float(self.at_most if self.at_most is not None else self.at_least or 0.0)

    def holds(self, value: float) -> bool:
        """True if ``value`` is within the limit; NaN is not."""
        return value <= self.bound if self.at_most is not None else value >= self.bound

    def margin(self, value: float) -> float:
        """How far inside the limit ``value`` is, as a share of the limit; negative outside.

        >>> Limit("p99", "p99", "ms", at_most=100).margin(80)
        0.2
        >>> round(Limit("served", "served", at_least=0.99, ceiling=1).margin(0.995), 3)
        0.5
        """
        if self.at_most is not None:
            return (self.bound - value) / abs(self.bound) if np.isfinite(value) else -9.0
        scale = self.bound if self.ceiling is None else self.ceiling - self.bound
        return (value - self.bound) / abs(scale) if np.isfinite(value) else -9.0
