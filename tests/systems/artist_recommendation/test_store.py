"""Nightly lists: published at once, read without waiting."""

import socket
import time

import pytest
from redis import Redis, RedisError

from mlsd_kit.systems.artist_recommendation import store
from mlsd_kit.systems.artist_recommendation.store import Breaker, Store, contents, publish

PATIENT = 5.0  # seconds: a busy machine is no store in trouble
LISTS = {"a": [(3, 0.9), (1, -0.25)], "b": [], "c": [(7, 1.0)]}


def test_lists_come_back_in_order(key_value):
    assert publish(key_value, LISTS, "night 1") == 3
    lists = Store(key_value, timeout=PATIENT)
    assert [lists.get(user) for user in "abc"] == [[(3, 0.9), (1, -0.25)], [], [(7, 1.0)]]


def test_a_stranger_has_an_empty_list_but_a_store_without_a_night_has_none(key_value):
    lists = Store(key_value, timeout=PATIENT)
    assert lists.get("a") is None and lists.breaker.closed()
    publish(key_value, LISTS, "night 1")
    assert lists.get("stranger") == [] and lists.get("a") == LISTS["a"]
    key_value.process.restart()  # empty
    assert lists.get("a") is None


def test_a_night_that_breaks_off_changes_nothing_and_its_rerun_everything(key_value):
    publish(key_value, LISTS, "night 1")

    class Torn(dict):
        def items(self):
            yield from list(super().items())[:1]
            raise ConnectionError("the batch was killed")

    with pytest.raises(ConnectionError):
        publish(key_value, Torn({"a": [(5, 1.0)], "c": [(6, 1.0)]}), "night 2")
    lists = Store(key_value, timeout=PATIENT)
    assert lists.get("a") == LISTS["a"] and lists.get("c") == LISTS["c"]
    publish(key_value, {"a": [(5, 1.0)], "c": [(6, 1.0)]}, "night 2")
    assert lists.get("a") == [(5, 1.0)] and lists.get("c") == [(6, 1.0)]


def test_lists_that_no_night_renews_expire(key_value):
    publish(key_value, LISTS, "night 1")
    with Redis.from_url(key_value, decode_responses=True) as direct:
        keys = [key for key in direct.scan_iter() if key != store.CURRENT]
        assert len(keys) == 3 and all(0 < direct.ttl(key) <= store.KEPT for key in keys)


def test_contents_are_all_that_was_written(key_value):
    assert contents(key_value) == {}
    publish(key_value, LISTS, "night 1")
    found = contents(key_value)
    assert len(found) == 4 and found["recommendations:night 1:a"] == "3:0.900 1:-0.250"


def test_a_store_that_is_gone_is_no_error_and_is_asked_again_later(key_value):
    lists, now = Store(key_value, timeout=PATIENT), [0.0]
    lists.breaker = Breaker(0.2, clock=lambda: now[0])  # its pause is over when the test says so
    publish(key_value, LISTS, "night 1")
    assert lists.get("a") == LISTS["a"]
    key_value.process.kill()
    assert lists.get("a") is None and not lists.breaker.closed()
    key_value.process.restart()
    publish(key_value, LISTS, "night 1")
    assert lists.get("a") is None  # still left alone
    now[0] = 0.3
    assert lists.get("a") == LISTS["a"]


def test_a_store_that_hangs_costs_one_time_out_and_not_one_a_request():
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never answers
        lists = Store(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", timeout=1.0, pause=60)
        begin = time.monotonic()
        assert [lists.get("a") for _ in range(100)] == [None] * 100
        assert time.monotonic() - begin < 3  # the client's own retries would make it four


def test_publishing_to_a_store_that_is_gone_says_so(key_value):
    key_value.process.kill()
    with pytest.raises(RedisError):
        publish(key_value, LISTS, "night 1")


def test_a_breaker_does_not_look_at_the_clock_on_the_wall(monkeypatch, wait_for):
    long, short, wall = Breaker(600), Breaker(0.05), time.time()
    long.failed(), short.failed()
    monkeypatch.setattr(time, "time", lambda: wall + 3600)
    assert not long.closed()
    monkeypatch.setattr(time, "time", lambda: wall - 3600)
    assert wait_for(short.closed)


def test_a_breaker_opens_for_its_pause_at_each_failure():
    now = [0.0]
    breaker = Breaker(2.0, clock=lambda: now[0])
    assert breaker.closed()
    breaker.failed()
    now[0] = 1.9
    assert not breaker.closed()
    breaker.failed()
    now[0] = 3.8
    assert not breaker.closed()
    now[0] = 3.9
    assert breaker.closed()
