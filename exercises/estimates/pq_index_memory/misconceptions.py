"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def ids_forgotten(vectors, code_bytes, id_bytes):
    """The ids are left out: a code without its id finds nothing."""
    return Q(vectors * code_bytes, "B")


def codes_in_bits(vectors, code_bytes, id_bytes):
    """The code is divided by 8 as if it were bits: PQ-64 has 64 codes of one byte each."""
    return Q(vectors * (code_bytes / 8 + id_bytes), "B")


def codes_of_floats(vectors, code_bytes, id_bytes):
    """Each of the codes takes 4 bytes here: a code is one byte, the number of a centroid."""
    return Q(vectors * (4 * code_bytes + id_bytes), "B")
