"""The attacks that `network_flows` injects, in the proportions of the NSL-KDD training set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

CLASSES = ("syn_flood", "port_scan", "password_guessing", "botnet_beacon", "exfiltration")
NSL_KDD = {"normal": 67343, "dos": 45927, "probe": 11656, "r2l": 995, "u2r": 52}
"""Records of each family in KDDTrain+."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

Flows = dict[str, Any]


def flows_per_event(normal: int, events: int) -> dict[str, int]:
    """Flows of one attack of each class, so that the families have NSL-KDD's shares.

    SYN floods stand for denial of service, port scans for probes, exfiltration for what follows a
    break-in (U2R); password guessing and beacons share R2L.
    """
    shares = {name: count / NSL_KDD["normal"] for name, count in NSL_KDD.items()}
    a_class = {
        "syn_flood": shares["dos"],
        "port_scan": shares["probe"],
        "password_guessing": shares["r2l"] / 2,
        "botnet_beacon": shares["r2l"] / 2,
        "exfiltration": shares["u2r"],
    }
    return {name: max(1, round(normal * share / events)) for name, share in a_class.items()}


def inject(
    rng: np.random.Generator,
    normal: pd.DataFrame,
    clients: list[str],
    servers: list[str],
    begin: float,
    end: float,
    events: int,
) -> list[Flows]:
    """The flows of every attack between ``begin`` and ``end`` [s], ``events`` of each class.

    Each class has one attack in each of ``events`` equal stretches of time, at a random moment.
    """
    if not events:
        return []
    sizes = flows_per_event(int((normal["time"] >= begin).sum()), events)
    makers = (_syn_flood, _port_scan, _password_guessing, _botnet_beacon, _exfiltration)
    stretch = (end - begin) / events
    found: list[Flows] = []
    for kind, make in zip(CLASSES, makers, strict=True):
        for i in range(events):
            start = begin + stretch * i + rng.uniform(0, max(stretch - 20 * HOUR, HOUR))
            flows = make(rng, start, sizes[kind], clients, servers)
            number = len(found) + 1
            found.append(_complete(flows) | {"attack": kind, "event": number})
    return found


def _complete(flows: Flows) -> Flows:
    n = len(flows["time"])
    return {key: np.full(n, value) if np.isscalar(value) else value for key, value in flows.items()}


def _syn_flood(
    rng: np.random.Generator, start: float, n: int, clients: list[str], servers: list[str]
) -> Flows:
    """Half-open connections from forged addresses, within minutes."""
    who = rng.integers(0, 65536, n)
    return {
        "time": start + np.sort(rng.uniform(0, rng.uniform(3, 10) * MINUTE, n)),
        "source": np.array([f"198.51.{w // 256}.{w % 256}" for w in who]),
        "destination": str(rng.choice(servers[:2])),
        "protocol": "tcp",
        "service": "https",
        "port": 443,
        "state": "S0",
        "duration": 0.0,
        "bytes_out": 0,
        "bytes_in": 0,
    }


def _port_scan(
    rng: np.random.Generator, start: float, n: int, clients: list[str], servers: list[str]
) -> Flows:
    """A workstation tries the ports of all others, a few a second."""
    state = rng.choice(["REJ", "S0", "SF"], n, p=[0.75, 0.23, 0.02])
    return {
        "time": start + np.cumsum(rng.exponential(rng.uniform(0.2, 2.0), n)),
        "source": str(rng.choice(clients)),
        "destination": rng.choice(clients + servers, n),
        "protocol": "tcp",
        "service": "other",
        "port": rng.integers(1, 10000, n),
        "state": state,
        "duration": 0.0,
        "bytes_out": 0,
        "bytes_in": np.where(state == "SF", 120, 0),
    }


def _password_guessing(
    rng: np.random.Generator, start: float, n: int, clients: list[str], servers: list[str]
) -> Flows:
    """One address outside tries to log in to a server, again and again."""
    return {
        "time": start + np.cumsum(rng.exponential(rng.uniform(8, 20), n)),
        "source": f"198.51.{rng.integers(256)}.{rng.integers(256)}",
        "destination": str(rng.choice(servers)),
        "protocol": "tcp",
        "service": "ssh",
        "port": 22,
        "state": rng.choice(["SF", "RSTO"], n, p=[0.6, 0.4]),
        "duration": np.round(rng.normal(2.0, 0.3, n).clip(0.5), 3),
        "bytes_out": rng.normal(1500, 60, n).astype(np.int64),
        "bytes_in": rng.normal(1900, 60, n).astype(np.int64),
    }


def _botnet_beacon(
    rng: np.random.Generator, start: float, n: int, clients: list[str], servers: list[str]
) -> Flows:
    """An infected workstation asks its master for orders, every two to four minutes."""
    period = rng.uniform(2, 4) * MINUTE
    return {
        "time": start + np.arange(n) * period + rng.normal(0, 0.03 * period, n),
        "source": str(rng.choice(clients)),
        "destination": f"198.51.{rng.integers(256)}.{rng.integers(256)}",
        "protocol": "tcp",
        "service": "https",
        "port": 443,
        "state": "SF",
        "duration": np.round(rng.normal(0.4, 0.05, n).clip(0.1), 3),
        "bytes_out": rng.normal(600, 30, n).astype(np.int64),
        "bytes_in": rng.normal(900, 30, n).astype(np.int64),
    }


def _exfiltration(
    rng: np.random.Generator, start: float, n: int, clients: list[str], servers: list[str]
) -> Flows:
    """A workstation sends files out in small lots over most of a day, by a web upload."""
    pauses = rng.exponential(rng.uniform(8, 18) * HOUR / n, n)
    return {
        "time": start + np.cumsum(pauses),
        "source": str(rng.choice(clients)),
        "destination": f"198.51.{rng.integers(256)}.{rng.integers(256)}",
        "protocol": "tcp",
        "service": "https",
        "port": 443,
        "state": "SF",
        "duration": np.round(rng.lognormal(0.5, 0.5, n), 3),
        "bytes_out": rng.lognormal(np.log(8e4), 0.5, n).astype(np.int64),
        "bytes_in": rng.lognormal(np.log(2000), 0.5, n).astype(np.int64),
    }
