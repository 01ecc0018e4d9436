"""A disk that is full under the outbox, and a clock that goes back: late, but nothing is lost."""

import resource
import sqlite3
import sys
import time
from functools import partial

import httpx
import psutil
import pytest

from mlsd_kit.services import http_service, process
from mlsd_kit.services.alerts import AlertStore, AlertStoreError, Delivery, receiver

HOUR = 3600


def observe(store, number):
    return store.observe(f"host {number}", 2 * HOUR * number, score=1.0, reason="uploads" * 20)


def limited(room, function, *arguments):
    """Run it where no file may be longer than so many bytes: a disk that is full, for one user."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    return function(*arguments)


def free_space(pid):
    """What somebody does who deletes files: the process itself is left alone."""
    psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux lets another process's limits be raised again"
)


def test_on_a_full_disk_nothing_is_half_kept_and_later_all_is_as_if_it_had_never_been(tmp_path):
    undisturbed, store = AlertStore(":memory:"), AlertStore(tmp_path / "alerts.db")
    for number in range(200):
        observe(undisturbed, number)
    pages = store._database.execute("PRAGMA page_count").fetchone()[0]
    store._database.execute(f"PRAGMA max_page_count = {pages + 5}")
    number = 0
    with pytest.raises(AlertStoreError, match=r"alerts.db: .* is full: free space on its disk"):
        while number < 200:
            with store.transaction():
                observe(store, number)
                observe(store, number + 1)
                store.set_progress("offset", number + 2)
            number += 2
    assert 0 < number < 200
    assert store.progress("offset", 0) == len(store.pages()) == number
    store._database.execute("PRAGMA max_page_count = 1000000")
    for rest in range(number, 200):
        assert observe(store, rest) == "paged"
    assert store.pages() == undisturbed.pages()
    assert [m.id for m in store.due(0)] == [m.id for m in undisturbed.due(0)]


def test_a_file_that_cannot_be_made_is_said_in_a_sentence(tmp_path):
    with pytest.raises(AlertStoreError, match="see that this user may write there"):
        AlertStore(tmp_path / "no folder" / "alerts.db")
    (tmp_path / "x.db").write_text("not a database, " * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):  # no disk is to blame
        AlertStore(tmp_path / "x.db")


@linux
def test_a_receiver_on_a_full_disk_takes_nothing_that_it_cannot_keep(tmp_path):
    store, file = AlertStore(tmp_path / "alerts.db"), tmp_path / "kept.db"
    for number in range(150):
        observe(store, number)
    with http_service(partial(limited, 40_000, receiver, file)) as url:
        delivery = Delivery(store, f"{url}/alerts", base=0.01, longest=0.05)
        while (told := delivery.run_once(1e12)).failed == 0:
            assert told.delivered, "all went out: the disk was never full"
        said = delivery._client.post(
            f"{url}/alerts", json={"a": "x" * 9000}, headers={"Idempotency-Key": "long"}
        )
        assert said.status_code == 503 and "free space on the disk of" in said.text
        kept = httpx.get(f"{url}/alerts").json()
        assert 0 < store.count("delivered") <= len(kept) < 150
        free_space(url.process.pid)
        delivery.run(60)
        assert store.count("delivered") == 150 and store.count("refused") == 0
        kept = httpx.get(f"{url}/alerts").json()
        assert [m["at"] for m in kept] == [2 * HOUR * n for n in range(150)]
        assert url.process.alive


def send(file, url):
    Delivery(AlertStore(file), url, base=0.01, longest=0.2).run(120, poll=0.001)


@linux
def test_a_sender_whose_disk_is_full_sends_again_and_the_receiver_keeps_each_once(
    tmp_path, wait_for
):
    store = AlertStore(tmp_path / "alerts.db")
    for number in range(100):
        observe(store, number)
    store.close()  # the log of the file is folded in: the sender begins with an empty one
    with http_service(partial(receiver, tmp_path / "kept.db")) as url:
        job = partial(limited, 100_000, send, tmp_path / "alerts.db", f"{url}/alerts")

        def listed():
            return httpx.get(f"{url}/alerts").json()

        with process(job, name="sender") as sender:
            assert wait_for(lambda: any(m["posts"] > 2 for m in listed()), 60)
            stuck = AlertStore(tmp_path / "alerts.db").count("waiting")
            assert 0 < stuck < 100
            free_space(sender.pid)
            assert sender.wait(120) == 0, sender.tail()
        assert [m["at"] for m in listed()] == [2 * HOUR * n for n in range(100)]
    assert AlertStore(tmp_path / "alerts.db").count("delivered") == 100


def test_a_store_that_stays_full_is_said_at_the_end(tmp_path, monkeypatch):
    store = AlertStore(tmp_path / "alerts.db")
    observe(store, 1)

    def full(*_):
        raise AlertStoreError("alerts.db: full")

    monkeypatch.setattr(store, "postpone", full)
    delivery = Delivery(store, "http://127.0.0.1:1/alerts", base=0.01, longest=0.02, timeout=0.1)
    with pytest.raises(AlertStoreError, match="full"):
        delivery.run(0.3)
    assert store.count("waiting") == 1


@pytest.mark.parametrize("jump", [-HOUR, HOUR], ids=["back", "forth"])
def test_a_clock_that_jumps_delays_no_message_by_more_than_the_longest_wait(
    tmp_path, monkeypatch, jump
):
    store, now = AlertStore(tmp_path / "alerts.db"), [1e9]
    monkeypatch.setattr(time, "time", lambda: now[0])
    observe(store, 1)
    answers = [httpx.Response(503), httpx.Response(204)]
    delivery = Delivery(store, "http://receiver/alerts", base=30, longest=60, seed=0)
    delivery._client = httpx.Client(transport=httpx.MockTransport(lambda _: answers.pop(0)))
    assert delivery.run_once() == (0, 1, 0)
    now[0] += 5
    assert delivery.run_once() == (0, 0, 0)  # its wait is not over
    now[0] += jump
    sent = [delivery.run_once()]
    for _ in range(60):
        now[0] += 1
        sent.append(delivery.run_once())
    assert sum(each.delivered for each in sent) == 1
    assert answers == []
