"""Units that come in groups: the honest error of a difference of means."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from mlsd_kit._vector import as_vector, check_fraction
from mlsd_kit.experiments.effect import Effect
from mlsd_kit.experiments.means import t_effect


def clustered_difference(
    values: ArrayLike, treatment: ArrayLike, clusters: ArrayLike, *, alpha: float = 0.05
) -> Effect:
    """Difference of means whose error allows rows of one cluster to be alike.

    The same estimate as treatment mean minus control mean; its variance is the sandwich

        (X'X)⁻¹ (Σ_g u_g u_g') (X'X)⁻¹ · G/(G-1) · (N-1)/(N-2),   u_g = Σ_{i in g} x_i e_i,

    with X = [1, treatment] and residuals e (Liang and Zeger 1986, correction CR1), t-distributed
    with G - 1 degrees of freedom. Where whole clusters are treated, a test that takes the N rows of
    G clusters as independent understates the variance by the factor 1 + (N/G - 1) · intra-cluster
    correlation. With few clusters (below some 30) the p-value is still too small.

    Parameters
    ----------
    values : array-like of shape (n,)
        The metric, one row for each event or member.
    treatment : array-like of shape (n,)
        0 or 1 (or bool).
    clusters : array-like of shape (n,)
        Group of each row (user, household, city); any labels without missing values.
    alpha : float, default=0.05
        One minus the confidence of the interval.

    Returns
    -------
    Effect

    Raises
    ------
    ValueError
        If lengths differ, an arm is empty, there are fewer than 3 clusters, a label is missing, or
        the metric is constant in every cluster's residual sum (zero variance).

    >>> y = [1, 1, 2, 2, 3, 3, 5, 5]
    >>> effect = clustered_difference(y, [0, 0, 0, 0, 1, 1, 1, 1], [1, 1, 2, 2, 3, 3, 4, 4])
    >>> effect.estimate, round(effect.std_error, 3)
    (2.5, 0.986)
    """
    check_fraction(alpha, "alpha")
    y = as_vector(values, "values", min_size=3)
    arm = as_vector(treatment, "treatment")
    codes, names = _codes(clusters)
    if not y.size == arm.size == codes.size:
        raise ValueError(
            f"values, treatment and clusters differ in length ({y.size}, {arm.size}, "
            f"{codes.size}); give one of each per row."
        )
    if not np.isin(arm, (0, 1)).all() or arm.min() == arm.max():
        raise ValueError("treatment must hold both 0 and 1 and nothing else; no arm may be empty.")
    if names < 3:
        raise ValueError(f"clusters holds {names} groups; the variance needs at least 3.")
    treated = arm == 1
    means = np.array([y[~treated].mean(), y[treated].mean()])
    residual = y - means[arm.astype(int)]
    # (X'X)⁻¹ Σ u for the slope is the treated part over n₁ minus the control part over n₀
    weight = np.where(treated, 1 / treated.sum(), -1 / (~treated).sum())
    per_cluster = np.bincount(codes, weights=weight * residual, minlength=names)
    correction = names / (names - 1) * (y.size - 1) / (y.size - 2)
    error = float(np.sqrt(correction * np.sum(per_cluster**2)))
    if error <= 1e-14 * np.abs(y).max():  # nothing but rounding
        raise ValueError(
            "values show zero variance between clusters: there is no noise to test against; "
            "check the metric or give more clusters."
        )
    return t_effect(float(means[1] - means[0]), error, names - 1, alpha)


def _codes(clusters: ArrayLike) -> tuple[np.ndarray, int]:
    labels = clusters if isinstance(clusters, pd.Series) else pd.Series(np.asarray(clusters))
    codes, names = pd.factorize(labels)
    if (codes < 0).any():
        raise ValueError("clusters holds missing labels; drop those rows or name the group.")
    return codes, len(names)
