"""Memory to train an embedding table: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import UNIT_FREEDOM, Estimate, span


def truth(ids, dimensions, bytes_per_value):
    """The answer in GB."""
    weights = ids * dimensions * bytes_per_value
    return (weights + 2 * weights) / 1e9


ESTIMATE = Estimate(
    function="embedding_training_memory",
    truth=truth,
    unit="GB",
    inputs={
        "ids": span(1_000_000_000, 100_000, 20_000_000_000),
        "dimensions": [64, 8, 16, 32, 128, 256],
        "bytes_per_value": [4, 2, 8],
    },
    published=768,
    tolerance=UNIT_FREEDOM,
)
