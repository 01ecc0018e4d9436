"""The whole pipeline on a real broker: killed, stalled, sent twice, sent late."""

import json
import os
import re
import signal
import socket
import threading
from collections import Counter

import numpy as np
import pandas as pd
import psutil
import pytest
from confluent_kafka import KafkaException

from mlsd_kit.services import broker, free_port
from mlsd_kit.services.load import Load
from mlsd_kit.systems.fraud import history, load, log
from mlsd_kit.systems.fraud.names import DELAY, LABELS, PAYMENTS
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


def decided_while_ended(running, parts, how, count):
    """Decisions, one for each payment, of a load in whose middle the parts are ended in turn."""

    def strike():
        for part in parts:
            os.kill(part.pid, how)
            part.wait()
            part.start()

    sent = running.take(count)
    blow = threading.Timer(count / RATE / 3, strike)
    blow.start()
    running.offer(sent, RATE)
    blow.join()
    made = all_decisions(running, sent)
    assert sorted(d["id"] for d in made) == sorted(message["id"] for message in sent)
    return made


def test_a_killed_scorer_loses_nothing_and_decides_nothing_twice(world):
    running, expected = world
    made = decided_while_ended(running, [running.system.scorer] * 2, signal.SIGKILL, 450)
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


def poisoned(payment):
    """Messages that no payment is: cut off, of another kind, with numbers that are none."""
    whole = {**payment, "due": 0.0, "sent": 0.0}
    return [
        b"",
        b'{"id": 1, "ti',
        b"[1, 2]",
        b"[" * 100_000,
        json.dumps({**whole, "due": float("nan")}).encode(),
        json.dumps({**whole, "cents": "12"}).encode(),
        json.dumps({**whole, "cents": 10**30}).encode(),
        json.dumps({**whole, "time": 10**11}).encode(),
        json.dumps({**whole, "card": "12"}).encode(),
        json.dumps({name: whole[name] for name in ("id", "time", "card")}).encode(),
    ]


def test_messages_that_cannot_be_read_are_set_aside_and_disturb_no_decision(world):
    running, expected = world
    before = running.take(100)
    running.offer(before, RATE)
    for raw in (bad := poisoned(before[0])):
        running._out.produce(PAYMENTS, raw, partition=0)
    running._out.produce(LABELS, b'{"id": 5}', partition=0)
    with pytest.raises(KafkaException, match="MSG_SIZE_TOO_LARGE"):  # its sender hears of it
        running._out.produce(PAYMENTS, b"x" * 50_000_000, partition=0)
    after = running.take(200)
    running.offer(after, RATE)
    made = all_decisions(running, [*before, *after])
    assert [d["id"] for d in made] == [m["id"] for m in [*before, *after]]
    assert differ(made, expected) == set()
    dead = log.dead_letters(running.servers)
    assert Counter(letter.topic for letter in dead) == {PAYMENTS: len(bad), LABELS: 1}
    assert {letter.reason for letter in dead} >= {
        "not JSON", "not an object", "cents is missing or no int", "card is no card number"
    }  # fmt: skip
    assert not any(re.search(r"\d{12}", letter.text) for letter in dead), "no card number is shown"
    assert "set aside: payments" in running.system.scorer.tail()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_however_scorer_and_store_are_ended_every_payment_gets_one_decision(world, how):
    running, expected = world
    parts = [running.system.scorer, running.system.store]
    made = decided_while_ended(running, parts, how, 300)
    assert differ(made, expected) == set()


def test_a_thousand_half_open_connections_do_not_end_the_store_nor_the_answers(world, half_open):
    running, expected = world
    found = psutil.Process(running.system.store.pid).net_connections()
    (port,) = {c.laddr.port for c in found if c.status == psutil.CONN_LISTEN}
    held = half_open(port, 1000)
    held[-1].send(b"\x00\x00\x00\x10half of a reque")
    held[-2].send(b"\x7f\xff\xff\xff")  # "two gigabytes follow"
    held[-3].send(b"\x00\x00\x00\x07no JSON")
    made, count = [], 0
    while count < 1000 and sum(not d["degraded"] for d in made) <= 50:
        made += running.offer(running.take(50), RATE)
        count += 50
    assert len(made) == count
    assert sum(not d["degraded"] for d in made) > 50
    assert differ(made, expected) == set()
    assert running.system.store.alive
    assert "sent no request" in running.system.store.tail()


def test_after_a_broker_restarted_empty_both_end_with_a_sentence_and_start_anew(
    payments, models, tmp_path, wait_for
):
    """Lost is what the broker held: payments without a decision, and decisions nobody has read."""
    none = payments.head(0)
    history.save(none, none["fraud"] == 1, tmp_path / "past.npz")
    stream = load.messages(payments)

    def offer(few):
        reader, out = load.Reader(servers), log.producer(servers)
        load.send(out, few, Load(RATE, len(few) / RATE, poisson=False))
        made = reader.wait({message["id"] for message in few})
        reader.close()
        out.close()
        return made

    with broker() as servers, pipeline(servers, tmp_path / "past.npz", **models) as system:
        assert len(offer(stream[:100])) == 100
        servers.process.kill()
        servers.process.restart()
        for one in (system.scorer, system.store):
            assert wait_for(lambda one=one: not one.alive, 30)
            assert "the broker has lost its topic" in one.tail(1)
            assert "Traceback" not in one.tail(100)
        system.store.start()
        system.scorer.start()
        made = offer(stream[100:200])
        assert [d["id"] for d in made] == [message["id"] for message in stream[100:200]]
        assert [d["offset"] for d in made] == list(range(100))
