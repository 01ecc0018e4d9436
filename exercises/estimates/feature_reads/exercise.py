"""Reads of a feature store."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def feature_reads(
    requests_per_s: float, candidates: int, keys_per_candidate: int, cache_hit_share: float
) -> Q:
    """Requests times candidates times keys, for the share that misses the cache.

    Parameters
    ----------
    requests_per_s : float
        Requests a second.
    candidates : int
        Candidates scored for a request.
    keys_per_candidate : int
        Keys read for a candidate.
    cache_hit_share : float
        Share of the keys found in the cache.

    Returns
    -------
    Q
        The rate at which the store reads keys.
    """
    raise NotImplementedError("write feature_reads")
