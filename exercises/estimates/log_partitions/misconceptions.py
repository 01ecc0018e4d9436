"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

import math

from mlsd_kit.curriculum.grading.units import Q


def writing_only(write_mb_per_s, partition_mb_per_s, consumer_mb_per_s):
    """Only writing is counted: each partition must also be read by one consumer in time."""
    return Q(math.ceil(write_mb_per_s / partition_mb_per_s), "partition")


def the_sum_of_both(write_mb_per_s, partition_mb_per_s, consumer_mb_per_s):
    """Partitions for writing and for reading are added: the same partitions serve both."""
    return Q(
        math.ceil(write_mb_per_s / partition_mb_per_s + write_mb_per_s / consumer_mb_per_s),
        "partition",
    )


def rounded_down(write_mb_per_s, partition_mb_per_s, consumer_mb_per_s):
    """Rounded down: the consumers would fall behind for ever."""
    return Q(math.floor(write_mb_per_s / min(partition_mb_per_s, consumer_mb_per_s)), "partition")


def the_faster_side(write_mb_per_s, partition_mb_per_s, consumer_mb_per_s):
    """The faster side decides here: a chain is as fast as its slowest part."""
    return Q(math.ceil(write_mb_per_s / max(partition_mb_per_s, consumer_mb_per_s)), "partition")
