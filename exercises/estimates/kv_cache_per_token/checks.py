"""KV cache of a token: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import UNIT_FREEDOM, Estimate


def truth(layers, query_heads, kv_heads, head_size, bytes_per_value):
    """The answer in KiB/token."""
    return layers * kv_heads * head_size * 2 * bytes_per_value / 1024


ESTIMATE = Estimate(
    function="kv_cache_per_token",
    truth=truth,
    unit="KiB/token",
    inputs={
        "layers": [32, 12, 24, 40, 80],
        "query_heads": [32, 16, 64, 96],
        "kv_heads": [8, 1, 2, 4, 16],
        "head_size": [128, 64, 96, 256],
        "bytes_per_value": [2, 1, 4],
    },
    published=128,
    tolerance=UNIT_FREEDOM,
)
