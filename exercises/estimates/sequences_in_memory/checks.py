"""Sequences that fit on a GPU: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate


def truth(memory_gb, usable_share, weights_gb, context_tokens, kv_kib_per_token):
    """The answer in sequence, before rounding."""
    return (
        (memory_gb * usable_share - weights_gb) * 1e9 / (context_tokens * kv_kib_per_token * 1024)
    )


ESTIMATE = Estimate(
    function="sequences_in_memory",
    truth=truth,
    unit="sequence",
    inputs={
        "memory_gb": [80, 24, 40, 48, 96, 141, 192],
        "usable_share": [0.9, 0.8, 0.85, 0.95],
        "weights_gb": [16, 1, 3, 6, 8, 14],
        "context_tokens": [4096, 512, 1024, 2048, 8192],
        "kv_kib_per_token": [128, 24, 48, 64, 160],
    },
    published=104,
    rounding="down",
)
