"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def cache_forgotten(requests_per_s, candidates, keys_per_candidate, cache_hit_share):
    """The cache is left out: only the misses reach the store."""
    return Q(requests_per_s * candidates * keys_per_candidate, "key/s")


def hits_for_misses(requests_per_s, candidates, keys_per_candidate, cache_hit_share):
    """The hits are counted: the store serves what the cache does not have."""
    return Q(requests_per_s * candidates * keys_per_candidate * cache_hit_share, "key/s")


def one_candidate(requests_per_s, candidates, keys_per_candidate, cache_hit_share):
    """One candidate a request: each of them needs its features."""
    return Q(requests_per_s * keys_per_candidate * (1 - cache_hit_share), "key/s")


def one_key_a_candidate(requests_per_s, candidates, keys_per_candidate, cache_hit_share):
    """One key a candidate: multiply by keys_per_candidate."""
    return Q(requests_per_s * candidates * (1 - cache_hit_share), "key/s")
