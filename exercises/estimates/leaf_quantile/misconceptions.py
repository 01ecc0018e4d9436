"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations


def the_same_quantile(leaves, whole_quantile):
    """The leaves meet the quantile of the whole: with 100 leaves 63 % of requests are late."""
    return whole_quantile


def raised_to_the_leaves(leaves, whole_quantile):
    """This is how often all leaves are in time; the question asks the other way: take the root."""
    return whole_quantile**leaves


def always_two_nines_more(leaves, whole_quantile):
    """Two nines are added whatever the fan-out: the late share is split over the leaves."""
    return 1 - (1 - whole_quantile) / 100


def the_late_share(leaves, whole_quantile):
    """This is the share that may be late: the quantile is 1 minus it."""
    return 1 - whole_quantile ** (1 / leaves)
