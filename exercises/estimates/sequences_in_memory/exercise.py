"""Sequences that fit on a GPU."""

from __future__ import annotations

import math

from mlsd_kit.curriculum.grading.units import Q


def sequences_in_memory(
    memory_gb: float,
    usable_share: float,
    weights_gb: float,
    context_tokens: int,
    kv_kib_per_token: float,
) -> Q:
    """Free memory over the cache of a sequence, rounded down.

    Parameters
    ----------
    memory_gb : float
        Memory of the GPU in GB.
    usable_share : float
        Share of it that the server may use.
    weights_gb : float
        Memory of the weights in GB.
    context_tokens : int
        Tokens reserved for a sequence.
    kv_kib_per_token : float
        KV cache of a token in KiB.

    Returns
    -------
    Q
        The number of sequences that fit.
    """
    raise NotImplementedError("write sequences_in_memory")
