"""What every test of an experiment returns."""

from __future__ import annotations

from typing import NamedTuple


class Effect(NamedTuple):
    """Treatment minus control, and how sure of it the data allow one to be.

    ``estimate`` difference, in the metric's unit · ``low``, ``high`` confidence interval ·
    ``std_error`` of the estimate · ``pvalue`` two-sided, of no difference.

    >>> Effect(0.02, 0.01, 0.03, 0.005, 0.0001).excludes_zero
    True
    """

    estimate: float
    low: float
    high: float
    std_error: float
    pvalue: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low > 0 or self.high < 0
