"""A test that survives peeking: look after every user, stop whenever you like."""

from __future__ import annotations

from math import exp, isfinite, log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from mlsd_kit._vector import as_vector, check_fraction
from mlsd_kit.experiments.effect import Effect


class _Arm:
    """Count, mean and squared deviations of one arm, merged batch by batch (Chan)."""

    def __init__(self) -> None:
        self.n, self.mean, self.deviations = 0, 0.0, 0.0

    def add(self, batch: np.ndarray) -> None:
        if batch.size == 0:
            return
        mean = float(batch.mean())
        gap, total = mean - self.mean, self.n + batch.size
        self.deviations += float(((batch - mean) ** 2).sum())
        self.deviations += gap * gap * self.n * batch.size / total
        self.mean += gap * batch.size / total
        self.n = total


class MixtureSPRT:
    """Always-valid p-value and confidence interval of a difference of means.

    A p-value of a fixed-size test is valid at one look only: looking every day and stopping at the
    first 0.05 makes false alarms several times as frequent. Here the likelihood ratio of
    "some effect, drawn from N(0, τ²)" against "none",

        Λ = √(V / (V + τ²)) · exp(τ² d² / (2 V (V + τ²))),   V = s₁²/n₁ + s₂²/n₂,

    is a martingale without an effect, so the chance that it *ever* exceeds 1/α is at most α (Ville;
    Robbins 1970; Johari, Pekelis and Walsh 2015). The p-value is 1/Λ, and never rises again. The
    variances are estimated, so the guarantee is asymptotic: nothing is said before ``burn_in``.

    Parameters
    ----------
    tau : float
        Size of the effects expected, in the metric's unit. It steers power, never the false-alarm
        rate; take the smallest effect worth finding.
    alpha : float, default=0.05
        One minus the confidence of the interval.
    burn_in : int, default=100
        Users an arm before the first verdict.

    Attributes
    ----------
    pvalue : float
        Smallest so far; stop when it is at most alpha.

    >>> rng = np.random.default_rng(0)
    >>> test = MixtureSPRT(tau=0.1)
    >>> for day in range(100):
    ...     test.update(rng.normal(0.0, 1, 50), rng.normal(0.2, 1, 50))
    ...     if test.pvalue <= 0.05:
    ...         break
    >>> day < 50, test.get().excludes_zero
    (True, True)
    """

    def __init__(self, tau: float, *, alpha: float = 0.05, burn_in: int = 100) -> None:
        if not (tau > 0 and isfinite(tau)):
            raise ValueError(f"tau must be positive and finite, got {tau!r}.")
        if burn_in < 2:
            raise ValueError(f"burn_in must be at least 2, got {burn_in!r}.")
        self.tau = tau
        self.alpha = check_fraction(alpha, "alpha")
        self.burn_in = burn_in
        self.pvalue = 1.0
        self._control, self._treatment = _Arm(), _Arm()

    def update(self, control: ArrayLike = (), treatment: ArrayLike = ()) -> None:
        """Take in new users of either arm; a batch may be empty."""
        x = as_vector(control, "control", min_size=0)
        y = as_vector(treatment, "treatment", min_size=0)
        self._control.add(x)
        self._treatment.add(y)
        variance = self._variance()
        if variance > 0:
            ratio = variance + self.tau**2
            log_odds = 0.5 * log(variance / ratio)
            log_odds += self.tau**2 * self._estimate() ** 2 / (2 * variance * ratio)
            self.pvalue = min(self.pvalue, exp(-max(0.0, log_odds)))

    def get(self) -> Effect:
        """Estimate, interval that is valid at every look, and p-value.

        Before ``burn_in``, and while both arms are constant, the interval is infinite.
        """
        variance = self._variance()
        if variance == 0:
            return Effect(self._estimate(), -np.inf, np.inf, np.nan, self.pvalue)
        ratio = variance + self.tau**2
        spread = 2 * log(1 / self.alpha) + log(ratio / variance)
        half = sqrt(variance * ratio / self.tau**2 * spread)
        estimate = self._estimate()
        return Effect(estimate, estimate - half, estimate + half, sqrt(variance), self.pvalue)

    def _estimate(self) -> float:
        if min(self._control.n, self._treatment.n) == 0:
            return float("nan")
        return self._treatment.mean - self._control.mean

    def _variance(self) -> float:
        """Squared standard error of the difference; 0 while nothing can be said."""
        arms = (self._control, self._treatment)
        if min(arm.n for arm in arms) < self.burn_in:
            return 0.0
        return sum(arm.deviations / (arm.n - 1) / arm.n for arm in arms)
