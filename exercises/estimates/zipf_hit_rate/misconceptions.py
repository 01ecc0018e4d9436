"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

import math


def _harmonic(n):
    return math.log(n) + 0.5772


def all_equally_popular(items, cached_share):
    """All queries count alike: under Zipf's law the first ones are asked most."""
    return cached_share


def the_misses(items, cached_share):
    """This is the share of misses: the hit rate is 1 minus it."""
    return 1 - _harmonic(cached_share * items) / _harmonic(items)


def the_top_query_only(items, cached_share):
    """This is the share of the most popular query alone: sum over all that are cached."""
    return 1 / _harmonic(items)


def percent_for_a_fraction(items, cached_share):
    """The answer is in percent: give the fraction, or say "%" with Q."""
    return 100 * _harmonic(cached_share * items) / _harmonic(items)
