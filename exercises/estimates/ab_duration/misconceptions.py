"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def one_arm_only(users_per_arm, arms, users_per_day):
    """One arm's users: the traffic is shared by all arms."""
    return Q(users_per_arm / users_per_day, "day")


def divided_by_the_arms(users_per_arm, arms, users_per_day):
    """Divided by the number of arms: each further arm makes the test longer."""
    return Q(users_per_arm / arms / users_per_day, "day")


def users_in_all(users_per_arm, arms, users_per_day):
    """This is the number of users: divide by how many come in a day."""
    return Q(arms * users_per_arm, "user")


def a_bare_number(users_per_arm, arms, users_per_day):
    """The number has no unit: days, hours or weeks?"""
    return arms * users_per_arm / users_per_day
