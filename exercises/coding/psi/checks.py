"""What a population stability index must do, from simple to subtle."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same

Given = dict[str, Any]


def oracle(reference: list, current: list, bins: int) -> float:
    """The definition in exact fractions, bin by bin."""
    ordered = sorted(reference)
    borders = []
    for i in range(1, bins):
        place = Fraction((len(ordered) - 1) * i, bins)
        low = ordered[math.floor(place)]
        high = ordered[math.ceil(place)]
        borders.append(low + (high - low) * (place - math.floor(place)))
    lows, highs = [-math.inf, *borders], [*borders, math.inf]
    total = 0.0
    for low, high in zip(lows, highs, strict=True):
        p, q = (
            max(sum(low < value <= high for value in values) / len(values), 1e-4)
            for values in (reference, current)
        )
        total += (q - p) * math.log(q / p)
    return total


# the quantiles of small whole numbers at multiples of 1/2, 1/4 and 1/8 are exact in floating point,
# however they are computed: on which side of a border a value lies is then beyond dispute
BINS = [2, 4, 8]


@st.composite
def samples(draw: st.DrawFn, low: int = 0, high: int = 9, most: int = 12) -> Given:
    """Few small whole numbers: values on borders, equal values and empty bins turn up often."""
    whole = st.integers(low, high)
    return {
        "reference": draw(st.lists(whole, min_size=1, max_size=most)),
        "current": draw(st.lists(st.integers(-2, 12), min_size=1, max_size=most)),
        "bins": draw(st.sampled_from(BINS)),
    }


@st.composite
def full(draw: st.DrawFn) -> Given:
    """No value on a border or outside, no empty bin, samples of different sizes."""
    bins = draw(st.sampled_from(BINS))
    n = bins * draw(st.integers(1, 3))
    reference = [8.0 * i + 1 for i in range(n)]  # so borders are whole numbers
    more = draw(st.lists(st.integers(1, 8 * (n - 1)), min_size=1, max_size=12))
    return {"reference": reference, "current": reference + [v + 0.5 for v in more], "bins": bins}


def _case(reference: list, current: list, bins: int) -> Given:
    return {"reference": reference, "current": current, "bins": bins}


EIGHT = [1, 2, 3, 4, 5, 6, 7, 8]


@check(
    full(),
    always=[
        _case(EIGHT, [1, 3, 3, 5, 5, 5, 7, 7, 7, 8], 4),
        _case([1, 2, 4, 8, 16, 32, 64, 128], [1, 2, 2, 5, 20, 21, 30, 70, 80, 90], 4),
        _case(EIGHT, [1, 2, 3, 6], 2),
    ],
)
def the_sum_over_the_bins(call: Callable, given: Given) -> None:
    """The sum of (q - p) ln(q / p) over bins between quantiles of the reference."""
    same(call(**given), oracle(**given), what="psi")


@check(
    samples(),
    always=[
        _case(EIGHT, [5, 6, 7, 8, 9, 9, 9, 9], 4),
        _case(EIGHT, [-5, 1, 2, 3, 4, 5, 6, 99, 99], 4),
        _case(EIGHT, [100, 200], 2),
        # 1 of 20,000 is a share below the floor, and 3 of 20,000 one above it
        _case(EIGHT, [1, *[8] * 19_999], 4),
        _case(EIGHT, [*[1] * 3, *[8] * 19_997], 4),
        _case([1, *[8] * 19_999], EIGHT, 2),
    ],
)
def empty_bins_have_a_floor(call: Callable, given: Given) -> None:
    """A share below 0.0001 counts as 0.0001; values outside the reference are in the outer bins."""
    same(call(**given), oracle(**given), what="psi")


@check(
    samples(low=2, high=5),
    always=[
        _case([1, 2, 3, 4, 5], [2, 2, 3, 3, 4, 1], 4),
        _case([0, 0, 0, 0, 0, 0, 1, 2], [0, 1, 1, 2, 2], 4),
        _case([5, 5, 5], [4, 5, 6, 6], 2),
        # neighbours that are equal in single precision
        _case([2**24 + i for i in range(5)], [2**24 + i for i in (0, 1, 3, 3)], 4),
        _case([3], [3, 4], 8),
    ],
)
def a_value_on_a_border_belongs_below(call: Callable, given: Given) -> None:
    """Bins are (low, high]; borders that coincide leave empty bins, which add 0."""
    same(call(**given), oracle(**given), what="psi")


@check(samples(), always=[_case(EIGHT, EIGHT * 3, 4), _case(EIGHT, [1, 2, 3, 4], 4)])
def never_negative_and_zero_for_equal_shares(call: Callable, given: Given) -> None:
    """PSI is 0 if the current data are the reference, repeated or not, and never below 0."""
    got = call(**given)
    require(not got < -1e-12, f"psi is never negative, got {got}")
    repeated = {**given, "current": given["reference"] * 2}
    same(call(**repeated), 0.0, what="psi of the reference against itself")
    same(got, oracle(**given), what="psi")


@check(samples(), always=[_case(EIGHT, [5, 2, 9, 9, 1, 7], 4)])
def the_unit_does_not_matter(call: Callable, given: Given) -> None:
    """Another unit, or arrays in place of lists, give the same PSI."""
    expected = oracle(**given)
    for scale in (0.5, 1024.0):
        scaled = {name: np.array(given[name]) * scale for name in ("reference", "current")}
        same(call(**scaled, bins=given["bins"]), expected, what=f"psi of the values times {scale}")


def speed_inputs(rng: np.random.Generator) -> Given:
    """A month of a feature against the year before."""
    reference, current = rng.lognormal(0, 1, 1_000_000), rng.lognormal(0.2, 1, 500_000)
    return {"reference": reference, "current": current, "bins": 10}
