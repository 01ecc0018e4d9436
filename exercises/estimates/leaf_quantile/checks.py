"""The tail of a fan-out: the formula, and the numbers to try it on."""

from __future__ import annotations

import math

from mlsd_kit.curriculum.grading.estimates import Estimate


def truth(leaves, whole_quantile):
    """The answer in plain numbers."""
    return math.exp(math.log(whole_quantile) / leaves)


ESTIMATE = Estimate(
    function="leaf_quantile",
    truth=truth,
    unit="",
    inputs={
        "leaves": [100, 2, 5, 20, 50, 400, 2000],
        "whole_quantile": [0.99, 0.95, 0.98, 0.999, 0.9999],
    },
    published=0.9999,
    complement=True,
)
