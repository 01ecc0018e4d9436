"""Deduplication, severity, grouping, acknowledgement, and the outbox."""

import sqlite3

import pytest

from mlsd_kit.services.alerts import AlertStore

HOUR = 3600


@pytest.fixture
def store(tmp_path):
    store = AlertStore(tmp_path / "alerts.db")
    yield store
    store.close()


def observe(store, host, at, score=1.0):
    return store.observe(host, at, score=score, reason="out_flows")


def kinds(store):
    return [message.body["kind"] for message in store.due(now=0)]


def test_the_first_observation_pages_and_the_next_are_silent(store):
    outcomes = [observe(store, "a", at) for at in (0, 300, 600, 600 + HOUR)]
    assert outcomes == ["paged", "suppressed", "suppressed", "suppressed"]
    assert kinds(store) == ["page"]


def test_after_a_quiet_hour_a_host_pages_again(store):
    assert [observe(store, "a", at) for at in (0, HOUR + 1)] == ["paged", "paged"]
    assert len(store.pages()) == 2


def test_the_cooldown_counts_from_the_last_observation(store):
    outcomes = [observe(store, "a", at) for at in range(0, 5 * HOUR, HOUR - 1)]
    assert outcomes == ["paged"] + ["suppressed"] * 5


def test_hosts_that_follow_at_once_join_the_page(store):
    assert [observe(store, host, 0) for host in "abc"] == ["paged", "joined", "joined"]
    assert observe(store, "d", 900) == "joined"
    assert observe(store, "e", 901) == "paged"
    assert [page["hosts"] for page in store.pages()] == [["a", "b", "c", "d"], ["e"]]


def test_grouping_counts_from_the_opening_so_that_no_page_lasts_for_ever(store):
    outcomes = [observe(store, str(i), 800 * i) for i in range(4)]
    assert outcomes == ["paged", "joined", "paged", "joined"]


def test_worse_is_said_once(store):
    scores = [1.0, 1.9, 2.0, 5.0, 1.0]
    outcomes = [observe(store, "a", 300 * i, score) for i, score in enumerate(scores)]
    assert outcomes == ["paged", "suppressed", "escalated", "suppressed", "suppressed"]
    assert kinds(store) == ["page", "escalation"]
    assert store.pages()[0]["severity"] == "critical"


def test_a_page_that_opens_critical_does_not_escalate(store):
    assert observe(store, "a", 0, 9.0) == "paged"
    assert observe(store, "a", 300, 9.0) == "suppressed"
    assert store.due(0)[0].body["severity"] == "critical"


def test_acknowledged_it_neither_escalates_nor_pages_for_hours(store):
    observe(store, "a", 0)
    store.acknowledge(store.pages()[0]["id"], by="on call")
    assert observe(store, "a", 300, 9.0) == "suppressed"
    assert observe(store, "a", 300 + 4 * HOUR) == "suppressed"
    assert observe(store, "a", 301 + 8 * HOUR) == "paged"
    assert [page["acknowledged_by"] for page in store.pages()] == ["on call", None]


@pytest.mark.parametrize("late", [1, 3600, 12 * 3600])
def test_a_late_observation_belongs_to_the_page_of_its_host(store, late):
    assert observe(store, "a", 13 * HOUR) == "paged"
    assert observe(store, "a", 13 * HOUR - late, score=9.0) == "escalated"
    assert observe(store, "a", 13 * HOUR - late) == "suppressed"
    assert observe(store, "a", 14 * HOUR) == "suppressed"  # the newest one is not forgotten
    assert len(store.pages()) == 1


def test_an_unknown_page_cannot_be_acknowledged(store):
    with pytest.raises(KeyError, match="there is no page '7-a'"):
        store.acknowledge("7-a", by="on call")


def test_everything_survives_a_reopening(tmp_path):
    first = AlertStore(tmp_path / "x.db")
    observe(first, "a", 0)
    first.set_progress("offset", 7)
    first.close()
    second = AlertStore(tmp_path / "x.db")
    assert observe(second, "a", 300) == "suppressed"
    assert second.progress("offset", 0) == 7 and second.progress("other", 3) == 3
    assert kinds(second) == ["page"]


def test_a_transaction_is_all_or_nothing(store):
    with pytest.raises(ZeroDivisionError), store.transaction():
        observe(store, "a", 0)
        store.set_progress("offset", 7)
        _ = 1 / 0
    assert store.pages() == [] and store.due(0) == [] and store.progress("offset", 0) == 0
    assert observe(store, "a", 0) == "paged"


def test_the_outbox_keeps_order_and_waits(store):
    for at in (0, 2 * HOUR, 4 * HOUR):
        observe(store, "a", at)
    ids = [message.id for message in store.due(now=10)]
    assert ids == ["0-a", "7200-a", "14400-a"]
    store.postpone(ids[0], due=20)
    store.settle(ids[1], "delivered")
    assert [message.id for message in store.due(now=10)] == [ids[2]]
    assert [(m.id, m.attempts) for m in store.due(now=20)] == [(ids[0], 1), (ids[2], 0)]
    assert store.count("waiting") == 2 and store.count("delivered") == 1


def test_a_file_that_is_no_store_is_refused(tmp_path):
    (tmp_path / "x.db").write_text("not a database, " * 100)
    with pytest.raises(sqlite3.DatabaseError):
        AlertStore(tmp_path / "x.db")
