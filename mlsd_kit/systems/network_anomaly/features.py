"""Features of a host in a window of five minutes, from a whole table of flows."""

from __future__ import annotations

from collections.abc import Set

import numpy as np
import pandas as pd

WINDOW = 300  # seconds
PERSISTENCE = 24  # windows (two hours) in which a contact is looked for again
UPLOAD = 72  # windows (six hours) over which uploads to one destination add up
FAILED = ("S0", "REJ")  # connection states of an unanswered and a refused attempt
BROKEN = "RSTO"  # the state of a connection that its source broke off
LOGIN = 22  # port of a remote log-in
PRIVATE = ("10.", "192.168.", *(f"172.{i}." for i in range(16, 32)))

FEATURES = (
    "out_flows",  # flows that the host started
    "out_failed",  # of them unanswered or refused
    "out_targets",  # different destinations and ports among them
    "out_bytes",  # bytes it sent in them
    "in_flows",  # flows that others started towards it
    "in_failed",  # of them unanswered or refused
    "in_logins",  # of them to port 22
    "in_broken",  # of these, broken off by whoever logged in
    "contacts",  # most windows of the last two hours with a flow to one same rare destination
    "uploads",  # most bytes sent to one rare destination in six hours
)


def is_internal(addresses: pd.Series) -> np.ndarray:
    """True where an address is of a private range: one of our own hosts."""
    codes, names = pd.factorize(addresses)
    return np.array([str(name).startswith(PRIVATE) for name in names], dtype=bool)[codes]


def known_destinations(flows: pd.DataFrame, *, hosts: int = 3) -> frozenset[str]:
    """The outside destinations that at least ``hosts`` of our own hosts have contacted."""
    out = flows[is_internal(flows["source"]) & ~is_internal(flows["destination"])]
    contacts = out[["source", "destination"]].drop_duplicates()["destination"].value_counts()
    return frozenset(contacts.index[contacts >= hosts].astype(str))


def host_windows(flows: pd.DataFrame, known: Set[str] = frozenset()) -> pd.DataFrame:
    """The features of every internal host in every window in which it has a flow.

    Parameters
    ----------
    flows : DataFrame
        With the columns time, source, destination, port, state and bytes_out.
    known : set of str
        Outside destinations that are nothing special, from `known_destinations` of the past. All
        other outside destinations are rare.

    Returns
    -------
    DataFrame of shape (host-windows, 10)
        The columns `FEATURES`, indexed by host and start of the window, sorted by time. A window's
        row uses its own flows and earlier ones only.
    """
    flows = flows.assign(
        window=_windows(flows["time"]),
        failed=flows["state"].isin(FAILED),
        source=flows["source"].astype("category"),  # groups of codes are found faster than of text
        destination=flows["destination"].astype("category"),
    )
    sent, received = is_internal(flows["source"]), is_internal(flows["destination"])
    out, into = flows[sent], flows[received]
    rare = flows[sent & ~received & ~flows["destination"].isin(known)]
    into = into.assign(login=into["port"] == LOGIN)
    into["broken"] = into["login"] & (into["state"] == BROKEN)
    by_source = out.groupby(["source", "window"], sort=False, observed=True)
    by_target = into.groupby(["destination", "window"], sort=False, observed=True)
    targets = out[["source", "window", "destination", "port"]].drop_duplicates()
    by_sender = targets.groupby(["source", "window"], sort=False, observed=True)
    columns = {
        "out_flows": by_source.size(),
        "out_failed": by_source["failed"].sum(),
        "out_targets": by_sender.size(),
        "out_bytes": by_source["bytes_out"].sum(),
        "in_flows": by_target.size(),
        "in_failed": by_target["failed"].sum(),
        "in_logins": by_target["login"].sum(),
        "in_broken": by_target["broken"].sum(),
    }
    named = [column.rename_axis(["host", "window"]) for column in columns.values()]
    table = pd.concat(named, axis=1, keys=list(columns))
    table = table.join(_rare(rare)).fillna(0.0).astype(np.float64)
    table = table.reset_index().sort_values(["window", "host"], ignore_index=True)
    table["time"] = pd.to_datetime(table.pop("window") * WINDOW, unit="s")
    return table.set_index(["host", "time"])[list(FEATURES)]


def _windows(times: pd.Series) -> np.ndarray:
    """The number of each time's window since 1970."""
    return times.to_numpy(dtype="datetime64[ms]").astype(np.int64) // (1000 * WINDOW)


def _rare(rare: pd.DataFrame) -> pd.DataFrame:
    """Contacts and uploads, by host and window, from flows to rare destinations."""
    pairs = rare.groupby(["source", "destination", "window"], observed=True, sort=True)["bytes_out"]
    seen = pairs.sum().reset_index()
    pair = seen.groupby(["source", "destination"], sort=False).ngroup().to_numpy()
    window, total = seen["window"].to_numpy(), np.r_[0, seen["bytes_out"].cumsum()]
    # one number that grows with pair, then window: the first row of the past is a binary search
    line = pair * (1 << 40) + window
    here = np.arange(len(seen))
    seen["contacts"] = here + 1 - np.searchsorted(line, line - PERSISTENCE, side="right")
    seen["uploads"] = total[here + 1] - total[np.searchsorted(line, line - UPLOAD, side="right")]
    most = seen.groupby(["source", "window"])[["contacts", "uploads"]].max()
    return most.rename_axis(["host", "window"])
