"""KV cache of a token."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def kv_cache_per_token(
    layers: int, query_heads: int, kv_heads: int, head_size: int, bytes_per_value: int
) -> Q:
    """A key and a value for every layer and key-value head.

    Parameters
    ----------
    layers : int
        Transformer layers.
    query_heads : int
        Query heads of a layer.
    kv_heads : int
        Key-value heads of a layer.
    head_size : int
        Numbers in a head's key, and in its value.
    bytes_per_value : int
        Bytes a number takes.

    Returns
    -------
    Q
        The memory that one token takes.
    """
    raise NotImplementedError("write kv_cache_per_token")
