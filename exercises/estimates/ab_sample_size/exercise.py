"""Users an arm of an A/B test."""

from __future__ import annotations

from statistics import NormalDist

from mlsd_kit.curriculum.grading.units import Q


def ab_sample_size(base_rate: float, relative_lift: float, alpha: float, power: float) -> Q:
    """The size at which the effect is z(1 - alpha/2) + z(power) standard errors.

    Parameters
    ----------
    base_rate : float
        Conversion rate without the change.
    relative_lift : float
        Smallest effect to be found, relative to the base rate.
    alpha : float
        Level of the two-sided test.
    power : float
        Probability of finding the effect.

    Returns
    -------
    Q
        The number of users in each arm.
    """
    raise NotImplementedError("write ab_sample_size")
