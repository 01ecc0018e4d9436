"""The events of `listening` as players send them: JSON lines, untidy and sometimes broken."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from mlsd_kit.data.simulators import artist_graph

TWICE = 0.01  # share of the events that are delivered a second time
BROKEN = 0.001  # share of the lines that are cut off
ZONE = -5  # hours from UTC, of the players that send local time
SPELLINGS = (
    lambda name: name,
    lambda name: name.upper(),
    lambda name: name.lower(),
    lambda name: f" {name.replace(' ', '  ')} ",
    lambda name: f"{name}.",
)


def json_lines(events: pd.DataFrame, *, seed: int = 0) -> list[str]:
    """One JSON object a line, as a collector stores what players send.

    Artists' names come in five spellings, times in three formats (ISO with Z, ISO with an offset,
    seconds since 1970), one event in a hundred twice, one line in a thousand cut off; each carries
    things that nobody needs, such as the player's address.

    Parameters
    ----------
    events : DataFrame
        As `load("listening")` returns.
    seed : int, default=0

    Returns
    -------
    list of str
        In order of time, with what was sent twice at random places.

    Examples
    --------
    >>> from mlsd_kit.data import load
    >>> line = json_lines(load("listening").head(1))[0]
    >>> sorted(json.loads(line))
    ['artist', 'event', 'ip', 'kind', 'player', 'position', 'session', 'shuffled', 'song', 'time', \
'user']
    """
    rng = np.random.default_rng([seed, 4])
    spelt = [[spell(name) for spell in SPELLINGS] for name in artist_graph.artists()["name"]]
    how = rng.integers(0, len(SPELLINGS), len(events))
    names = [spelt[i][j] for i, j in zip(events["artist"], how, strict=True)]
    columns = zip(
        events["event"].tolist(),
        events["user"].tolist(),
        names,
        events["song"].tolist(),
        events["kind"].tolist(),
        events["position"].tolist(),
        events["session"].tolist(),
        events["shuffled"].tolist(),
        _times(rng, events["time"]),
        rng.integers(1, 255, len(events)).tolist(),
        strict=True,
    )
    lines = [
        f'{{"event": {event}, "user": {user}, "artist": {json.dumps(name)}, "song": {song}, '
        f'"kind": "{kind}", "position": {position}, "session": {session}, '
        f'"shuffled": {str(shuffled).lower()}, "time": {time}, "ip": "192.0.2.{ip}", '
        f'"player": "web 3.1"}}'
        for event, user, name, song, kind, position, session, shuffled, time, ip in columns
    ]
    for place in np.flatnonzero(rng.random(len(lines)) < BROKEN):
        lines[place] = lines[place][: int(rng.integers(5, 60))]
    again = np.flatnonzero(rng.random(len(lines)) < TWICE)
    order = np.argsort(
        np.concatenate([np.arange(len(lines)), again + rng.integers(1, 500, len(again))]),
        kind="stable",
    )
    return [lines[i] if i < len(lines) else lines[again[i - len(lines)]] for i in order]


def _times(rng: np.random.Generator, times: pd.Series) -> list[str]:
    """Each time as JSON, in one of three formats."""
    local = times + pd.Timedelta(hours=ZONE)
    formats = (
        ('"' + times.dt.strftime("%Y-%m-%dT%H:%M:%SZ") + '"').tolist(),
        ('"' + local.dt.strftime(f"%Y-%m-%dT%H:%M:%S-0{-ZONE}:00") + '"').tolist(),
        times.to_numpy().astype("M8[s]").astype(np.int64).astype(str).tolist(),
    )
    which = rng.integers(0, len(formats), len(times))
    return [formats[k][i] for i, k in enumerate(which)]
