"""Days of a training run: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate, span


def truth(flop, gpus, peak_tflops, utilisation):
    """The answer in day."""
    return flop / (gpus * peak_tflops * 1e12 * utilisation) / 3600 / 24


ESTIMATE = Estimate(
    function="training_days",
    truth=truth,
    unit="day",
    inputs={
        "flop": span(8.4e22, 1e20, 1e25),
        "gpus": [256, 8, 64, 512, 1024, 16_000],
        "peak_tflops": [312, 65, 125, 989, 2250],
        "utilisation": [0.4, 0.2, 0.3, 0.5, 0.6],
    },
    published=30.4,
)
