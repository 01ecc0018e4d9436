"""Reads of a feature store: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate, span


def truth(requests_per_s, candidates, keys_per_candidate, cache_hit_share):
    """The answer in key/s."""
    return requests_per_s * candidates * keys_per_candidate * (1 - cache_hit_share)


ESTIMATE = Estimate(
    function="feature_reads",
    truth=truth,
    unit="key/s",
    inputs={
        "requests_per_s": span(10_000, 100, 500_000),
        "candidates": [500, 20, 100, 200, 1000],
        "keys_per_candidate": [4, 1, 2, 3, 8],
        "cache_hit_share": [0.75, 0.1, 0.25, 0.5, 0.9],
    },
    published=5000000.0,
)
