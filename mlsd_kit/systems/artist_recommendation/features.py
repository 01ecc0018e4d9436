"""Features of listeners: who they are, roughly, and what they play."""

from __future__ import annotations

import pandas as pd

FAVOURITES, LAST = 5, 10  # artists, songs


def listener_features(
    people: pd.DataFrame, events: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """One row a listener, from what was known before a moment.

    Parameters
    ----------
    people : DataFrame
        user, age_group, city, state, signed_up.
    events : DataFrame
        user, artist, song, kind, time.
    as_of : Timestamp
        Events and accounts from then on are left out: a feature must not know the future.

    Returns
    -------
    DataFrame of shape (accounts, 7)
        user, age_group, city, state, songs (played), favourites (the five most played artists,
        the most played first; of equals the one played last) and last_songs (ten, the last first),
        both as text with spaces between.
    """
    there = people.loc[people["signed_up"] < as_of, ["user", "age_group", "city", "state"]]
    songs = events[(events["kind"] == "listen") & (events["time"] < as_of)]
    songs = songs.sort_values("time", kind="stable")
    newest_first = songs[::-1]
    plays = songs.groupby(["user", "artist"])["time"].agg(["size", "max"]).reset_index()
    plays = plays.sort_values(["size", "max"], ascending=False, kind="stable")
    made = pd.DataFrame(
        {
            "songs": songs.groupby("user").size(),
            "favourites": _listed(plays, "artist", FAVOURITES),
            "last_songs": _listed(newest_first, "song", LAST),
        }
    )
    table = there.merge(made, left_on="user", right_index=True, how="left")
    table = table.fillna({"songs": 0, "favourites": "", "last_songs": ""})
    return table.astype({"songs": "int64"}).reset_index(drop=True)


def _listed(rows: pd.DataFrame, column: str, count: int) -> pd.Series:
    """The first values of a column for each user, as text."""
    first = rows.groupby("user").head(count)
    return first[column].astype(str).groupby(first["user"]).agg(" ".join)
