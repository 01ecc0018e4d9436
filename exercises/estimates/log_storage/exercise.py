"""Storage of event logs."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def log_storage(events_per_day: float, bytes_per_event: float, days: int, copies: int) -> Q:
    """Events times bytes, for every day kept and every copy.

    Parameters
    ----------
    events_per_day : float
        Events a day.
    bytes_per_event : float
        Bytes of an event as stored.
    days : int
        Days that events are kept.
    copies : int
        Copies of each event.

    Returns
    -------
    Q
        The storage.
    """
    raise NotImplementedError("write log_storage")
