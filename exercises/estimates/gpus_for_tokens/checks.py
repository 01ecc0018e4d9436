"""GPUs for a token rate: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate, span


def truth(tokens_per_s, tokens_per_s_per_gpu, utilisation):
    """The answer in GPU, before rounding."""
    return tokens_per_s / tokens_per_s_per_gpu / utilisation


ESTIMATE = Estimate(
    function="gpus_for_tokens",
    truth=truth,
    unit="GPU",
    inputs={
        "tokens_per_s": span(50_000, 2_000, 2_000_000),
        "tokens_per_s_per_gpu": [2500, 90, 300, 700, 1100, 6000],
        "utilisation": [0.7, 0.5, 0.6, 0.85],
    },
    published=29,
    rounding="up",
)
