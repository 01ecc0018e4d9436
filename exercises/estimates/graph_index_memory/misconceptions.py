"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def links_forgotten(vectors, dimensions, bytes_per_value, links):
    """The links are left out: 2 M neighbours of 4 bytes for each vector."""
    return Q(vectors * dimensions * bytes_per_value, "B")


def m_links_only(vectors, dimensions, bytes_per_value, links):
    """M links a vector: the bottom layer, which holds every vector, has 2 M."""
    return Q(vectors * (dimensions * bytes_per_value + 4 * links), "B")


def links_without_vectors(vectors, dimensions, bytes_per_value, links):
    """The links alone: the graph is searched by distances, so the vectors stay in memory."""
    return Q(vectors * 2 * links * 4, "B")


def links_of_one_byte(vectors, dimensions, bytes_per_value, links):
    """A link counted as one byte: it is the number of a vector, 4 bytes."""
    return Q(vectors * (dimensions * bytes_per_value + 2 * links), "B")
