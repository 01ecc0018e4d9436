"""The whole service under load while the store dies, hangs and returns: no request fails."""

import os
import signal
import threading

import httpx
import pytest

from mlsd_kit.services import http_service
from mlsd_kit.services.load import Load, getting
from mlsd_kit.systems.artist_recommendation.app import recommender
from mlsd_kit.systems.artist_recommendation.store import publish

LISTS = {f"user{i}": [(i % 8, 0.9)] for i in range(50)}
RATE = 100


def offer(url, paths, seconds=2.0):
    """Requests at 100 a second, as a table."""
    ask = getting(url, paths, lambda answer: {"source": answer["source"]})
    return Load(RATE, seconds, poisson=False).call(ask).requests


@pytest.fixture
def service(key_value, catalogue_file):
    publish(key_value, LISTS, "night 1")
    with http_service(recommender(key_value, catalogue_file)) as url:
        yield url


def under_load(service, faults):
    """Offer two seconds of requests; each fault is (seconds, what to do)."""
    timers = [threading.Timer(after, action) for after, action in faults]
    for timer in timers:
        timer.start()
    found = offer(service, [f"/recommend?user=user{k}&clicks={k % 8}" for k in range(50)])
    for timer in timers:
        timer.join()
    return found


def test_killed_under_load_no_request_fails_and_it_is_used_again_when_it_is_back(
    service, key_value
):
    def back():
        key_value.process.restart()
        publish(key_value, LISTS, "night 1")

    found = under_load(service, [(0.4, key_value.process.kill), (1.0, back)])
    assert (found["status"] == 200).all()
    assert (found["source"] == "degraded").any()
    later = offer(service, ["/recommend?user=user1"], 1.0)
    assert (later["source"] == "store").any()


def test_stalled_under_load_no_request_fails(service, key_value):
    pid = key_value.process.pid
    found = under_load(
        service,
        [(0.4, lambda: os.kill(pid, signal.SIGSTOP)), (1.2, lambda: os.kill(pid, signal.SIGCONT))],
    )
    assert (found["status"] == 200).all()
    assert (found["source"] == "degraded").any()


def test_it_starts_without_a_store(key_value, catalogue_file):
    key_value.process.kill()
    with http_service(recommender(key_value, catalogue_file)) as url:
        found = offer(url, ["/recommend?user=a"], 0.1)
    assert found["status"].tolist() == [200] * 10
    assert set(found["source"]) == {"degraded"}


def test_restarted_empty_under_load_no_request_fails_and_the_lists_are_missed_aloud(
    service, key_value
):
    found = under_load(service, [(0.5, key_value.process.restart)])
    assert (found["status"] == 200).all()
    empty = offer(service, ["/recommend?user=user1"], 0.5)
    assert (empty["status"] == 200).all()
    assert set(empty["source"]) == {"degraded"}  # strangers would pass for "popularity"
    publish(key_value, LISTS, "night 1")
    later = offer(service, ["/recommend?user=user1"], 1.0)
    assert (later["source"] == "store").any()


def test_a_malformed_question_is_answered_or_refused_but_never_an_error(service):
    long = "9" * 5000
    queries = ["user=%00", "user=%ff%fe", f"user=a&clicks={long}", "user=a&k=1e9", "user=a&k=NaN"]
    for query in queries:
        said = httpx.get(f"{service}/recommend?{query}", timeout=30)
        assert said.status_code in (200, 422), query[:30]
    assert httpx.get(f"{service}/recommend?user=user1", timeout=30).status_code == 200
