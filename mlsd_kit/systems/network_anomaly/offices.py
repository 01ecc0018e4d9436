"""A company of many offices: host-windows of each, and the attacks in them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from mlsd_kit.data.simulators.network_flows import simulate
from mlsd_kit.systems.network_anomaly.features import host_windows, is_internal, known_destinations


class Office(NamedTuple):
    """One office after its first week, which only taught what its known destinations are."""

    first: pd.DataFrame
    """Host-windows of the first week."""
    table: pd.DataFrame
    """Host-windows of the later days, as `host_windows` gives them."""
    attacks: pd.DataFrame
    """One row an attack: its class, the one host of ours in it, all of them, start and end."""
    days: int
    """How many days are in ``table``."""
    hosts: int
    """How many hosts of ours have a window."""
    known: frozenset[str]
    """Known destinations."""


def office(flows: pd.DataFrame, *, learns: str = "7D") -> Office:
    """What the detectors see of an office's flows, and what the evaluation needs beside it.

    Parameters
    ----------
    flows : DataFrame
        As from the simulator of ``network_flows``.
    learns : str
        How long the first part lasts, from the first day's midnight.
    """
    start = flows["time"].iloc[0].normalize()
    cut = start + pd.Timedelta(learns)
    known = known_destinations(flows[flows["time"] < cut])
    table = host_windows(flows, known)
    early = table.index.get_level_values("time") < cut
    days = (flows["time"].iloc[-1].normalize() - cut).days + 1
    hosts = table.index.get_level_values("host").nunique()
    return Office(table[early], table[~early], attacks_in(flows), days, hosts, known)


def quiet_office(seed: int, days: int) -> Office:
    """A simulated office without attacks, of ``days`` days and a first week."""
    return office(simulate(seed=seed, days=days + 7, quiet_days=7, events=0))


def attacked_office(seed: int, days: int = 14, **options: Any) -> Office:
    """A simulated office with attacks in the ``days`` days after its first week."""
    return office(simulate(seed=seed, days=days + 7, quiet_days=7, **options))


def attacks_in(flows: pd.DataFrame) -> pd.DataFrame:
    """One row an attack: attack, host, hosts, start, end; indexed by event.

    ``host`` is the one host of ours that an attack is about (of a scan its
    source, not those that are scanned); ``hosts`` are all that take part.
    """
    rows = {}
    bad = flows[flows["event"] > 0]
    inside = {c: is_internal(bad[c]) for c in ("source", "destination")} if len(bad) else {}
    ours = {c: bad[c].where(mask) for c, mask in inside.items()}
    for event, flow in bad.groupby("event"):
        ends = {c: set(ours[c].loc[flow.index].dropna()) for c in inside}
        about = ends["source"] or ends["destination"]
        rows[event] = {
            "attack": str(flow["attack"].iloc[0]),
            "host": next(iter(about)),
            "hosts": ends["source"] | ends["destination"],
            "start": flow["time"].iloc[0].floor("5min"),
            "end": flow["time"].iloc[-1],
        }
    columns = ["attack", "host", "hosts", "start", "end"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def attack_of(table: pd.DataFrame, attacks: pd.DataFrame, *, involved: bool = False) -> np.ndarray:
    """The attack under way in each host-window, 0 if none; of shape (host-windows,).

    Parameters
    ----------
    table : DataFrame
        Indexed by host and time.
    attacks : DataFrame
        As from `attacks_in`.
    involved : bool, default=False
        Whether the windows of all hosts that take part count, not only those of the one host that
        an attack is about.
    """
    host, at = (table.index.get_level_values(name) for name in ("host", "time"))
    labels = np.zeros(len(table), dtype=int)
    for event, attack in attacks.iterrows():
        hosts: set[str] = attack["hosts"] if involved else {attack["host"]}
        during = (at >= attack["start"]) & (at <= attack["end"])
        labels[host.isin(hosts) & during] = event
    return labels


def between(table: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """The host-windows that begin from ``start`` up to, not including, ``end``."""
    at = table.index.get_level_values("time")
    return table[(at >= start) & (at < end)]
