"""Flow records of a small office network, with attacks injected into its second half.

Each of five servers and twenty workstations opens Poisson sessions that follow the working day; a
session is ON for a few flows with Pareto pauses between them (Willinger et al. 1997: many such
sources add up to self-similar traffic); bytes have a log-normal body and a Pareto tail. Every host
is also polled by a monitor on the quarter hour: not everything regular is an attack.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlsd_kit.data.simulators import network_attacks as attacks

START = pd.Timestamp("2026-03-02")  # a Monday
SERVERS = {"web": 1, "mail": 2, "files": 3, "database": 4, "names": 5}  # 10.0.1.x
SERVICES = ("https", "dns", "mail", "smb", "ssh", "sql", "monitor", "backup", "other")
STATES = ("SF", "S0", "REJ", "RSTO")
ATTACKS = ("none", *attacks.CLASSES)
PORTS = {"https": 443, "dns": 53, "mail": 993, "smb": 445, "ssh": 22, "sql": 5432}
PORTS |= {"monitor": 9100, "backup": 8443}

SITES, FAVOURITES = 300, 4  # shared sites, and sites that one workstation alone visits
PAUSE_SHAPE = 1.4  # of the Pareto pauses: infinite variance, finite mean
POLL = 900.0  # seconds
DAY = 86400.0

Flows = dict[str, Any]


def simulate(
    *,
    seed: int = 0,
    days: int = 28,
    quiet_days: int = 14,
    sessions: float = 24.0,
    events: int = 6,
    new_service_day: int | None = None,
) -> pd.DataFrame:
    """Flow records, sorted by time.

    Parameters
    ----------
    seed : int, default=0
    days : int, default=28
        From Monday, 2 March 2026.
    quiet_days : int, default=14
        Days at the beginning without attacks.
    sessions : float, default=24
        Mean number of sessions a workstation opens on a working day, of about six flows each.
    events : int, default=6
        Attacks of each class, spread over the other days. Their flows are as many as give the
        classes of the NSL-KDD training set their shares of the records of those days.
    new_service_day : int or None, default=None
        From this day on (0 is the first) all workstations back up to a new cloud service.

    Returns
    -------
    DataFrame
        time, source, destination, protocol, service, port, state, duration [s], bytes_out and
        bytes_in (of the source), attack ("none" if normal) and event (0 if normal; an attack's
        flows share its number).

    Raises
    ------
    ValueError
        If ``days`` does not exceed ``quiet_days``, or a count is negative.
    """
    if not 0 <= quiet_days < days or events < 0 or sessions <= 0:
        raise ValueError(
            "days must exceed quiet_days, sessions must be positive and events at least 0."
        )
    rng = np.random.default_rng(seed)
    clients = [f"10.0.0.{i}" for i in range(1, 21)]
    servers = [f"10.0.1.{i}" for i in SERVERS.values()]
    parts = [
        _browsing(rng, clients, days, sessions),
        _visitors(rng, servers[:2], days, sessions),
        _polls(rng, clients + servers, days),
    ]
    if new_service_day is not None:
        parts.append(_backups(rng, clients, new_service_day, days))
    normal = pd.concat(map(pd.DataFrame, parts), ignore_index=True)
    normal["attack"], normal["event"] = "none", 0
    injected = attacks.inject(rng, normal, clients, servers, quiet_days * DAY, days * DAY, events)
    return _table(pd.concat([normal, *map(pd.DataFrame, injected)], ignore_index=True))


def activity(hour: np.ndarray, *, human: bool) -> np.ndarray:
    """Relative intensity in an hour of the week (0 is Monday, 0:00): office hours and weekends."""
    of_day, weekend = hour % 24, hour % 168 >= 120
    office = np.exp(-(((of_day - 13.0) / 4.0) ** 2)) * np.where(weekend, 0.12, 1.0)
    return 0.04 + office if human else 0.5 + 0.8 * np.exp(-(((of_day - 15.0) / 6.0) ** 2))


def _starts(
    rng: np.random.Generator, hosts: int, days: int, a_day: float, *, human: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Hosts and times [s] of the starts of Poisson sessions."""
    hour = np.arange(days * 24)
    shape = activity(hour, human=human)
    busy = rng.lognormal(0.0, 0.4, (hosts, 1))  # some hosts have more to do
    counts = rng.poisson(a_day * busy * shape / shape[:24].sum())
    host, hour = np.nonzero(counts)
    repeats = counts[host, hour]
    host, hour = np.repeat(host, repeats), np.repeat(hour, repeats)
    return host, (hour + rng.random(len(hour))) * 3600


def _session_flows(
    rng: np.random.Generator, starts: np.ndarray, mean: float
) -> tuple[np.ndarray, np.ndarray]:
    """Session index and time of every flow: a geometric number of them, Pareto pauses between."""
    counts = rng.geometric(1 / mean, len(starts))
    session = np.repeat(np.arange(len(starts)), counts)
    pause = np.minimum(2.0 * (1 + rng.pareto(PAUSE_SHAPE, len(session))), 600.0)
    first = np.r_[True, session[1:] != session[:-1]]
    pause[first] = 0.0
    since = np.cumsum(pause)
    since -= np.repeat(since[first], counts)
    return session, starts[session] + since


def _browsing(rng: np.random.Generator, clients: list[str], days: int, sessions: float) -> Flows:
    """Workstations: the web, and the office's servers."""
    host, start = _starts(rng, len(clients), days, sessions, human=True)
    kinds = np.array(["https", "mail", "smb", "ssh", "sql", "dns"])
    kind = rng.choice(kinds, len(host), p=[0.55, 0.13, 0.12, 0.04, 0.06, 0.10])
    popular = np.minimum(rng.zipf(1.3, len(host)), SITES)
    favourite = rng.integers(0, FAVOURITES, len(host))
    own = rng.random(len(host)) < 0.12
    site = np.where(
        own,
        [f"198.18.{100 + h}.{f}" for h, f in zip(host, favourite, strict=True)],
        [f"198.18.{p // 250}.{p % 250}" for p in popular],
    )
    inside = {"mail": 2, "smb": 3, "sql": 4, "dns": 5}
    server = [f"10.0.1.{inside.get(k, 0) or rng.integers(1, 6)}" for k in kind]
    destination = np.where(kind == "https", site, server)
    session, time = _session_flows(rng, start, 6.0)
    where, kind = destination[session], kind[session]
    flows = _flows(rng, time, np.array(clients)[host][session], where, kind)
    upload = (own[session]) & (kind == "https") & (rng.random(len(time)) < 0.1)
    photos = rng.lognormal(np.log(6e4), 1.0, len(time)).astype(np.int64)
    return flows | {"bytes_out": np.where(upload, photos, flows["bytes_out"])}


def _visitors(rng: np.random.Generator, servers: list[str], days: int, sessions: float) -> Flows:
    """People outside who use the web and the mail server."""
    host, start = _starts(rng, len(servers), days, 3 * sessions, human=False)
    who = rng.integers(0, 65536, len(host))
    source = np.array([f"198.19.{w // 256}.{w % 256}" for w in who])
    session, time = _session_flows(rng, start, 4.0)
    kind = np.array(["https", "mail"])[host]
    return _flows(rng, time, source[session], np.array(servers)[host][session], kind[session])


def _polls(rng: np.random.Generator, hosts: list[str], days: int) -> Flows:
    """The monitor: every host, every quarter of an hour."""
    n = int(days * DAY / POLL)
    time = (np.arange(n) * POLL + rng.uniform(0, POLL, (len(hosts), 1))).ravel()
    time += rng.normal(0, 3, len(time))
    source = np.repeat(hosts, n)
    flows = _flows(rng, time, source, np.full(len(time), "10.0.1.9"), np.full(len(time), "monitor"))
    return flows | {"bytes_out": rng.normal(2000, 50, len(time)).astype(np.int64)}


def _backups(rng: np.random.Generator, clients: list[str], day: int, days: int) -> Flows:
    """A new service: every workstation uploads its changes twice an hour in office hours."""
    host, start = _starts(rng, len(clients), days, 20.0, human=True)
    keep = start >= day * DAY
    host, time = host[keep], start[keep]
    where, kind = np.full(len(time), "198.18.250.1"), np.full(len(time), "backup")
    flows = _flows(rng, time, np.array(clients)[host], where, kind)
    return flows | {"bytes_out": rng.lognormal(np.log(4e5), 1.0, len(time)).astype(np.int64)}


def _flows(
    rng: np.random.Generator,
    time: np.ndarray,
    source: np.ndarray,
    destination: np.ndarray,
    service: np.ndarray,
) -> Flows:
    """What every flow has: port, state, duration and bytes."""
    n = len(time)
    tail = rng.random((2, n)) < np.array([[0.01], [0.04]])
    body = rng.lognormal(np.log([[800.0], [4000.0]]), [[0.9], [1.3]], (2, n))
    pareto = np.array([[2e4], [8e4]]) * (1 + rng.pareto(1.2, (2, n)))
    sent, received = np.minimum(np.where(tail, pareto, body), 5e8).astype(np.int64)
    state = rng.choice(STATES, n, p=[0.965, 0.01, 0.015, 0.01])
    received = np.where((state == "S0") | (state == "REJ"), 0, received)
    kinds, names = pd.factorize(service)
    return {
        "time": time,
        "source": source,
        "destination": destination,
        "protocol": np.where(service == "dns", "udp", "tcp"),
        "service": service,
        "port": np.array([PORTS[name] for name in names])[kinds],
        "state": state,
        "duration": np.round(rng.lognormal(-1.0, 1.2, n), 3),
        "bytes_out": sent,
        "bytes_in": received,
    }


def _table(flows: pd.DataFrame) -> pd.DataFrame:
    """Sorted by time, with the schema's types."""
    flows = flows[flows["time"] >= 0].sort_values("time", kind="stable", ignore_index=True)
    flows["time"] = START + pd.to_timedelta((flows["time"] * 1000).astype("int64"), unit="ms")
    for column, values in (
        ("protocol", ("tcp", "udp")),
        ("service", SERVICES),
        ("state", STATES),
        ("attack", ATTACKS),
    ):
        flows[column] = flows[column].astype(pd.CategoricalDtype(list(values)))
    whole = ["port", "bytes_out", "bytes_in", "event"]
    return flows.astype(dict.fromkeys(whole, "int64"))
