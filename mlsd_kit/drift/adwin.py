"""ADWIN: a window over a stream that forgets its past when the past no longer fits."""

from __future__ import annotations

from math import isfinite, log, sqrt

from mlsd_kit._vector import check_fraction

Bucket = tuple[int, float, float]
"""(count, sum, sum of squared deviations from the bucket's own mean)."""


def _merge(a: Bucket, b: Bucket) -> Bucket:
    """Two buckets as one; the deviations by Chan's formula, which does not cancel."""
    n = a[0] + b[0]
    gap = a[1] / a[0] - b[1] / b[0]
    return n, a[1] + b[1], a[2] + b[2] + gap * gap * a[0] * b[0] / n


class ADWIN:
    """Adaptive window over a stream of errors or rates; it shrinks when their mean has changed.

    The window is cut wherever the means of its two parts W0 and W1 differ by more than

        ε = √(2 σ² ln(2 / δ') / m) + 2 R ln(2 / δ') / (3 m),   1/m = 1/|W0| + 1/|W1|,
        δ' = δ / ln |W|

    with R the width of the values' range (Bifet and Gavaldà 2007, a Bernstein bound). It is kept as
    an exponential histogram: at most ``max_buckets`` buckets of each size 1, 2, 4 ..., merged when
    they are too many. Memory and time per check are O(max_buckets · log |W|), so the stream may run
    forever. (Why not one test after another on a fixed window: the size of window that suits a
    sudden change hides a slow one.)

    Parameters
    ----------
    delta : float, default=0.002
        Bound on the chance of a false cut at each check.
    clock : int, default=32
        Values between two checks.
    max_buckets : int, default=5
        Buckets of one size; more finds the moment of change more exactly.
    min_window : int, default=5
        Smallest part that is compared.
    value_range : float, default=1.0
        Width R of the interval in which the values lie: 1 for rates, errors 0/1 and probabilities.

    Attributes
    ----------
    drift_detected : bool
        Whether the last `update` cut the window.
    width : int
        Values now in the window.
    n_detections : int
        Cuts so far.

    >>> adwin = ADWIN()
    >>> for value in [0, 1] * 500:  # error rate 0.5
    ...     adwin.update(value)
    >>> adwin.n_detections, adwin.get()
    (0, 0.5)
    >>> for value in [1] * 200:     # error rate 1
    ...     adwin.update(value)
    >>> adwin.n_detections > 0, adwin.get() > 0.9
    (True, True)
    """

    def __init__(
        self,
        delta: float = 0.002,
        *,
        clock: int = 32,
        max_buckets: int = 5,
        min_window: int = 5,
        value_range: float = 1.0,
    ) -> None:
        self.delta = check_fraction(delta, "delta")
        for name, value in (("clock", clock), ("min_window", min_window)):
            if value < 1:
                raise ValueError(f"{name} must be at least 1, got {value!r}.")
        if max_buckets < 2:
            raise ValueError(f"max_buckets must be at least 2, got {max_buckets!r}.")
        if not (value_range > 0 and isfinite(value_range)):
            raise ValueError(f"value_range must be positive and finite, got {value_range!r}.")
        self.clock = clock
        self.max_buckets = max_buckets
        self.min_window = min_window
        self.value_range = value_range
        self.drift_detected = False
        self.n_detections = 0
        self._seen = 0
        self._rows: list[list[Bucket]] = []  # _rows[i]: buckets of 2^i values, oldest first

    @property
    def width(self) -> int:
        return sum(len(row) << size for size, row in enumerate(self._rows))

    @property
    def n_buckets(self) -> int:
        """Buckets held: the state, which grows like log(width)."""
        return sum(map(len, self._rows))

    def get(self) -> float:
        """Mean of the window; NaN before the first value."""
        buckets = self._oldest_first()
        count = sum(bucket[0] for bucket in buckets)
        return sum(bucket[1] for bucket in buckets) / count if count else float("nan")

    def update(self, x: float) -> None:
        """Take in one value; afterwards `drift_detected` says whether the past was dropped."""
        value = float(x)
        if not isfinite(value):
            raise ValueError(f"x must be finite, got {x!r}; drop or impute it first.")
        self._insert((1, value, 0.0))
        self._seen += 1
        self.drift_detected = False
        if self._seen % self.clock == 0:
            while self._cut():
                self.drift_detected = True
        self.n_detections += self.drift_detected

    def _insert(self, bucket: Bucket) -> None:
        size = 0
        while True:
            if size == len(self._rows):
                self._rows.append([])
            row = self._rows[size]
            row.append(bucket)
            if len(row) <= self.max_buckets:
                return
            bucket = _merge(row.pop(0), row.pop(0))  # the two oldest move up
            size += 1

    def _oldest_first(self) -> list[Bucket]:
        return [bucket for row in reversed(self._rows) for bucket in row]

    def _cut(self) -> bool:
        """Drop the oldest bucket if some split of the window shows two different means."""
        buckets = self._oldest_first()
        total = buckets[0]
        for bucket in buckets[1:]:
            total = _merge(total, bucket)
        if total[0] < 2 * self.min_window or not self._splits(buckets, total):
            return False
        while self._rows and not self._rows[-1]:
            self._rows.pop()
        self._rows[-1].pop(0)
        return True

    def _splits(self, buckets: list[Bucket], total: Bucket) -> bool:
        count, mass, deviations = total
        confidence = log(2 * log(count) / self.delta)
        old_count, old_mass = 0, 0.0
        for bucket in buckets[:-1]:
            old_count += bucket[0]
            old_mass += bucket[1]
            new_count = count - old_count
            if min(old_count, new_count) < self.min_window:
                continue
            inverse = 1 / old_count + 1 / new_count
            epsilon = sqrt(2 * inverse * deviations / count * confidence)
            epsilon += 2 / 3 * inverse * self.value_range * confidence
            if abs(old_mass / old_count - (mass - old_mass) / new_count) > epsilon:
                return True
        return False
