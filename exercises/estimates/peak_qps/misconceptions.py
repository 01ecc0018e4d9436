"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def the_average(daily_users, requests_per_user, peak_factor):
    """This is the average: at the peak the rate is peak_factor times as high."""
    return Q(daily_users * requests_per_user, "request/day")


def the_peak_divides(daily_users, requests_per_user, peak_factor):
    """The average is divided by the peak factor: multiply."""
    return Q(daily_users * requests_per_user / peak_factor, "request/day")


def the_day_as_a_second(daily_users, requests_per_user, peak_factor):
    """The requests of a day are called requests a second: a day has 86,400 seconds."""
    return Q(peak_factor * daily_users * requests_per_user, "request/s")


def always_three(daily_users, requests_per_user, peak_factor):
    """The peak is always three times the average here: take peak_factor."""
    return Q(3 * daily_users * requests_per_user, "request/day")
