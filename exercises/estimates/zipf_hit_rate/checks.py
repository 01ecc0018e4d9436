"""Hit rate of a cache under Zipf's law: the formula, and the numbers to try it on."""

from __future__ import annotations

from scipy import special

from mlsd_kit.curriculum.grading.estimates import Estimate

GAMMA = 0.5772156649015329


def truth(items, cached_share):
    """The answer in plain numbers."""
    # the sums of 1/k, as the digamma function gives them
    return (special.digamma(items * cached_share + 1) + GAMMA) / (
        special.digamma(items + 1) + GAMMA
    )


ESTIMATE = Estimate(
    function="zipf_hit_rate",
    truth=truth,
    unit="",
    inputs={
        "items": [100_000_000, 10_000, 100_000, 1_000_000, 10_000_000, 1_000_000_000],
        "cached_share": [0.01, 0.001, 0.003, 0.05, 0.1, 0.2],
    },
    published=0.757,
)
