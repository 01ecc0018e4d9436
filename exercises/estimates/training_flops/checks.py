"""Arithmetic of a training run: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate


def truth(parameters, tokens):
    """The answer in FLOP."""
    return 2 * parameters * tokens + 4 * parameters * tokens


ESTIMATE = Estimate(
    function="training_flops",
    truth=truth,
    unit="FLOP",
    inputs={
        "parameters": [7e9, 1e8, 1.3e9, 3e9, 13e9, 70e9, 405e9],
        "tokens": [2e12, 3e9, 2.6e10, 1.4e11, 3e11, 1.5e13],
    },
    published=8.4e22,
)
