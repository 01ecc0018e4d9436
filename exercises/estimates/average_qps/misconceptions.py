"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def the_day_as_a_second(daily_users, requests_per_user):
    """The requests of a day are called requests a second: a day has 86,400 seconds."""
    return Q(daily_users * requests_per_user, "request/s")


def the_day_in_hours(daily_users, requests_per_user):
    """Divided by 24 only: that is requests an hour."""
    return Q(daily_users * requests_per_user / 24, "request/s")


def one_request_a_user(daily_users, requests_per_user):
    """Every user counts once: multiply by the requests a user makes."""
    return Q(daily_users, "request/day")


def a_count_without_time(daily_users, requests_per_user):
    """This is a number of requests, not a rate: divide by the length of the day."""
    return Q(daily_users * requests_per_user, "request")
