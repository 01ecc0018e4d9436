"""Load: when requests arrive, and how long each takes. Seconds throughout.

Every function draws from the generator it is given. `streams` names one for each use, so that two
designs meet the same arrivals and service times: common random numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from zlib import crc32

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from mlsd_kit.curriculum.drills.stages import Array

LAWS = ("constant", "erlang", "exponential", "lognormal", "hyperexponential")


def streams(seed: int) -> Callable[[str], Generator]:
    """Generators by name: the same seed and name give the same numbers, whatever else is drawn.

    >>> rng = streams(0)
    >>> rng("arrivals").random() == streams(0)("arrivals").random()
    True
    """
    return lambda name: np.random.default_rng([seed, crc32(name.encode())])


def poisson(rate: float, seconds: float, rng: Generator) -> Array:
    """Arrivals that know nothing of each other: ``rate`` a second, on average.

    >>> len(poisson(100, 60, streams(0)("arrivals")))
    6097
    """
    return np.sort(rng.uniform(0, seconds, rng.poisson(rate * seconds)))


def varying(rate: Callable[[Array], Array], peak: float, seconds: float, rng: Generator) -> Array:
    """Poisson arrivals at a rate that varies: those of the peak, each kept with rate(t) / peak.

    >>> morning = varying(lambda t: 10 * t / 3600, 10, 3600, streams(0)("arrivals"))
    >>> (morning < 1800).mean().round(2)
    np.float64(0.25)
    """
    times = poisson(peak, seconds, rng)
    wanted = np.broadcast_to(rate(times), times.shape)
    if times.size and not 0 <= wanted.min() <= wanted.max() <= peak * (1 + 1e-9):
        raise ValueError(f"The rate leaves 0 ... {peak} (its peak): {wanted.max():.3g}.")
    return times[rng.random(times.size) * peak < wanted]


def diurnal(mean: float, peak_to_mean: float = 2.0, day: float = 86_400.0) -> Callable[..., Array]:
    """A day's cycle for `varying`: mean · (1 - (peak_to_mean - 1) cos 2πt / day), least at 0.

    >>> diurnal(100, 1.5)(np.array([0.0, 43_200.0]))
    array([ 50., 150.])
    """
    if not 1 <= peak_to_mean <= 2:
        raise ValueError("peak_to_mean must lie between 1 (flat) and 2 (nothing at night).")
    return lambda t: mean * (1 - (peak_to_mean - 1) * np.cos(2 * pi * np.asarray(t) / day))


def bursts(rates: ArrayLike, stays: ArrayLike, seconds: float, rng: Generator) -> Array:
    """Bursts: Poisson at the rates of states that take turns and last exponentially long (MMPP).

    ``rates`` [1/s] and mean ``stays`` [s], one a state, visited in order, again and again.

    >>> round(len(bursts([50, 500], [9, 1], 600, streams(0)("arrivals"))) / 600)  # expected: 95
    95
    """
    rate, stay = np.asarray(rates, dtype=float), np.asarray(stays, dtype=float)
    turns = int(3 * seconds / stay.sum() + 30)
    while True:
        lasts = rng.exponential(stay, (turns, stay.size)).ravel()
        if lasts.sum() >= seconds:
            break
        turns *= 2
    ends = np.minimum(np.cumsum(lasts), seconds)
    begins = np.append(0.0, ends[:-1])
    counts = rng.poisson((ends - begins) * np.tile(rate, turns))
    return np.sort(rng.uniform(np.repeat(begins, counts), np.repeat(ends, counts)))


def trace(counts: ArrayLike, width: float, rng: Generator, scale: float = 1.0) -> Array:
    """A recorded load: ``counts`` in bins of ``width`` seconds, times ``scale``, even in a bin.

    >>> trace([2, 0, 1], 60, streams(0)("arrivals")).round()
    array([  7.,  27., 173.])
    """
    wanted = np.asarray(counts, dtype=float) * scale
    whole = np.floor(wanted + rng.random(wanted.size)).astype(int)  # right on average
    begins = np.repeat(np.arange(wanted.size) * width, whole)
    return np.sort(begins + rng.uniform(0, width, begins.size))


def service_times(
    law: str, mean: float, size: int | tuple[int, ...], rng: Generator, cv: float | None = None
) -> Array:
    """Service times of a law with this mean and coefficient of variation (std / mean).

    ``law`` is constant (cv 0), erlang (below 1, rounded to a whole number of phases), exponential
    (1), lognormal (any, default 1) or hyperexponential (above 1, two phases of equal load).

    >>> x = service_times("lognormal", 0.01, 100_000, streams(0)("work"), cv=1.5)
    >>> x.mean().round(3), (x.std() / x.mean()).round(1)
    (np.float64(0.01), np.float64(1.5))
    """
    if law == "constant":
        return np.full(size, mean)
    if law == "exponential":
        return rng.exponential(mean, size)
    if law == "erlang":
        phases = max(1, round((cv or 0.5) ** -2))
        return rng.gamma(phases, mean / phases, size)
    if law == "lognormal":
        spread = np.log1p((1.0 if cv is None else cv) ** 2)
        return rng.lognormal(np.log(mean) - spread / 2, np.sqrt(spread), size)
    if law == "hyperexponential":
        square = (2.0 if cv is None else cv) ** 2
        often = (1 + np.sqrt((square - 1) / (square + 1))) / 2
        return rng.exponential(mean / 2 / np.where(rng.random(size) < often, often, 1 - often))
    raise ValueError(f"There is no law {law!r}; there are {', '.join(LAWS)}.")


def measured(values: ArrayLike, size: int | tuple[int, ...], rng: Generator) -> Array:
    """Service times drawn from measured ones, with replacement."""
    return rng.choice(np.asarray(values, dtype=float), size)
