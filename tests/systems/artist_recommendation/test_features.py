"""Features know nothing of the future, and agree with a slow way of counting."""

import numpy as np
import pandas as pd

from mlsd_kit.systems.artist_recommendation.features import FAVOURITES, LAST, listener_features


def world(seed=0):
    rng = np.random.default_rng(seed)
    users = [f"u{i}" for i in range(6)]
    people = pd.DataFrame(
        {
            "user": users,
            "age_group": "25-34",
            "city": "Boise",
            "state": "ID",
            "signed_up": pd.to_datetime(["2009-01-01"] * 5 + ["2009-03-01"]),
        }
    )
    n = 400
    events = pd.DataFrame(
        {
            "user": rng.choice(users[:4], n),
            "artist": rng.integers(0, 8, n),
            "song": rng.integers(0, 100, n),
            "kind": rng.choice(["shown", "listen"], n),
            "time": pd.Timestamp("2009-01-01") + pd.to_timedelta(rng.permutation(n), "h"),
        }
    )
    return people, events


AS_OF = pd.Timestamp("2009-01-10")


def slow(events, user):
    songs = events[
        (events["user"] == user) & (events["kind"] == "listen") & (events["time"] < AS_OF)
    ].sort_values("time")
    artists = songs["artist"].unique()
    rank = {
        a: ((songs["artist"] == a).sum(), songs.loc[songs["artist"] == a, "time"].max())
        for a in artists
    }
    best = sorted(rank, key=rank.get, reverse=True)[:FAVOURITES]
    last = songs["song"].tolist()[::-1][:LAST]
    return len(songs), " ".join(map(str, best)), " ".join(map(str, last))


def test_they_are_what_a_slow_count_says():
    people, events = world()
    table = listener_features(people, events, AS_OF).set_index("user")
    for user in ["u0", "u1", "u2", "u3"]:
        row = table.loc[user]
        assert (row["songs"], row["favourites"], row["last_songs"]) == slow(events, user)


def test_the_future_changes_nothing():
    people, events = world()
    past = events[events["time"] < AS_OF]
    assert len(past) < len(events)
    pd.testing.assert_frame_equal(
        listener_features(people, events, AS_OF), listener_features(people, past, AS_OF)
    )


def test_who_never_listened_has_empty_features_and_who_came_later_no_row():
    people, events = world()
    table = listener_features(people, events, AS_OF).set_index("user")
    assert table.loc["u4", ["songs", "favourites", "last_songs"]].tolist() == [0, "", ""]
    assert "u5" not in table.index


def test_order_of_the_rows_does_not_matter():
    people, events = world()
    shuffled = events.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        listener_features(people, events, AS_OF), listener_features(people, shuffled, AS_OF)
    )
