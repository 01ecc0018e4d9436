"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd

Event = tuple[int, str, int, int]


def with_lists_and_a_set(events: list[Event], window: int, lateness: int) -> list:
    """One unsorted list a user, a set of identifiers."""
    past, kept, rows = defaultdict(list), set(), []
    newest = None
    for event, user, time, amount in events:
        newest = time if newest is None else max(newest, time)
        if event in kept or time < newest - lateness:
            continue
        kept.add(event)
        inside = [a for t, a in past[user] if time - window <= t < time]
        rows.append([event, len(inside), sum(inside)])
        past[user].append((time, amount))
    return rows


def with_numpy(events: list[Event], window: int, lateness: int) -> np.ndarray:
    """First who is kept, then every pair of events at once."""
    if not events:
        return np.empty((0, 3), dtype=int)
    event, user, time, amount = (np.array(column) for column in zip(*events, strict=True))
    on_time = np.flatnonzero(time >= np.maximum.accumulate(time) - lateness)
    _, first = np.unique(event[on_time], return_index=True)
    kept = on_time[np.sort(first)]
    event, user, time, amount = event[kept], user[kept], time[kept], amount[kept]
    gap = time[:, None] - time[None, :]
    inside = (gap > 0) & (gap <= window) & (user[:, None] == user[None, :])
    inside &= np.tri(len(kept), dtype=bool)
    return np.column_stack([event, inside.sum(axis=1), (inside * amount).sum(axis=1)])


def with_pandas(events: list[Event], window: int, lateness: int) -> list:
    """A self-join on the user, by order of arrival."""
    log = pd.DataFrame(events, columns=["event", "user", "time", "amount"])
    log = log[log["time"] >= log["time"].cummax() - lateness].drop_duplicates("event")
    log = log.reset_index(drop=True).reset_index(names="arrival")
    pairs = log.merge(log, on="user", suffixes=("", "_past"))
    gap = pairs["time"] - pairs["time_past"]
    pairs = pairs[(pairs["arrival_past"] < pairs["arrival"]) & gap.between(1, window)]
    found = pairs.groupby("event")["amount_past"].agg(["size", "sum"])
    rows = found.reindex(log["event"]).fillna(0).astype(int).reset_index()
    return list(rows.itertuples(index=False, name=None))


def with_buckets(events: list[Event], window: int, lateness: int) -> list:
    """Counts and sums a second, as a feature store would hold them."""
    counts, totals = defaultdict(lambda: defaultdict(int)), defaultdict(lambda: defaultdict(int))
    kept, rows, newest = set(), [], float("-inf")
    for event, user, time, amount in events:
        newest = max(newest, time)
        if time < newest - lateness or event in kept:
            continue
        kept.add(event)
        seconds = range(time - window, time)
        count = sum(counts[user].get(second, 0) for second in seconds)
        rows.append((event, count, sum(totals[user].get(second, 0) for second in seconds)))
        counts[user][time] += 1
        totals[user][time] += amount
    return rows
