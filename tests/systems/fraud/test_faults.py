"""The whole pipeline on a real broker: killed, stalled, sent twice, sent late."""

import os
import signal
import socket
import threading

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.services import broker, free_port
from mlsd_kit.systems.fraud import history
from mlsd_kit.systems.fraud.names import DELAY
from mlsd_kit.systems.fraud.pipeline import pipeline
from mlsd_kit.systems.fraud.trial import trial

RATE = 300  # payments a second


@pytest.fixture(scope="module")
def world(payments, offline, models, tmp_path_factory):
    """A running system that started on day 45, whole again after each test, and its features."""
    folder = tmp_path_factory.mktemp("world")
    cut = payments["time"].iloc[0].normalize() + pd.Timedelta(days=45)
    past, known = payments["time"] < cut, payments["time"] < cut - pd.Timedelta(days=DELAY)
    history.save(payments[past], known[past], folder / "past.npz")
    confirmed = payments[~known & (payments["fraud"] == 1)]
    settings = dict(past=folder / "past.npz", live=payments[~past], confirmed=confirmed, **models)
    expected = dict(zip(payments["id"], offline.to_numpy(float), strict=True))
    with trial(**settings) as running:
        yield running, expected


def differ(decisions, expected):
    return {
        d["id"]
        for d in decisions
        if not d["degraded"] and (np.array(d["features"]) != expected[d["id"]]).any()
    }


def all_decisions(running, sent):
    """What the topic holds in the end, each payment's decision and any second one."""
    wanted = {message["id"] for message in sent}
    running.reader.wait(wanted)
    late = {message["id"] for message in running.offer(running.take(20), RATE)}
    assert len(late) == 20  # what was sent last has been decided: so has all before
    return [d for d in running.reader.decisions if d["id"] in wanted]


def test_duplicates_and_late_payments(world):
    running, expected = world
    twice = [copy for m in running.take(300) for copy in [m] * (1 + m["id"] % 2)]
    running.offer(twice, RATE)
    messages = running.take(300)
    wait = np.random.default_rng(0).integers(0, 200, len(messages))
    late = [messages[k] for k in np.argsort(np.arange(len(messages)) + wait, kind="stable")]
    running.offer(late, RATE)
    after = running.take(100)
    running.offer(after, RATE)
    made = all_decisions(running, [*twice, *late, *after])
    ids = [d["id"] for d in made]
    assert len(ids) == len(set(ids)) == 700
    arrival = pd.DataFrame(late).assign(arrival=range(300)).sort_values("id")
    behind = arrival.groupby("card")["arrival"].cummax() > arrival["arrival"]
    overtaken = set(arrival.loc[behind, "id"])
    found = differ(made, expected)
    assert found <= overtaken
    degraded = {d["id"] for d in made if d["degraded"]}
    assert overtaken - found <= degraded
    assert len(overtaken) > 10


def test_a_killed_scorer_loses_nothing_and_decides_nothing_twice(world):
    running, expected = world

    def strike():
        for _ in range(2):
            os.kill(running.system.scorer.pid, signal.SIGKILL)
            running.system.scorer.wait()
            running.system.scorer.start()

    blow = threading.Timer(0.5, strike)
    blow.start()
    sent = running.take(450)
    running.offer(sent, RATE)
    blow.join()
    made = all_decisions(running, sent)
    ids = [d["id"] for d in made]
    assert sorted(ids) == sorted(message["id"] for message in sent)
    assert differ(made, expected) == set()


def test_a_stalled_store_degrades_and_then_knows_what_it_missed(world):
    running, expected = world
    with running.system.stalled_store():
        blind = running.take(200)
        marked = running.offer(blind, RATE)
    after = running.take(300)
    running.offer(after, RATE)
    made = all_decisions(running, [*blind, *after])
    assert len(marked) == 200
    assert sum(d["degraded"] for d in marked) > 150
    assert {d["model"] for d in made} == {"champion", "fallback"}
    ids = [d["id"] for d in made]
    assert len(ids) == len(set(ids)) == 500
    healed = [d for d in made[-100:] if not d["degraded"]]
    assert len(healed) > 50
    assert differ(made, expected) == set()


def test_a_killed_store_starts_anew_and_reads_the_log(world):
    running, expected = world
    before = running.take(150)
    running.offer(before, RATE)
    running.system.store.kill()
    blind = running.take(50)
    marked = running.offer(blind, RATE)
    running.system.store.start()
    made = []
    for _ in range(20):  # it reads its log meanwhile: how long that takes is the machine's affair
        made += running.offer(running.take(100), RATE)
        if sum(not d["degraded"] for d in made) > 50:
            break
    assert all(d["degraded"] for d in marked)
    assert sum(not d["degraded"] for d in made) > 50
    # a label sent before the store started is not forgotten, a payment it never saw is counted
    assert differ(made, expected) == set()


def test_a_port_that_the_store_loses_is_replaced(payments, models, tmp_path, monkeypatch):
    none = payments.head(0)
    history.save(none, none["fraud"] == 1, tmp_path / "past.npz")
    good = free_port()
    with socket.create_server(("127.0.0.1", 0)) as held, broker() as servers:
        offered = iter([held.getsockname()[1], good])
        monkeypatch.setattr("mlsd_kit.services.ports.free_port", offered.__next__)
        with pipeline(servers, tmp_path / "past.npz", **models) as system:
            assert system.store.alive and system.scorer.alive
            socket.create_connection(("127.0.0.1", good), timeout=5).close()
