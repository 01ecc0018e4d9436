"""Exponential smoothing: level, trend and season, each a weighted memory (Holt-Winters)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from mlsd_kit._vector import as_vector
from mlsd_kit.forecasting.baselines import positive

Season = Literal["add", "mul"]


class State(NamedTuple):
    """``level``, ``trend`` and ``season`` (m,), the next place of the season first."""

    level: float
    trend: float
    season: NDArray[np.float64]


class ExponentialSmoothing:
    """Simple, Holt's and Holt-Winters' exponential smoothing.

    With ℓ the level, b the trend (0 without), s the season (0, or 1 where it multiplies), m its
    length and φ the damping, one step is

        ŷ(t) = (ℓ + φb) + s(t - m)
        ℓ'   = α (y - s(t - m)) + (1 - α)(ℓ + φb)
        b'   = β (ℓ' - ℓ) + (1 - β) φb
        s(t) = γ (y - ℓ - φb) + (1 - γ) s(t - m)

    (Holt 1957, Winters 1960, in the notation of Hyndman and Athanasopoulos); a multiplicative
    season divides where this subtracts. h steps ahead: ℓ + (φ + ... + φ^h) b, with the season of
    that place.

    Parameters
    ----------
    trend : bool, default=False
        Holt's linear trend.
    seasonal : {"add", "mul"} or None, default=None
        A season that adds to the level or scales it ("mul" needs y > 0).
    season_length : int or None, default=None
        m, in steps; at least 2 with ``seasonal``.
    alpha, beta, gamma : float in [0, 1] or None, default=None
        How fast level, trend and season forget; ``None`` minimises the squared one-step errors.
    phi : float in (0, 1], default=1.0
        Damping: below 1 the trend levels off.

    Attributes
    ----------
    alpha_, beta_, gamma_ : float
        Parameters used (0 for a part that is left out).
    fitted_ : ndarray of shape (n,)
        One-step forecasts of the training values.
    sse_ : float
        Their sum of squared errors.
    state_ : State
        Level, trend and season after the last value.

    >>> model = ExponentialSmoothing(alpha=0.5).fit([10, 20, 20])
    >>> model.fitted_, model.forecast(2)
    (array([10., 10., 15.]), array([17.5, 17.5]))
    >>> line = ExponentialSmoothing(trend=True, alpha=0.5, beta=0.5).fit([1, 2, 3, 4])
    >>> line.forecast(2)
    array([5., 6.])
    """

    def __init__(
        self,
        *,
        trend: bool = False,
        seasonal: Season | None = None,
        season_length: int | None = None,
        alpha: float | None = None,
        beta: float | None = None,
        gamma: float | None = None,
        phi: float = 1.0,
    ) -> None:
        self.trend = trend
        self.seasonal = seasonal
        self.season_length = season_length
        self.alpha = alpha
        self.beta = beta
        self.gamma = gamma
        self.phi = phi

    def fit(self, y: ArrayLike, initial: State | None = None) -> ExponentialSmoothing:
        """Smooth ``y`` (n,), oldest first, at equal steps; ``initial`` replaces the guessed start.

        The start: the first value, or the mean of the first season; the trend is the mean step
        between the first two values or seasons; the season is the first one against its mean.

        Raises
        ------
        ValueError
            If ``y`` is too short (1 value, 2 with trend, 2 seasons with a season), holds NaN or
            infinity, is not positive with a multiplicative season, or an option is out of range.
        """
        m = self._check_options()
        series = as_vector(y, "y", min_size=2 * m if self.seasonal else 1 + self.trend)
        if self.seasonal == "mul" and series.min() <= 0:
            raise ValueError('y must be positive for seasonal="mul"; use "add" or shift it.')
        start = self._start(series, m) if initial is None else initial
        self.alpha_, self.beta_, self.gamma_ = self._weights(series, start)
        self.fitted_, self.state_ = self._smooth(
            series, start, self.alpha_, self.beta_, self.gamma_
        )
        self.sse_ = float(np.sum((series - self.fitted_) ** 2))
        return self

    def forecast(self, horizon: int) -> NDArray[np.float64]:
        """The next ``horizon`` values, shape (horizon,)."""
        if not hasattr(self, "state_"):
            raise ValueError("this ExponentialSmoothing is not fitted; call fit(y) first.")
        positive(horizon, "horizon")
        level, trend, season = self.state_
        path = level + trend * np.cumsum(self.phi ** np.arange(1, horizon + 1))
        places = np.resize(season, horizon)
        return path * places if self.seasonal == "mul" else path + places

    def _check_options(self) -> int:
        if self.seasonal not in (None, "add", "mul"):
            raise ValueError(f'seasonal must be "add", "mul" or None, got {self.seasonal!r}.')
        for name in ("alpha", "beta", "gamma"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, got {value!r}.")
        if not 0 < self.phi <= 1:
            raise ValueError(f"phi must lie in (0, 1], got {self.phi!r}.")
        if self.seasonal is None:
            return 1
        if self.season_length is None:
            raise ValueError("season_length is missing; give the number of steps of a season.")
        return positive(self.season_length, "season_length", smallest=2)

    def _start(self, series: NDArray[np.float64], m: int) -> State:
        if self.seasonal is None:
            trend = float(series[1] - series[0]) if self.trend else 0.0
            # one step before the first value, so that a line is forecast as a line
            return State(float(series[0]) - self.phi * trend, trend, np.zeros(1))
        first, second = series[:m].mean(), series[m : 2 * m].mean()
        season = series[:m] / first if self.seasonal == "mul" else series[:m] - first
        return State(float(first), float(second - first) / m if self.trend else 0.0, season)

    def _weights(self, series: NDArray[np.float64], start: State) -> tuple[float, float, float]:
        """The weights given, and the best ones (L-BFGS-B on the squared errors) for the others."""
        given = [
            self.alpha,
            self.beta if self.trend else 0.0,
            self.gamma if self.seasonal else 0.0,
        ]
        free = [i for i, weight in enumerate(given) if weight is None]
        if free:
            scale = float(np.sum((series - series.mean()) ** 2)) or 1.0

            def loss(point: Sequence[float]) -> float:
                for i, weight in zip(free, point, strict=True):
                    given[i] = float(weight)
                fitted, _ = self._smooth(series, start, *map(float, given))  # type: ignore[arg-type]
                return float(np.sum((series - fitted) ** 2)) / scale

            # the loss may have several valleys: start on both sides of the middle
            starts = [np.array([0.2, 0.05, 0.1])[free], np.array([0.8, 0.3, 0.4])[free]]
            runs = [minimize(loss, x0, bounds=[(0, 1)] * len(free)) for x0 in starts]
            loss(min(runs, key=lambda run: run.fun).x)
        alpha, beta, gamma = (float(weight or 0.0) for weight in given)
        return alpha, beta, gamma

    def _smooth(
        self, series: NDArray[np.float64], start: State, alpha: float, beta: float, gamma: float
    ) -> tuple[NDArray[np.float64], State]:
        level, trend = start.level, start.trend
        season = [float(s) for s in start.season]  # season[t % m] is the place of time t
        m, multiply = len(season), self.seasonal == "mul"
        fitted = np.empty(series.size)
        for t, value in enumerate(series.tolist()):
            base, place = level + self.phi * trend, season[t % m]
            fitted[t] = base * place if multiply else base + place
            bare = value / place if multiply else value - place
            new_level = alpha * bare + (1 - alpha) * base
            trend = beta * (new_level - level) + (1 - beta) * self.phi * trend
            if self.seasonal:
                shown = value / base if multiply else value - base
                season[t % m] = gamma * shown + (1 - gamma) * place
            level = new_level
        return fitted, State(level, trend, np.roll(season, -(series.size % m)))
