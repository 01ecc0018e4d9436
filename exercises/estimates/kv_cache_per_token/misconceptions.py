"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def keys_only(layers, query_heads, kv_heads, head_size, bytes_per_value):
    """Keys or values alone: both are kept, so count 2 a head."""
    return Q(layers * kv_heads * head_size * bytes_per_value, "B")


def every_query_head(layers, query_heads, kv_heads, head_size, bytes_per_value):
    """Every query head counts: with grouped queries only the key-value heads are kept."""
    return Q(2 * layers * query_heads * head_size * bytes_per_value, "B")


def one_layer(layers, query_heads, kv_heads, head_size, bytes_per_value):
    """One layer only: each layer keeps its own keys and values."""
    return Q(2 * kv_heads * head_size * bytes_per_value, "B")


def bits_for_bytes(layers, query_heads, kv_heads, head_size, bytes_per_value):
    """The answer is in bits, labelled as bytes: a byte has 8 bits."""
    return Q(16 * layers * kv_heads * head_size * bytes_per_value, "B")
