"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def bits_for_bytes(vectors, dimensions, bytes_per_value):
    """The answer is in bits, labelled as bytes: a byte has 8 bits."""
    return Q(vectors * dimensions * bytes_per_value * 8, "B")


def always_fp32(vectors, dimensions, bytes_per_value):
    """Every number counts 4 bytes: take bytes_per_value, fp16 needs half of fp32."""
    return Q(vectors * dimensions * 4, "B")


def megabytes_called_gigabytes(vectors, dimensions, bytes_per_value):
    """Bytes are divided by 1e6 and called GB: a GB has 1e9 bytes."""
    return Q(vectors * dimensions * bytes_per_value / 1e6, "GB")


def numbers_are_not_memory(vectors, dimensions, bytes_per_value):
    """This counts the numbers, not the bytes that hold them."""
    return Q(vectors * dimensions, "B")
