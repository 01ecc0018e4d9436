"""Queues that can be solved on paper: what the simulation must agree with. Seconds throughout."""

from __future__ import annotations

import numpy as np


def erlang_c(load: float, servers: int) -> float:
    """Share of requests that wait, M/M/c: Poisson arrivals, exponential service (Erlang 1917).

    ``load`` is λ·E[S], the servers kept busy. Erlang's B for c servers from that for c - 1,
    B = load·B / (c + load·B), stays within floating point at any c.

    >>> round(erlang_c(8.0, 10), 3)
    0.409
    """
    _below_one(load / servers)
    b = 1.0
    for c in range(1, servers + 1):
        b = load * b / (c + load * b)
    return b / (1 - load / servers * (1 - b))


def mmc_wait(rate: float, service: float, servers: int) -> float:
    """Mean wait of M/M/c: Erlang's C / (c/E[S] - λ).

    >>> round(mmc_wait(rate=0.9, service=1.0, servers=1), 3)
    9.0
    """
    return erlang_c(rate * service, servers) / (servers / service - rate)


def mg1_wait(rate: float, service: float, cv: float) -> float:
    """Mean wait of one server with any law of service: λE[S²] / (2(1 - ρ)) (Pollaczek, Khinchine).

    ``cv`` is the standard deviation of the service time over its mean.

    >>> [round(mg1_wait(0.9, 1.0, cv), 3) for cv in (0, 1, 2)]
    [4.5, 9.0, 22.5]
    """
    rho = _below_one(rate * service)
    return rho * service * (1 + cv**2) / 2 / (1 - rho)


def kingman_wait(rate: float, service: float, cv: float, cv_arrivals: float) -> float:
    """Mean wait of one server, approximately, any arrivals: variability × utilisation × time.

    (c_a² + c_s²) / 2 · ρ / (1 - ρ) · E[S] (Kingman 1961); exact for Poisson arrivals.

    >>> kingman_wait(0.5, 1.0, cv=1.0, cv_arrivals=1.0) == mg1_wait(0.5, 1.0, cv=1.0)
    True
    """
    rho = _below_one(rate * service)
    return (cv_arrivals**2 + cv**2) / 2 * rho / (1 - rho) * service


def mean_of_slowest(n: int, mean: float) -> float:
    """Mean of the largest of n independent exponential times: mean · (1 + 1/2 + ... + 1/n).

    >>> round(mean_of_slowest(100, 10.0), 1)
    51.9
    """
    return mean * float((1 / np.arange(1, n + 1)).sum())


def fork_join_two(rate: float, service: float) -> float:
    """Mean time until both of two M/M/1 queues fed by the same requests are done.

    (12 - ρ) / 8 · E[S] / (1 - ρ) (Flatto and Hahn 1984; Nelson and Tantawi 1988).

    >>> fork_join_two(rate=0.8, service=1.0)
    7.0...
    """
    rho = _below_one(rate * service)
    return (12 - rho) / 8 * service / (1 - rho)


def any_of(p: float, n: int) -> float:
    """Chance that at least one of n independent parts meets what one part meets with chance p.

    >>> round(any_of(0.01, 100), 3)
    0.634
    """
    return float(-np.expm1(n * np.log1p(-p)))


def leaf_quantile(q: float, n: int) -> float:
    """The quantile that each of n parts must keep for their slowest to keep quantile q.

    >>> round(leaf_quantile(0.99, 100), 4)
    0.9999
    """
    return q ** (1 / n)


def _below_one(rho: float) -> float:
    if rho >= 1:
        raise ValueError(f"The load is {rho:.3g} of the capacity: the queue never drains.")
    return rho
