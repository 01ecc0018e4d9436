"""The simulated accounts, tastes and events: what the datasheets say about them holds."""

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.data import load
from mlsd_kit.data.simulators import artist_graph, taste
from mlsd_kit.data.simulators.listeners import START, listeners, tastes
from mlsd_kit.data.simulators.listening import NEW_WEEK, SHELF, SONGS, listening
from mlsd_kit.data.us_cities import CITIES


@pytest.fixture(scope="module")
def people():
    return listeners(0)


@pytest.fixture(scope="module")
def events():
    return listening(0)


@pytest.fixture(scope="module")
def shown(events):
    """One row a place on a shelf, with whether it was clicked."""
    keys = ["session", "artist"]
    clicks = events.loc[events["kind"] == "click", keys].assign(clicked=True)
    places = events[events["kind"] == "shown"].merge(clicks, on=keys, how="left")
    return places.assign(clicked=places["clicked"].eq(True))


def test_the_graph_is_symmetric_and_of_artists_that_listeners_call_similar():
    graph, names = artist_graph.similar(), artist_graph.artists()["name"].tolist()
    assert graph.nnz == 2 * 3963 and abs(graph - graph.T).nnz == 0 and graph.diagonal().sum() == 0
    near = {names[i] for i in graph[[names.index("Mad Season")]].indices}
    assert {"Temple of the Dog", "Alice in Chains"} <= near


def test_a_walk_with_restart_is_the_power_series_of_the_graph():
    graph = artist_graph.similar()
    share = artist_graph.spread(graph, np.array([[3, 5]]), restart=0.3, steps=60)
    onward = graph.toarray() / graph.toarray().sum(axis=1, keepdims=True)
    start = np.zeros(graph.shape[0])
    start[[3, 5]] = 0.5
    exact = 0.3 * np.linalg.solve(np.eye(len(start)) - 0.7 * onward.T, start)
    np.testing.assert_allclose(share[0], exact, atol=1e-9)


def test_draws_without_replacement_follow_the_weights():
    weight = np.tile([4.0, 2.0, 1.0, 1.0, 0.0], (20_000, 1))
    drawn = taste.top(np.random.default_rng(0), weight, 1).ravel()
    np.testing.assert_allclose(np.bincount(drawn, minlength=5) / 20_000, weight[0] / 8, atol=0.02)
    two = taste.top(np.random.default_rng(0), weight, 2)
    assert (two[:, 0] != two[:, 1]).all() and 4 not in two


def test_a_seed_is_a_world_and_another_seed_another(people, events):
    pd.testing.assert_frame_equal(people, listeners(0))
    pd.testing.assert_frame_equal(events.head(100), load("listening", seed=0).head(100))
    assert not events["artist"].head(100).equals(listening(1, users=200)["artist"].head(100))


def test_homes_lie_around_cities(people):
    centres = np.array([(city.latitude, city.longitude) for city in CITIES])
    homes = people[["latitude", "longitude"]].to_numpy()
    nearest = np.abs(homes[:, None] - centres).max(axis=2).min(axis=1)
    assert nearest.max() < 0.6


def test_those_who_join_later_are_younger(people):
    age = (START - people["birth_date"]).dt.days / 365.25
    late = people["signed_up"] >= START
    assert 0.2 < late.mean() < 0.3
    assert age[~late].mean() - age[late].mean() > 5


def test_nobody_listens_before_joining(people, events):
    joined = people.set_index("user")["signed_up"]
    assert (events["time"] >= events["user"].map(joined)).all()


def test_events_are_numbered_in_order_of_time_over_twelve_weeks(events):
    assert events["event"].tolist() == list(range(len(events)))
    assert events["time"].is_monotonic_increasing
    assert (events["time"].max() - START).days // 7 + 1 == taste.WEEKS


def test_a_shelf_holds_distinct_artists_in_distinct_places(shown):
    sessions = shown.groupby("session")
    assert (sessions["artist"].nunique() == SHELF).all()
    assert (sessions["position"].sum() == SHELF * (SHELF + 1) // 2).all()


def test_what_is_clicked_was_shown_there_and_then_played(events, shown):
    keys = ["session", "artist", "position"]
    clicks = events[events["kind"] == "click"]
    assert len(clicks.merge(shown, on=keys)) == len(clicks) == shown["clicked"].sum()
    songs = events.loc[events["kind"] == "listen", ["session", "artist"]].drop_duplicates()
    assert len(clicks.merge(songs, on=["session", "artist"])) == len(clicks)


def test_a_song_is_its_artists(events):
    songs = events[events["kind"] == "listen"]
    assert (songs["song"] // SONGS == songs["artist"]).all()
    assert (events.loc[events["kind"] != "listen", "song"] == -1).all()


def test_on_shuffled_shelves_clicks_fall_with_the_place_as_stated(shown):
    clicks = shown[shown["shuffled"]].groupby("position")["clicked"]
    error = clicks.sem().to_numpy()
    expected = clicks.mean().to_numpy().mean() / taste.examination(SHELF).mean()
    assert (np.abs(clicks.mean() - expected * taste.examination(SHELF)) < 4 * error).all()


def test_unshuffled_shelves_put_the_famous_first(shown):
    fame = artist_graph.artists()["listeners"].to_numpy()
    mean = shown.assign(fame=fame[shown["artist"]]).groupby(["shuffled", "position"])["fame"].mean()
    assert mean[False].is_monotonic_decreasing
    assert mean[True].max() < 1.3 * mean[True].min()


def test_real_fame_shows_in_the_simulated_counts(events):
    songs = events[events["kind"] == "listen"]
    heard = songs.groupby("artist")["user"].nunique().reindex(range(1239), fill_value=0)
    fame = artist_graph.artists()["listeners"]
    assert heard.corr(fame, method="spearman") > 0.8


def test_taste_moves_over_the_weeks_and_stays_partly():
    truth = tastes(0)
    best = [set(row) for row in np.argsort(-truth.utility(0), axis=1)[:, :30]]
    later = [set(row) for row in np.argsort(-truth.utility(taste.WEEKS - 1), axis=1)[:, :30]]
    kept = np.mean([len(a & b) / 30 for a, b in zip(best, later, strict=True)])
    assert 0.5 < kept < 0.95


def test_the_older_listen_to_older_artists(people, events):
    songs = events[events["kind"] == "listen"]
    born = people.set_index("user")["birth_date"].dt.year
    year = artist_graph.artists()["first_album"].to_numpy()[songs["artist"]]
    old = (songs["user"].map(born) < 1959).to_numpy()
    assert year[~old].mean() - year[old].mean() > 3
    assert 0.05 < old.mean() < 0.2


def test_some_artists_enter_late(events):
    first = events.groupby("artist")["time"].min()
    late = (first - START).dt.days // 7 >= NEW_WEEK
    assert 40 < late.sum() < 100


def test_responses_have_the_stated_probability():
    truth, rng = tastes(0), np.random.default_rng(0)
    users = np.repeat(np.arange(50), 400)
    shelves = np.tile(np.argsort(-truth.first[0])[:4], (len(users), 1))
    clicks = truth.respond(rng, 0, users, shelves).reshape(50, 400, 4).mean(axis=(0, 1))
    expected = (truth.relevance(0)[:50][:, shelves[0]] * taste.examination(4)).mean(axis=0)
    np.testing.assert_allclose(clicks, expected, atol=0.015)


def test_the_truth_cannot_be_changed_by_who_looks_at_it():
    with pytest.raises(ValueError, match="read-only"):
        tastes(0).first[0, 0] = 1.0


@pytest.mark.parametrize("simulate", [listeners, listening])
def test_no_users_are_refused(simulate):
    with pytest.raises(ValueError, match="users must be at least 1"):
        simulate(0, users=0)


def test_a_draw_without_replacement_comes_in_the_order_of_drawing():
    weight = np.random.default_rng(1).random((50, 400))
    drawn = taste.top(np.random.default_rng(2), weight, 7)
    wait = np.random.default_rng(2).standard_exponential(weight.shape) / weight
    np.testing.assert_array_equal(drawn, np.argsort(wait, axis=1)[:, :7])
