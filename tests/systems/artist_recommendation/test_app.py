"""The web service's answers, and where it says that they come from."""

import pytest
from fastapi.testclient import TestClient

from mlsd_kit.systems.artist_recommendation.app import CATALOGUE, STORE, create
from mlsd_kit.systems.artist_recommendation.store import publish


@pytest.fixture
def client(key_value, catalogue_file):
    publish(key_value, {"a": [(4, 0.9), (2, 0.5)]}, "night 1")
    with TestClient(create(key_value, str(catalogue_file), timeout=5.0)) as client:
        yield client


def ask(client, **question):
    answer = client.get("/recommend", params=question)
    assert answer.status_code == 200
    return answer.json()


def test_a_listener_gets_the_nightly_list_filled_up_with_popularity(client):
    assert ask(client, user="a", k=4) == {"artists": [4, 2, 7, 6], "source": "store"}


def test_clicks_of_the_session_change_it(client):
    assert ask(client, user="a", clicks="0", k=3) == {"artists": [1, 4, 2], "source": "session"}


def test_a_stranger_gets_popularity(client):
    assert ask(client, user="?", k=3) == {"artists": [7, 6, 5], "source": "popularity"}


def test_without_the_store_it_answers_and_says_so(client, key_value):
    assert ask(client, user="a", k=1)["source"] == "store"
    key_value.process.kill()
    assert ask(client, user="a", k=3) == {"artists": [7, 6, 5], "source": "degraded"}
    assert ask(client, user="a", clicks="0", k=1)["artists"] == [1]
    assert client.get("/health").json() == {"store": False}


@pytest.mark.parametrize("clicks", ["x", "1,,2", "-1", "8", "1,", "²", "1 2"])
def test_clicks_that_are_no_artists_are_refused(client, clicks):
    answer = client.get("/recommend", params={"user": "a", "clicks": clicks})
    assert answer.status_code == 422 and "artists' numbers" in answer.json()["detail"]


@pytest.mark.parametrize("k", [0, 51])
def test_a_length_out_of_range_is_refused(client, k):
    answer = client.get("/recommend", params={"user": "a", "k": k})
    assert answer.status_code == 422 and f"got {k}" in answer.json()["detail"]


def test_no_user_is_refused(client):
    assert client.get("/recommend").status_code == 422


def test_more_than_the_catalogue_holds_is_all_of_it(client):
    assert sorted(ask(client, user="a", k=50)["artists"]) == list(range(8))


def test_settings_can_come_from_the_environment(monkeypatch, key_value, catalogue_file):
    publish(key_value, {"a": []}, "night 1")
    monkeypatch.setenv(STORE, key_value)
    monkeypatch.setenv(CATALOGUE, str(catalogue_file))
    assert ask(TestClient(create()), user="?", k=1)["artists"] == [7]
