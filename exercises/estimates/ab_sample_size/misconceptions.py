"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from statistics import NormalDist

from mlsd_kit.curriculum.grading.units import Q


def _z(alpha, power):
    return NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(power)


def relative_taken_for_absolute(base_rate, relative_lift, alpha, power):
    """The relative lift is used as an absolute difference: multiply it by the base rate."""
    return Q(2 * base_rate * (1 - base_rate) * (_z(alpha, power) / relative_lift) ** 2, "user")


def both_arms(base_rate, relative_lift, alpha, power):
    """Both arms together: the question asks for one."""
    return Q(
        4 * base_rate * (1 - base_rate) * (_z(alpha, power) / (base_rate * relative_lift)) ** 2,
        "user",
    )


def variance_of_one_arm(base_rate, relative_lift, alpha, power):
    """The variance of one arm: a difference has the variances of both."""
    return Q(
        base_rate * (1 - base_rate) * (_z(alpha, power) / (base_rate * relative_lift)) ** 2, "user"
    )


def power_forgotten(base_rate, relative_lift, alpha, power):
    """The power is left out: with this size the effect is found half of the time."""
    return Q(
        2 * base_rate * (1 - base_rate) * (_z(alpha, 0.5) / (base_rate * relative_lift)) ** 2,
        "user",
    )


def one_sided(base_rate, relative_lift, alpha, power):
    """The whole level is put on one side: a two-sided test has alpha / 2 on each."""
    return Q(
        2 * base_rate * (1 - base_rate) * (_z(2 * alpha, power) / (base_rate * relative_lift)) ** 2,
        "user",
    )
