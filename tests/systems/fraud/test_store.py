"""The store's answers and its client's patience, over real sockets."""

import json
import socket
import threading
import time

import pytest

from mlsd_kit.services import free_port
from mlsd_kit.systems.fraud import log, store
from mlsd_kit.systems.fraud.load import messages
from mlsd_kit.systems.fraud.state import PaymentState
from mlsd_kit.systems.fraud.store import Store, StoreClient


@pytest.fixture
def stream(payments):
    return list(enumerate(messages(payments)[:300]))


@pytest.fixture
def a_log(stream, monkeypatch):
    """Stands for the payments topic; notes what was read of it."""
    asked = []

    def read(servers, topic, start, stop):
        asked.append((start, stop))
        return iter(stream[start:stop])

    monkeypatch.setattr(log, "read", read)
    return asked


def in_order(stream):
    state = PaymentState()
    return [state.update(payment) for _, payment in stream]


def test_consecutive_requests_need_no_log(stream, a_log):
    kept = Store(PaymentState(), "nowhere")
    found = [row for k in range(0, 300, 10) for row in kept.answer(stream[k : k + 10])]
    assert found == in_order(stream)
    assert a_log == []


def test_a_gap_is_read_from_the_log_before_the_answer(stream, a_log):
    kept = Store(PaymentState(), "nowhere")
    kept.answer(stream[:50])
    assert kept.answer(stream[200:210]) == in_order(stream)[200:210]
    assert a_log == [(50, 200)]


def test_a_store_that_starts_anew_catches_up(stream, a_log):
    assert Store(PaymentState(), "nowhere").answer(stream[250:]) == in_order(stream)[250:]


def test_a_request_that_comes_again_gets_the_same_answer(stream, a_log):
    kept = Store(PaymentState(), "nowhere")
    first = kept.answer(stream[:20])
    assert kept.answer(stream[:20]) == first
    assert kept.position == 20


class Peer:
    """Answers requests with the ids asked for, when it is told to."""

    def __init__(self):
        self.port, self.may_answer = free_port(), threading.Event()
        self.may_answer.set()
        self.requests = []
        listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.run, args=(listener,), daemon=True).start()

    def run(self, listener):
        while True:
            link = store._connection(listener.accept()[0])
            try:
                while True:
                    number, asked = json.loads(link.recv_bytes())
                    self.requests.append(asked)
                    self.may_answer.wait()
                    if asked == ["hang up"]:
                        break
                    link.send_bytes(json.dumps([number, asked]).encode())
            except EOFError:
                pass
            link.close()


def test_an_answer_in_time_is_the_answer():
    peer = Peer()
    client = StoreClient(peer.port, timeout=5)
    assert [client.ask([k]) for k in range(3)] == [[0], [1], [2]]


def test_nobody_listening_is_no_answer():
    client = StoreClient(free_port(), timeout=5)
    assert client.ask([1]) is None


def test_a_stall_costs_one_time_out_and_a_late_answer_is_never_taken_for_another(wait_for):
    peer = Peer()
    client = StoreClient(peer.port, timeout=0.2)
    assert client.ask(["a"]) == ["a"]
    peer.may_answer.clear()
    start = time.monotonic()
    assert [client.ask([k]) for k in range(50)] == [None] * 50
    assert time.monotonic() - start < 50 * 0.2 / 2  # not one time-out each
    assert peer.requests == [["a"], [0]]  # the others were not sent
    peer.may_answer.set()
    answers = []
    assert wait_for(lambda: bool(answers.append(client.ask(["b"])) or answers[-1]))
    assert answers[-1] == ["b"]


def test_after_a_broken_connection_it_connects_again():
    peer = Peer()
    client = StoreClient(peer.port, timeout=5)
    assert client.ask(["a"]) == ["a"]
    assert client.ask(["hang up"]) is None
    assert client.ask(["b"]) == ["b"]
