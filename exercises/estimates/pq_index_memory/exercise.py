"""Memory of a product-quantised index."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def pq_index_memory(vectors: int, code_bytes: int, id_bytes: int) -> Q:
    """Code and id, for every vector.

    Parameters
    ----------
    vectors : int
        Number of vectors.
    code_bytes : int
        Bytes of a code.
    id_bytes : int
        Bytes of an id.

    Returns
    -------
    Q
        The memory of codes and ids.
    """
    raise NotImplementedError("write pq_index_memory")
