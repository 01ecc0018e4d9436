"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def one_server(gpus, usd_per_hour, months):
    """One server: multiply by their number."""
    return Q(usd_per_hour * months * 730, "USD")


def working_hours(gpus, usd_per_hour, months):
    """Working hours only: rented servers are paid around the clock."""
    return Q(gpus * usd_per_hour * months * 22 * 8, "USD")


def days_for_hours(gpus, usd_per_hour, months):
    """A month is taken as 30 hours: the price is for an hour, and a day has 24."""
    return Q(gpus * usd_per_hour * months * 365 / 12, "USD")


def still_a_rate(gpus, usd_per_hour, months):
    """This is a cost per time: multiply by how long the servers run."""
    return Q(gpus * usd_per_hour, "USD/h")
