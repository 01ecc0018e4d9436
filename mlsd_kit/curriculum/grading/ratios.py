"""What a wrong ratio usually means: bits for bytes, days for seconds, GiB for GB."""

from __future__ import annotations

import math

from mlsd_kit.curriculum.grading.units import figure, parse

Factor = tuple[float, str, str, str]
"""The ratio, the base unit it belongs to (empty: plain numbers), and what it means."""

ANY = "any"
FACTORS: tuple[Factor, ...] = (
    (8, "B", "bits for bytes, 8 bits make one byte", "bytes for bits, divided by 8 once too often"),
    (2, "B", "fp32 (4 bytes) for fp16 (2 bytes), or a part counted twice",
     "fp16 (2 bytes) for fp32 (4 bytes), or one of two parts left out"),
    (3, "B", "a copy too many: three replicas, or weights with both of Adam's moments",
     "one copy only: count the replicas, or Adam's two moments beside the weights"),
    (2, "FLOP", "multiplications and additions counted twice",
     "a multiplication with its addition is 2 FLOP"),
    (3, "FLOP", "the backward pass counted where there is none",
     "the forward pass only: the backward pass costs twice as much again"),
    (3, "1/s", "the peak for the average", "the average for the peak"),
    (100, "", "percent for a fraction", "a fraction for percent"),
    (2, ANY, "a thing counted twice", "one of two parts left out"),
)  # fmt: skip
TIMES = {
    86_400: "days and seconds mixed up: 86,400 seconds make a day",
    86_400e3: "days and milliseconds mixed up",
    3600: "hours and seconds mixed up: 3,600 seconds make an hour",
    60: "minutes mixed up: 60 seconds make one, and 60 of them an hour",
    24: "days and hours mixed up: 24 hours make a day",
    365 / 12: "months and days mixed up: about 30.4 days make a month",
    730: "months and hours mixed up: about 730 hours make a month",
}
PREFIXES = {1: "k", 2: "M", 3: "G", 4: "T", 5: "P"}
CLOSE = 0.01


def meaning(ratio: float, unit: str) -> str:
    """What ``got / expected = ratio`` usually comes from; empty if it tells nothing.

    >>> meaning(8.0, "GB")
    'bits for bytes, 8 bits make one byte'
    >>> meaning(1 / 1.024**3, "GB")
    'GiB for GB: 1024³ bytes for 1000³'
    >>> meaning(5.3, "")
    ''
    """
    if not (ratio > 0 and math.isfinite(ratio)):
        return ""
    size, large = (ratio, True) if ratio >= 1 else (1 / ratio, False)
    bases = {base if n > 0 else f"1/{base}" for base, n in parse(unit)[1]} or {""}
    for factor, base, too_large, too_small in FACTORS:
        if (base in bases or base == ANY) and _near(size, factor):
            return too_large if large else too_small
    for seconds, mixed in TIMES.items():
        if _near(size, seconds):
            return mixed
    return _prefix(size, unit if "B" in bases else "")


def _near(a: float, b: float, close: float = CLOSE) -> bool:
    return abs(math.log(a / b)) <= close


def _prefix(size: float, unit: str) -> str:
    for k, prefix in PREFIXES.items():
        if _near(size, 1000.0**k):
            return f"a wrong prefix, 1000{_power(k)}"
        if unit.startswith(prefix) and _near(size, 1.024**k, 0.003):
            return f"{prefix}iB for {prefix}B: 1024{_power(k)} bytes for 1000{_power(k)}"
    return ""


def _power(k: int) -> str:
    return "" if k == 1 else "⁰¹²³⁴⁵"[k]


def times(ratio: float) -> str:
    """A ratio in words: «8 × too large», «100 × too small».

    >>> times(8.0), times(0.01)
    ('8 × too large', '100 × too small')
    """
    size = float(f"{max(ratio, 1 / ratio):.4g}")
    return f"{figure(size)} × too {'large' if ratio > 1 else 'small'}"
