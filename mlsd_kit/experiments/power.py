"""How many users an experiment needs, and what a given number can find."""

from __future__ import annotations

from math import ceil, isfinite, sqrt
from typing import NamedTuple

from scipy import stats

from mlsd_kit._vector import check_fraction


class SampleSize(NamedTuple):
    """Users needed in each arm.

    >>> SampleSize(100, 50).total
    150
    """

    n_control: int
    n_treatment: int

    @property
    def total(self) -> int:
        return self.n_control + self.n_treatment


def sample_size_two_proportions(
    p_control: float,
    p_treatment: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    ratio: float = 1.0,
) -> SampleSize:
    """Users an arm so that a two-sided z-test finds p_control → p_treatment with this power.

    n = (z_{α/2} √(p̄ q̄ (1 + 1/r)) + z_β √(p₁q₁ + p₂q₂/r))² / (p₁ - p₂)², p̄ the pooled rate (Fleiss).

    Parameters
    ----------
    p_control, p_treatment : float in (0, 1)
        Rate today, and the smallest changed rate worth finding.
    alpha : float, default=0.05
        Chance of a false alarm, two-sided.
    power : float, default=0.8
        Chance of finding the change if it is there.
    ratio : float, default=1.0
        Treatment users per control user.

    Returns
    -------
    SampleSize(n_control, n_treatment), rounded up

    Raises
    ------
    ValueError
        If a rate, alpha or power is not within (0, 1), the rates are equal, power does not exceed
        alpha, or ratio is not positive.

    >>> sample_size_two_proportions(0.10, 0.12)
    SampleSize(n_control=3841, n_treatment=3841)
    """
    _check_plan(alpha, power, ratio)
    p, q = check_fraction(p_control, "p_control"), check_fraction(p_treatment, "p_treatment")
    if p == q:
        raise ValueError("p_control and p_treatment are equal: no sample finds no difference.")
    pooled = (p + ratio * q) / (1 + ratio)
    null = sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    alternative = sqrt(p * (1 - p) + q * (1 - q) / ratio)
    z = stats.norm.isf(alpha / 2) * null + stats.norm.isf(1 - power) * alternative
    n = float(z / (p - q)) ** 2
    return SampleSize(ceil(n), ceil(n * ratio))


def power_two_proportions(
    p_control: float,
    p_treatment: float,
    n_control: int,
    n_treatment: int | None = None,
    *,
    alpha: float = 0.05,
) -> float:
    """Chance that a two-sided z-test finds p_control → p_treatment with these many users.

    Parameters
    ----------
    p_control, p_treatment : float in (0, 1)
    n_control : int
    n_treatment : int or None, default=None
        ``None``: as many as in control.
    alpha : float, default=0.05

    Returns
    -------
    float in (0, 1), alpha where the rates are equal. Normal approximation, both tails.

    Raises
    ------
    ValueError
        If a rate or alpha is not within (0, 1), or an arm is empty.

    >>> round(power_two_proportions(0.10, 0.12, 3841), 3)
    0.8
    """
    check_fraction(alpha, "alpha")
    p, q = check_fraction(p_control, "p_control"), check_fraction(p_treatment, "p_treatment")
    n, m = _check_sizes(n_control, n_treatment, smallest=1)
    pooled = (n * p + m * q) / (n + m)
    null = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    alternative = sqrt(p * (1 - p) / n + q * (1 - q) / m)
    border = stats.norm.isf(alpha / 2) * null
    upper = stats.norm.sf((border - (q - p)) / alternative)
    return float(upper + stats.norm.cdf((-border - (q - p)) / alternative))


def sample_size_means(
    effect: float, std: float, *, alpha: float = 0.05, power: float = 0.8, ratio: float = 1.0
) -> SampleSize:
    """Users an arm so that a two-sided t-test finds a difference of ``effect`` with this power.

    Parameters
    ----------
    effect : float
        Smallest difference of means worth finding, in the metric's unit.
    std : float
        Standard deviation of the metric between users, the same unit.
    alpha, power, ratio : float
        As in `sample_size_two_proportions`.

    Returns
    -------
    SampleSize: the smallest n_control whose `power_means` reaches ``power``

    Raises
    ------
    ValueError
        If effect is 0 or not finite, std is not positive, or alpha, power, ratio are out of range.

    >>> sample_size_means(0.5, 1.0)
    SampleSize(n_control=64, n_treatment=64)
    """
    _check_plan(alpha, power, ratio)
    if effect == 0:
        raise ValueError("effect is 0: no sample finds no difference.")

    def enough(n: int) -> bool:
        return power_means(effect, std, n, max(2, ceil(n * ratio)), alpha=alpha) >= power

    low, high = 1, 2
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 1:  # bisection: power grows with n
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return SampleSize(high, max(2, ceil(high * ratio)))


def power_means(
    effect: float,
    std: float,
    n_control: int,
    n_treatment: int | None = None,
    *,
    alpha: float = 0.05,
) -> float:
    """Chance that a two-sided t-test finds a difference of ``effect``: noncentral t, both tails.

    Parameters
    ----------
    effect, std : float
        Difference of means, and standard deviation between users.
    n_control : int
    n_treatment : int or None, default=None
        ``None``: as many as in control.
    alpha : float, default=0.05

    Returns
    -------
    float in (0, 1)

    Raises
    ------
    ValueError
        If std is not positive, effect is not finite, an arm has fewer than 2 users, or alpha is not
        within (0, 1).

    >>> round(power_means(0.5, 1.0, 64), 3)
    0.801
    """
    check_fraction(alpha, "alpha")
    if not isfinite(effect):
        raise ValueError(f"effect must be finite, got {effect!r}.")
    if not (std > 0 and isfinite(std)):
        raise ValueError(f"std must be positive and finite, got {std!r}: no noise, no test needed.")
    n, m = _check_sizes(n_control, n_treatment, smallest=2)
    freedom = n + m - 2
    shift = abs(effect) / (std * sqrt(1 / n + 1 / m))
    border = stats.t.isf(alpha / 2, freedom)
    if shift > border + 30:
        return 1.0
    # the wrong tail is below 1e-12 here, and SciPy's noncentral t returns NaN for it
    wrong_tail = 0.0 if shift > 7 else stats.nct.cdf(-border, freedom, shift)
    return float(stats.nct.sf(border, freedom, shift) + wrong_tail)


def _check_plan(alpha: float, power: float, ratio: float) -> None:
    check_fraction(alpha, "alpha")
    check_fraction(power, "power")
    if power <= alpha:
        raise ValueError(f"power ({power}) must exceed alpha ({alpha}): a coin would do as well.")
    if not (ratio > 0 and isfinite(ratio)):
        raise ValueError(f"ratio must be positive and finite, got {ratio!r}.")


def _check_sizes(n_control: int, n_treatment: int | None, *, smallest: int) -> tuple[int, int]:
    n_treatment = n_control if n_treatment is None else n_treatment
    for name, value in (("n_control", n_control), ("n_treatment", n_treatment)):
        if not value >= smallest:
            raise ValueError(f"{name} must be at least {smallest}, got {value!r}.")
    return n_control, n_treatment
