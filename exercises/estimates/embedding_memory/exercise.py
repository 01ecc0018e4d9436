"""Memory of an embedding table."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def embedding_memory(vectors: int, dimensions: int, bytes_per_value: int) -> Q:
    """Vectors times dimensions times the bytes of a number.

    Parameters
    ----------
    vectors : int
        Number of vectors.
    dimensions : int
        Numbers in a vector.
    bytes_per_value : int
        Bytes a number takes: 4 for fp32, 2 for fp16, 1 for int8.

    Returns
    -------
    Q
        The memory of the vectors alone.
    """
    raise NotImplementedError("write embedding_memory")
