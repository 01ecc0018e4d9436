"""Quantiles of a stream within a stated relative error."""

from __future__ import annotations

from math import ceil, exp, floor, log, nan
from sys import float_info

from mlsd_kit._vector import check_fraction
from mlsd_kit.streaming.moments import finite

SMALLEST = 1e-9
"""Values nearer to zero than this count as zero."""
LARGEST = log(float_info.max)


class Quantile:
    """Quantile sketch with relative error: buckets that grow geometrically (DDSketch).

    A value x > 0 is counted in bucket ⌈log_γ x⌉ with γ = (1 + ε) / (1 - ε), and the answer
    2γ^i / (γ + 1) lies within ε·x of every x in bucket i (Masson, Rim and Lee 2019). So for every q
    the answer is within ε of the exact order statistic of rank ⌊q (n - 1)⌋: p99 latency to 1 %, for
    any distribution. State is the number of buckets, log(max / min) / (2 ε), however long the
    stream: about 900 for 1 µs ... 1 min at 1 %, and never above 74,000. Two sketches merge exactly.

    Parameters
    ----------
    q : float in [0, 1], default=0.5
        What `get` answers unless asked for another.
    relative_error : float in (0, 1), default=0.01
        The bound ε. Values within 1e-9 of zero count as zero.

    >>> p99 = Quantile(0.99)
    >>> for milliseconds in range(1, 1001):
    ...     p99.update(milliseconds)
    >>> abs(p99.get() - 990) <= 0.01 * 990
    True
    """

    def __init__(self, q: float = 0.5, *, relative_error: float = 0.01) -> None:
        self.q = _check_q(q)
        self.relative_error = check_fraction(relative_error, "relative_error")
        self.n = 0
        self._log_gamma = log((1 + relative_error) / (1 - relative_error))
        self._zeros = 0
        self._buckets: dict[int, dict[int, int]] = {1: {}, -1: {}}  # sign -> bucket -> count

    @property
    def n_buckets(self) -> int:
        """Buckets held: the state."""
        return len(self._buckets[1]) + len(self._buckets[-1])

    def update(self, x: float) -> None:
        """Take in one value."""
        value = finite(x)
        self.n += 1
        if abs(value) < SMALLEST:
            self._zeros += 1
            return
        side = self._buckets[1 if value > 0 else -1]
        bucket = ceil(log(abs(value)) / self._log_gamma)
        side[bucket] = side.get(bucket, 0) + 1

    def get(self, q: float | None = None) -> float:
        """The quantile, NaN before the first value."""
        if self.n == 0:
            return nan
        rank = floor((self.q if q is None else _check_q(q)) * (self.n - 1))
        negative, positive = self._buckets[-1], self._buckets[1]
        for bucket in sorted(negative, reverse=True):  # the most negative first
            rank -= negative[bucket]
            if rank < 0:
                return -self._value(bucket)
        rank -= self._zeros
        if rank < 0:
            return 0.0
        for bucket in sorted(positive):
            rank -= positive[bucket]
            if rank < 0:
                break
        return self._value(bucket)

    def merge(self, other: Quantile) -> None:
        """Take in all that ``other`` has seen; both must have the same ``relative_error``."""
        if other.relative_error != self.relative_error:
            raise ValueError(
                f"other has relative_error {other.relative_error}, this sketch "
                f"{self.relative_error}; merge sketches made alike."
            )
        self.n += other.n
        self._zeros += other._zeros
        for sign, side in other._buckets.items():
            for bucket, count in side.items():
                self._buckets[sign][bucket] = self._buckets[sign].get(bucket, 0) + count

    def _value(self, bucket: int) -> float:
        """2γ^i / (γ + 1), which is γ^i (1 - ε)."""
        exponent = bucket * self._log_gamma + log(1 - self.relative_error)
        return exp(min(exponent, LARGEST))


def _check_q(q: float) -> float:
    if not 0 <= q <= 1:
        raise ValueError(f"q must lie between 0 and 1, got {q!r}.")
    return float(q)
