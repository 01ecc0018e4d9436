"""Time of a ring all-reduce: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate


def truth(message_gb, gpus, link_gb_per_s):
    """The answer in ms."""
    steps = (gpus - 1) + (gpus - 1)
    return 1000 * steps * (message_gb / gpus) / link_gb_per_s


ESTIMATE = Estimate(
    function="ring_all_reduce",
    truth=truth,
    unit="ms",
    inputs={
        "message_gb": [14, 0.1, 0.5, 2.6, 26, 140],
        "gpus": [8, 2, 4, 16, 64, 256],
        "link_gb_per_s": [450, 12.5, 25, 50, 300, 900],
    },
    published=54,
)
