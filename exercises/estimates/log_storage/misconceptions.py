"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def one_copy(events_per_day, bytes_per_event, days, copies):
    """One copy: the copies are there to survive a lost disk, and each takes the space."""
    return Q(events_per_day * bytes_per_event * days, "B")


def one_day(events_per_day, bytes_per_event, days, copies):
    """One day: events are kept for many."""
    return Q(events_per_day * bytes_per_event * copies, "B")


def bits_for_bytes(events_per_day, bytes_per_event, days, copies):
    """The answer is in bits, labelled as bytes: a byte has 8 bits."""
    return Q(8 * events_per_day * bytes_per_event * days * copies, "B")


def terabytes_called_petabytes(events_per_day, bytes_per_event, days, copies):
    """Bytes are divided by 1e12 and called PB: a PB has 1e15 bytes."""
    return Q(events_per_day * bytes_per_event * days * copies / 1e12, "PB")
