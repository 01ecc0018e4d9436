"""Numbers in a sentence, with as many digits as one reads."""

from __future__ import annotations

from math import floor, log10

import numpy as np


def figure(value: float) -> str:
    """A number with as many digits as one reads.

    >>> [figure(x) for x in (99.953, 0.0123, 61_234.0, 1.25e6, float("inf"), 12.0)]
    ['99.95', '0.0123', '61,234', '1,250,000', 'without end', '12']
    """
    if not np.isfinite(value):
        return "without end" if value == np.inf else "unknown"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    text = f"{value:.4g}" if abs(value) >= 1 else f"{value:.3g}"
    return text if "e" not in text else f"{value:.2g}"


def interval(mean: float, half: float) -> str:
    """Mean and interval, with no more digits than the interval allows.

    >>> interval(69.2187, 0.1871), interval(4984.2, 333.3), interval(100.0, 0.0)
    ('69.22 ± 0.19', '4,984 ± 333', '100')
    >>> interval(6227.7, 2.4), interval(6.42197, 0.0018), interval(78.04, 0.0005)
    ('6,228 ± 2', '6.422 ± 0.002', '78.04')
    """
    if not np.isfinite(mean) or half <= 1e-5 * abs(mean):
        return figure(mean)
    read = 3 - floor(log10(max(abs(mean), 1e-9)))  # four digits are what one reads
    digits = min(max(0, 1 - floor(log10(half))), max(0, read))
    return f"{mean:,.{digits}f} ± {half:,.{digits}f}" if round(half, digits) else figure(mean)
