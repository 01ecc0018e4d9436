"""Partitions of a log."""

from __future__ import annotations

import math

from mlsd_kit.curriculum.grading.units import Q


def log_partitions(write_mb_per_s: float, partition_mb_per_s: float, consumer_mb_per_s: float) -> Q:
    """The rate over the slower of writing and reading, rounded up.

    Parameters
    ----------
    write_mb_per_s : float
        Rate of writing in MB/s.
    partition_mb_per_s : float
        What one partition takes in, in MB/s.
    consumer_mb_per_s : float
        What one consumer handles, in MB/s.

    Returns
    -------
    Q
        The least number of partitions.
    """
    raise NotImplementedError("write log_partitions")
