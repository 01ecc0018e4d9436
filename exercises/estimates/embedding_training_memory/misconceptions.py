"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def weights_only(ids, dimensions, bytes_per_value):
    """The weights alone: Adam keeps two averages of the same size beside them."""
    return Q(ids * dimensions * bytes_per_value, "B")


def one_average(ids, dimensions, bytes_per_value):
    """One average: Adam keeps one of the gradients and one of their squares."""
    return Q(2 * ids * dimensions * bytes_per_value, "B")


def dense_gradients(ids, dimensions, bytes_per_value):
    """A gradient for the whole table: a batch touches few rows, so it is small."""
    return Q(4 * ids * dimensions * bytes_per_value, "B")


def one_state_a_row(ids, dimensions, bytes_per_value):
    """One pair of averages for each id: Adam keeps them for every number."""
    return Q(ids * (dimensions + 2) * bytes_per_value, "B")
