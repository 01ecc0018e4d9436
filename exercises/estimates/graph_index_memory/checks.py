"""Memory of a graph index: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate, judgement, span


def truth(vectors, dimensions, bytes_per_value, links):
    """The answer in GB."""
    node = dimensions * bytes_per_value + 2 * links * 4
    return vectors * node / 1e9


ESTIMATE = Estimate(
    function="graph_index_memory",
    truth=truth,
    unit="GB",
    inputs={
        "vectors": span(100_000_000, 1_000_000, 5_000_000_000),
        "dimensions": [256, 64, 100, 128, 384],
        "bytes_per_value": [2, 4, 1],
        "links": [16, 8, 32, 48, 64],
    },
    published=64,
    tolerance=judgement(0.92, 1.1),
)
