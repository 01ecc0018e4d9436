"""Partitions of a log: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate, judgement, span


def truth(write_mb_per_s, partition_mb_per_s, consumer_mb_per_s):
    """The answer in partition, before rounding."""
    return max(write_mb_per_s / partition_mb_per_s, write_mb_per_s / consumer_mb_per_s)


ESTIMATE = Estimate(
    function="log_partitions",
    truth=truth,
    unit="partition",
    inputs={
        "write_mb_per_s": span(500, 20, 20_000),
        "partition_mb_per_s": [25, 6, 9, 12, 40],
        "consumer_mb_per_s": [10, 3, 7, 30, 55],
    },
    published=50,
    tolerance=judgement(1, 1.3),
    rounding="up",
)
