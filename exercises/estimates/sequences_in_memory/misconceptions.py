"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

import math

from mlsd_kit.curriculum.grading.units import Q


def weights_forgotten(memory_gb, usable_share, weights_gb, context_tokens, kv_kib_per_token):
    """The weights are left out: they occupy the same memory."""
    return Q(
        math.floor(usable_share * memory_gb * 1e9 / (context_tokens * kv_kib_per_token * 1024)),
        "sequence",
    )


def all_of_the_memory(memory_gb, usable_share, weights_gb, context_tokens, kv_kib_per_token):
    """All of the memory is used: activations and fragmentation need the rest."""
    return Q(
        math.floor((memory_gb - weights_gb) * 1e9 / (context_tokens * kv_kib_per_token * 1024)),
        "sequence",
    )


def rounded_up(memory_gb, usable_share, weights_gb, context_tokens, kv_kib_per_token):
    """Rounded up: the last sequence does not fit."""
    return Q(
        math.ceil(
            (usable_share * memory_gb - weights_gb)
            * 1e9
            / (context_tokens * kv_kib_per_token * 1024)
        ),
        "sequence",
    )


def share_of_the_rest(memory_gb, usable_share, weights_gb, context_tokens, kv_kib_per_token):
    """The share is taken after the weights: it is a share of the whole memory."""
    return Q(
        math.floor(
            usable_share
            * (memory_gb - weights_gb)
            * 1e9
            / (context_tokens * kv_kib_per_token * 1024)
        ),
        "sequence",
    )
