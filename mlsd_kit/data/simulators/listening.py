"""What simulated listeners did: artists shown on a shelf, clicks, songs played."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlsd_kit.data.simulators import artist_graph, taste
from mlsd_kit.data.simulators.listeners import DAY, START, USERS, listeners, tastes

SHELF = 6  # artists shown at the start of a session
SHUFFLED = 0.1  # share of the sessions whose shelf is put in random order
SESSIONS = 0.9  # a listener's mean a week; log-normal over listeners
PLAYED = 1.0  # songs after a click: 1 + Poisson
SEARCHED = 4.0  # songs a session that the listener looks for: Poisson
SHARP = 1.5  # how strongly utility decides what is looked for
SONGS = 20  # of an artist; the k-th is played in proportion to 1 / k
NEW, NEW_WEEK = 0.05, 8  # share of the artists that enter the catalogue in that week
KINDS = ("shown", "click", "listen")
STEP = 200  # seconds between two songs
WEEK = 7 * DAY

Songs = tuple[np.ndarray, np.ndarray]  # row of the session, artist


def listening(seed: int = 0, *, users: int = USERS) -> pd.DataFrame:
    """Draw twelve weeks of events of the accounts of `listeners`, in order of time.

    A session begins with a shelf of six artists: half drawn by the square root of fame, half by
    that within the tags the listener played the week before; the more famous come first, except
    in the tenth of the sessions where the order is shuffled. A place is looked at with probability
    1 / position, and an artist that is looked at clicked according to taste. After a click follow
    one or more songs of that artist; and each session has about four songs that were searched
    for.

    Parameters
    ----------
    seed : int, default=0
    users : int, default=1500

    Returns
    -------
    DataFrame of shape (events, 9)
        event (0, 1, 2, ...), user, artist, song (-1 unless played), kind, position (1 to 6; 0 for
        songs), session, shuffled, time.

    Raises
    ------
    ValueError
        If ``users`` is not positive.

    Notes
    -----
    Examination times relevance is the position-based click model: Richardson, Dominowska and
    Ragno (2007), Predicting clicks.
    """
    people, truth = listeners(seed, users=users), tastes(seed, users=users)
    rng = np.random.default_rng([seed, 3])
    fame = np.sqrt(artist_graph.artists()["listeners"].to_numpy())
    _, tag = np.unique(artist_graph.artists()["tag"], return_inverse=True)
    new = rng.random(len(fame)) < NEW
    joined = (people["signed_up"] - START).dt.total_seconds().to_numpy()
    rate = SESSIONS * rng.lognormal(-0.32, 0.8, users)  # mean SESSIONS
    heard = np.ones((users, tag.max() + 1))  # songs a tag in the week before
    weeks, sessions = [], 0
    for week in range(taste.WEEKS):
        there = ~new | (week >= NEW_WEEK)
        utility = truth.utility(week)
        user, start = _sessions(rng, rate, joined, week)
        shelf, shuffled = _shelves(rng, fame * there, heard[user] + 0.02, tag)
        clicked = truth.respond(rng, week, user, shelf)
        played = _played(rng, shelf, clicked)
        wanted = _searched(rng, np.exp(SHARP * (utility - utility.max())) * there, user)
        events = _events(rng, start, shelf, clicked, played, wanted)
        row = events.pop("row")
        weeks.append(
            events.assign(user=user[row] + 1, session=sessions + row, shuffled=shuffled[row])
        )
        heard = _heard(weeks[-1], tag, heard.shape)
        sessions += len(user)
    return _table(pd.concat(weeks, ignore_index=True))


def _heard(events: pd.DataFrame, tag: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Songs that each listener played of each tag."""
    songs = events[events["kind"] == KINDS.index("listen")]
    count = np.zeros(shape)
    np.add.at(count, (songs["user"] - 1, tag[songs["artist"]]), 1)
    return count


def _sessions(
    rng: np.random.Generator, rate: np.ndarray, joined: np.ndarray, week: int
) -> tuple[np.ndarray, np.ndarray]:
    """Listener (from 0) and start in seconds of each session of a week; none before joining."""
    user = np.repeat(np.arange(len(rate)), rng.poisson(rate))
    evening = np.clip(rng.normal(19, 3.5, len(user)), 0, 22.9) * 3600
    start = week * WEEK + rng.integers(0, 7, len(user)) * DAY + evening.astype(np.int64)
    open_account = start >= joined[user]
    return user[open_account], start[open_account]


def _shelves(
    rng: np.random.Generator, fame: np.ndarray, heard: np.ndarray, tag: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Artists in the order shown, of shape (sessions, SHELF), and which sessions are shuffled."""
    known = fame * heard[:, tag]
    chance = 0.5 * fame / fame.sum() + 0.5 * known / known.sum(axis=1, keepdims=True)
    shelf = taste.top(rng, chance, SHELF)
    shuffled = rng.random(len(shelf)) < SHUFFLED
    by_fame = np.argsort(-fame[shelf], axis=1, kind="stable")
    by_chance = rng.permuted(np.tile(np.arange(SHELF), (len(shelf), 1)), axis=1)
    order = np.where(shuffled[:, None], by_chance, by_fame)
    return np.take_along_axis(shelf, order, axis=1), shuffled


def _played(rng: np.random.Generator, shelf: np.ndarray, clicked: np.ndarray) -> Songs:
    """Session row and artist of the songs played after clicks."""
    row, place = np.nonzero(clicked)
    songs = 1 + rng.poisson(PLAYED, len(row))
    return np.repeat(row, songs), np.repeat(shelf[row, place], songs)


def _searched(rng: np.random.Generator, weight: np.ndarray, user: np.ndarray) -> Songs:
    """Session row and artist of the songs that listeners looked for."""
    row = np.repeat(np.arange(len(user)), rng.poisson(SEARCHED, len(user)))
    mass = np.cumsum(weight, axis=1)
    drawn = rng.random(len(row)) * mass[user[row], -1]
    artist = np.array(
        [np.searchsorted(mass[u], x, side="right") for u, x in zip(user[row], drawn, strict=True)],
        dtype=np.int64,
    )
    return row, artist


def _events(
    rng: np.random.Generator,
    start: np.ndarray,
    shelf: np.ndarray,
    clicked: np.ndarray,
    played: Songs,
    wanted: Songs,
) -> pd.DataFrame:
    """One week's events: session row, artist, song, kind (a number), position, second."""
    count = len(shelf)
    row, place = np.repeat(np.arange(count), SHELF), np.tile(np.arange(SHELF), count)
    hit, at = np.nonzero(clicked)
    songs_row = np.concatenate([played[0], wanted[0]])
    songs_artist = np.concatenate([played[1], wanted[1]])
    order = np.argsort(songs_row, kind="stable")
    songs_row, songs_artist = songs_row[order], songs_artist[order]
    nth = np.arange(len(songs_row)) - np.searchsorted(songs_row, songs_row)
    odds = 1 / np.arange(1, SONGS + 1)
    song = songs_artist * SONGS + rng.choice(SONGS, len(songs_row), p=odds / odds.sum())
    return pd.DataFrame(
        {
            "row": np.concatenate([row, hit, songs_row]),
            "artist": np.concatenate([shelf.ravel(), shelf[hit, at], songs_artist]),
            "song": np.concatenate([np.full(len(row) + len(hit), -1), song]),
            "kind": np.repeat([0, 1, 2], [len(row), len(hit), len(song)]),
            "position": np.concatenate([place + 1, at + 1, np.zeros(len(song), dtype=np.int64)]),
            "second": np.concatenate(
                [start[row], start[hit] + 5 * (at + 1), start[songs_row] + 60 + STEP * nth]
            ),
        }
    )


def _table(events: pd.DataFrame) -> pd.DataFrame:
    events = events.sort_values(["second", "session"], kind="stable", ignore_index=True)
    time = START.to_datetime64().astype("M8[s]") + events["second"].to_numpy().astype("m8[s]")
    return pd.DataFrame(
        {
            "event": np.arange(len(events)),
            "user": events["user"],
            "artist": events["artist"],
            "song": events["song"],
            "kind": pd.Categorical(np.array(KINDS)[events["kind"]], categories=list(KINDS)),
            "position": events["position"],
            "session": events["session"],
            "shuffled": events["shuffled"],
            "time": time,
        }
    )
