"""Storage of event logs: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import UNIT_FREEDOM, Estimate, span


def truth(events_per_day, bytes_per_event, days, copies):
    """The answer in PB."""
    return events_per_day * bytes_per_event * days * copies / 1e15


ESTIMATE = Estimate(
    function="log_storage",
    truth=truth,
    unit="PB",
    inputs={
        "events_per_day": span(10_000_000_000, 1_000_000, 200_000_000_000),
        "bytes_per_event": [1000, 120, 300, 2500],
        "days": [90, 7, 30, 365, 730],
        "copies": [3, 1, 2],
    },
    published=2.7,
    tolerance=UNIT_FREEDOM,
)
