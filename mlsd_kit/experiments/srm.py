"""Sample-ratio mismatch: did the assignment do what the plan says?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from mlsd_kit._vector import as_vector, check_fraction


class SRMResult(NamedTuple):
    """``pvalue`` of the planned split · ``expected`` counts (k,) · ``mismatch`` p-value < alpha."""

    pvalue: float
    expected: NDArray[np.float64]
    mismatch: bool


def srm_check(
    counts: ArrayLike, *, ratios: ArrayLike | None = None, alpha: float = 0.001
) -> SRMResult:
    """Whether the users counted in each arm fit the planned split (chi-squared goodness of fit).

    Run it before any result: with 50,000 against 51,500 users something drops users of one arm, and
    the survivors are no longer comparable, however small the p-value of the metric. The level is
    strict because the check is run on every experiment, every day.

    Parameters
    ----------
    counts : array-like of shape (k,)
        Users seen in each arm, k ≥ 2.
    ratios : array-like of shape (k,) or None, default=None
        Planned shares or weights; ``None`` is an equal split.
    alpha : float, default=0.001

    Returns
    -------
    SRMResult
        Where an expected count is below 5, two arms are tested by the exact binomial test.

    Raises
    ------
    ValueError
        If there are fewer than 2 arms or no users, a count is not a whole number of at least 0, the
        lengths differ, a ratio is not positive, or more than two arms have too few users.

    >>> srm_check([5000, 5050]).mismatch, srm_check([50_000, 51_500]).mismatch
    (False, True)
    """
    check_fraction(alpha, "alpha")
    observed = as_vector(counts, "counts", min_size=2)
    if (observed < 0).any() or (observed != np.floor(observed)).any():
        raise ValueError("counts must be whole numbers of at least 0; count each user once.")
    plan = np.ones(observed.size) if ratios is None else as_vector(ratios, "ratios", min_size=2)
    if plan.size != observed.size or not (plan > 0).all():
        raise ValueError(f"ratios must be {observed.size} positive numbers, one for each arm.")
    if observed.sum() == 0:
        raise ValueError("counts holds no users; wait until some have been assigned.")
    expected = observed.sum() * plan / plan.sum()
    if expected.min() >= 5:
        statistic = float(np.sum((observed - expected) ** 2 / expected))
        pvalue = float(stats.chi2.sf(statistic, observed.size - 1))
    elif observed.size == 2:
        share = float(plan[0] / plan.sum())
        pvalue = float(stats.binomtest(int(observed[0]), int(observed.sum()), share).pvalue)
    else:
        raise ValueError(
            f"counts are too few: an arm expects {expected.min():.3g} users and the test needs 5; "
            "wait for more users."
        )
    return SRMResult(pvalue, expected, pvalue < alpha)
