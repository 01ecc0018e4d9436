"""Memory of a graph index."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def graph_index_memory(vectors: int, dimensions: int, bytes_per_value: int, links: int) -> Q:
    """A vector's numbers and its 2 M links of 4 bytes, for every vector.

    Parameters
    ----------
    vectors : int
        Number of vectors.
    dimensions : int
        Numbers in a vector.
    bytes_per_value : int
        Bytes a number takes.
    links : int
        The parameter M: neighbours a vector is linked to in the upper layers; the bottom layer
        has 2 M.

    Returns
    -------
    Q
        The memory of vectors and links.
    """
    # >>> your code
    vector = Q(dimensions * bytes_per_value, "B")
    neighbours = 2 * links * Q(4, "B")
    return (vectors * (vector + neighbours)).to("GB")
    # <<< your code
