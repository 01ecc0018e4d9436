"""Memory of a product-quantised index: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import UNIT_FREEDOM, Estimate, span


def truth(vectors, code_bytes, id_bytes):
    """The answer in GB."""
    return vectors * (code_bytes + id_bytes) / 1e9


ESTIMATE = Estimate(
    function="pq_index_memory",
    truth=truth,
    unit="GB",
    inputs={
        "vectors": span(1_000_000_000, 1_000_000, 20_000_000_000),
        "code_bytes": [64, 8, 16, 32, 96, 128],
        "id_bytes": [8, 4, 16],
    },
    published=72,
    tolerance=UNIT_FREEDOM,
)
