"""Memory to train an embedding table."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def embedding_training_memory(ids: int, dimensions: int, bytes_per_value: int) -> Q:
    """Weights and Adam's two averages, each of the table's size.

    Parameters
    ----------
    ids : int
        Number of ids.
    dimensions : int
        Numbers in an embedding.
    bytes_per_value : int
        Bytes of a number, in the weights and in both averages.

    Returns
    -------
    Q
        The memory of weights and optimiser state.
    """
    # >>> your code
    weights = Q(ids * dimensions * bytes_per_value, "B")
    return (3 * weights).to("GB")
    # <<< your code
