"""CUPED: subtract what was already known before the experiment, and need fewer users."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlsd_kit._vector import as_vector


class CupedResult(NamedTuple):
    """``values`` adjusted metric, shape (n,) · ``theta`` slope · ``variance_reduction`` share."""

    values: NDArray[np.float64]
    theta: float
    variance_reduction: float


def cuped_adjust(
    metric: ArrayLike, covariate: ArrayLike, *, theta: float | None = None
) -> CupedResult:
    """The metric without the part that a covariate from before the experiment explains.

    y - θ (x - x̄) with θ = cov(x, y) / var(x) (Deng, Xu, Kohavi and Walker 2013). Its mean over all
    users is unchanged, so the difference between arms is still an estimate of the effect, and its
    variance is smaller by ρ². Give both arms *together*: one θ and one x̄ for all. A covariate that
    the treatment can change (anything measured during the experiment) biases the effect.

    Parameters
    ----------
    metric : array-like of shape (n,)
        The outcome of every user of both arms.
    covariate : array-like of shape (n,)
        The same users before the experiment, best the same metric; missing values must be filled.
    theta : float or None, default=None
        Slope; ``None`` estimates it from these data.

    Returns
    -------
    CupedResult
        A constant covariate explains nothing: θ = 0 and the metric comes back as it was. A slope
        that was given may make things worse: ``variance_reduction`` is then negative.

    Raises
    ------
    ValueError
        If lengths differ, fewer than 2 users are given, or a value is NaN or infinite.

    >>> before, after = [1, 2, 3, 4], [2, 4, 6, 8.5]
    >>> result = cuped_adjust(after, before)
    >>> result.values.round(2), round(result.theta, 2), round(result.variance_reduction, 3)
    (array([5.22, 5.08, 4.92, 5.28]), 2.15, 0.997)
    """
    y = as_vector(metric, "metric", min_size=2)
    x = as_vector(covariate, "covariate", min_size=2)
    if x.size != y.size:
        raise ValueError(
            f"metric and covariate differ in length ({y.size} and {x.size}); give one of each "
            "per user, in the same order."
        )
    centred = x - x.mean() if np.ptp(x) else np.zeros_like(x)
    spread = float(centred @ centred)
    if theta is None:
        theta = float(centred @ (y - y.mean())) / spread if spread > 0 else 0.0
    elif not np.isfinite(theta):
        raise ValueError(f"theta must be finite, got {theta!r}.")
    adjusted = y - theta * centred
    before = float(y.var())
    reduction = 1 - float(adjusted.var()) / before if before > 0 else 0.0
    return CupedResult(adjusted, float(theta), reduction)
