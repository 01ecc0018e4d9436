"""A/B test of two conversion rates: p-value, interval and the users a test needs."""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

Arm = tuple[int, int]


def ab_test(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, float]:
    """Two-sided two-proportion z-test, interval of the difference, and sample size per arm.

    Parameters
    ----------
    control, treatment : (conversions, users)
        Counts of both arms.
    mde : float
        Smallest absolute rise over the control's rate worth finding.
    alpha, power : float
        Chance of a false alarm (two-sided), and of finding a rise of ``mde``.

    Returns
    -------
    dict
        ``difference`` (treatment - control), ``p_value``, ``low``, ``high``, ``users_per_arm``.
    """
    raise NotImplementedError("write ab_test")
