"""Running sum, mean and variance."""

from __future__ import annotations

from math import isfinite, nan


def finite(x: float) -> float:
    """``x`` as a float; a ValueError for NaN and infinity, which would poison all later values."""
    value = float(x)
    if not isfinite(value):
        raise ValueError(f"x must be finite, got {x!r}; drop or impute it before the update.")
    return value


class Sum:
    """Running sum, with Kahan-Babuška compensation: a million small terms lose no digits.

    >>> total = Sum()
    >>> for x in [0.1] * 10:
    ...     total.update(x)
    >>> total.get()
    1.0
    """

    def __init__(self) -> None:
        self._sum = 0.0
        self._lost = 0.0

    def update(self, x: float) -> None:
        """Take in one value."""
        value = finite(x)
        total = self._sum + value
        big, small = (self._sum, value) if abs(self._sum) >= abs(value) else (value, self._sum)
        self._lost += (big - total) + small  # what rounding the sum dropped
        self._sum = total

    def get(self) -> float:
        """The sum so far, 0 before the first value."""
        return self._sum + self._lost

    def merge(self, other: Sum) -> None:
        """Take in all that ``other`` has seen."""
        self.update(other._sum)
        self._lost += other._lost


class Mean:
    """Running mean: m ← m + (x - m) / n.

    >>> mean = Mean()
    >>> for x in [3, 5, 10]:
    ...     mean.update(x)
    ...     print(mean.get())
    3.0
    4.0
    6.0
    """

    def __init__(self) -> None:
        self.n = 0
        self._mean = 0.0

    def update(self, x: float) -> None:
        """Take in one value."""
        value = finite(x)
        self.n += 1
        self._mean += (value - self._mean) / self.n

    def get(self) -> float:
        """The mean so far, NaN before the first value."""
        return self._mean if self.n else nan

    def merge(self, other: Mean) -> None:
        """Take in all that ``other`` has seen: two workers, one answer."""
        if other.n:
            self.n += other.n
            self._mean += (other._mean - self._mean) * other.n / self.n


class Variance:
    """Running variance, by Welford's recurrence (1962).

    The textbook form (Σx² - n·m²) / (n - ddof) subtracts two large, nearly equal numbers and may
    even go negative; here only deviations from the running mean are squared:
    S ← S + (x - m_old)(x - m_new). Merging is Chan's formula (1979).

    Parameters
    ----------
    ddof : int, default=1
        1 for the variance of a sample, 0 for that of a whole population.

    >>> variance = Variance()
    >>> for x in [1e9 + 1, 1e9 + 2, 1e9 + 3]:
    ...     variance.update(x)
    >>> variance.get()
    1.0
    """

    def __init__(self, ddof: int = 1) -> None:
        if ddof < 0:
            raise ValueError(f"ddof must be at least 0, got {ddof!r}.")
        self.ddof = ddof
        self.n = 0
        self._mean = 0.0
        self._deviations = 0.0

    def update(self, x: float) -> None:
        """Take in one value."""
        value = finite(x)
        self.n += 1
        gap = value - self._mean
        self._mean += gap / self.n
        self._deviations += gap * (value - self._mean)

    def get(self) -> float:
        """The variance so far, NaN while there are ``ddof`` values or fewer."""
        return self._deviations / (self.n - self.ddof) if self.n > self.ddof else nan

    def merge(self, other: Variance) -> None:
        """Take in all that ``other`` has seen."""
        if not other.n:
            return
        gap, total = other._mean - self._mean, self.n + other.n
        self._deviations += other._deviations + gap * gap * self.n * other.n / total
        self._mean += gap * other.n / total
        self.n = total
