"""Memory of an embedding table: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import UNIT_FREEDOM, Estimate, span


def truth(vectors, dimensions, bytes_per_value):
    """The answer in GB."""
    return vectors * dimensions * bytes_per_value / 1e9


ESTIMATE = Estimate(
    function="embedding_memory",
    truth=truth,
    unit="GB",
    inputs={
        "vectors": span(100_000_000, 1_000_000, 5_000_000_000),
        "dimensions": [256, 64, 100, 128, 384, 768, 1536],
        "bytes_per_value": [2, 4, 1],
    },
    published=51.2,
    tolerance=UNIT_FREEDOM,
)
