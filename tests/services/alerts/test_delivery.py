"""Nothing lost, nothing doubled: the receiver away, its answers lost, the sender killed."""

import os
import signal
from functools import partial

import httpx
import pytest

from mlsd_kit.services import http_service, process
from mlsd_kit.services.alerts import AlertStore, Delivery, receiver

HOUR = 3600
BOTH = pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])


def fill(path, count):
    store = AlertStore(path)
    for i in range(count):
        store.observe("a", 2 * HOUR * i, score=1.0, reason="uploads")
    return store


def kept(url):
    return httpx.get(f"{url}/alerts").json()


class Answers:
    """A receiver in memory that answers with given statuses, then with success."""

    def __init__(self, *statuses):
        self.statuses, self.keys = list(statuses), []

    def __call__(self, request):
        self.keys.append(request.headers["Idempotency-Key"])
        status = self.statuses.pop(0) if self.statuses else 204
        if status == 0:
            raise httpx.ConnectError("refused")
        return httpx.Response(status)


def delivery_to(answers, store, **settings):
    delivery = Delivery(store, "http://receiver/alerts", seed=0, **settings)
    delivery._client = httpx.Client(transport=httpx.MockTransport(answers))
    return delivery


@pytest.fixture
def store(tmp_path):
    store = fill(tmp_path / "alerts.db", 3)
    yield store
    store.close()


def test_all_go_out_in_order(store):
    answers = Answers()
    assert delivery_to(answers, store).run_once(0) == (3, 0, 0)
    assert answers.keys == ["0-a", "7200-a", "14400-a"]
    assert delivery_to(answers, store).run_once(0) == (0, 0, 0)


@pytest.mark.parametrize("status", [0, 500, 503, 429, 408])
def test_a_failure_ends_the_round_and_is_tried_again_under_the_same_key(store, status):
    answers = Answers(status)
    delivery = delivery_to(answers, store, base=10)
    assert delivery.run_once(0) == (0, 1, 0)
    assert delivery.run_once(4.9) == (2, 0, 0), "the first waits at least half of 10 s"
    assert delivery.run_once(10) == (1, 0, 0)
    assert answers.keys == ["0-a", "7200-a", "14400-a", "0-a"]


def test_waits_double_up_to_the_longest_and_are_spread(store):
    delivery = delivery_to(Answers(), store, base=1, longest=60)
    waits = [[delivery.wait(attempts) for _ in range(200)] for attempts in range(9)]
    for attempts, spread in enumerate(waits):
        longest = min(60, 2**attempts)
        assert longest / 2 <= min(spread) < 0.6 * longest
        assert 0.9 * longest < max(spread) <= longest
    assert delivery.wait(10**6) <= 60


def test_what_the_receiver_refuses_is_set_aside_and_blocks_nothing(store):
    answers = Answers(422)
    assert delivery_to(answers, store).run_once(0) == (2, 0, 1)
    assert store.count("refused") == 1 and store.count("waiting") == 0


def test_what_no_json_can_hold_is_refused_and_breaks_no_listing(store, tmp_path):
    bodies = [
        b"NaN",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b'{"a": 1',
        b"[" * 100_000,
    ]
    with http_service(partial(receiver, tmp_path / "kept.db")) as url:
        for body in bodies:
            head = {"Content-Type": "application/json", "Idempotency-Key": "k"}
            said = httpx.post(f"{url}/alerts", content=body, headers=head)
            assert said.status_code in (400, 422), body[:20]
        with pytest.raises(ValueError, match="surrogates"), store.transaction():
            store.observe("\ud800", 0, score=1.0, reason="a name that is no text")
        assert Delivery(store, f"{url}/alerts").run_once(0) == (3, 0, 0)
        assert [m["id"] for m in kept(url)] == ["0-a", "7200-a", "14400-a"]
    assert len(store.pages()) == 3


def test_a_conflict_means_it_is_there_already(store):
    assert delivery_to(Answers(409), store).run_once(0) == (3, 0, 0)


def test_lost_answers_double_nothing(store, tmp_path):
    app = partial(receiver, tmp_path / "kept.db", lose_answers=2)
    with http_service(app) as url:
        Delivery(store, f"{url}/alerts", base=0.01).run(20)
        assert [(m["at"], m["posts"]) for m in kept(url)] == [(0, 3), (7200, 1), (14400, 1)]
    assert store.count("delivered") == 3


def test_a_receiver_that_is_down_loses_nothing(store, tmp_path):
    with http_service(partial(receiver, tmp_path / "kept.db")) as url:
        url.process.kill()
        delivery = Delivery(store, f"{url}/alerts", base=0.01, longest=0.05)
        delivery.run(0.5)
        assert store.count("waiting") == 3 and store.due(1e12)[0].attempts >= 3
        url.process.restart()
        delivery.run(20)
        assert [m["id"] for m in kept(url)] == ["0-a", "7200-a", "14400-a"]
        assert [m["posts"] for m in kept(url)] == [1, 1, 1]


@BOTH
def test_a_receiver_killed_in_the_middle_keeps_each_once(tmp_path, wait_for, how):
    store = fill(tmp_path / "many.db", 60)
    with http_service(partial(receiver, tmp_path / "kept.db")) as url:
        delivery = Delivery(store, f"{url}/alerts", base=0.01, longest=0.05)
        while store.count("delivered") < 20:
            message = store.due(1e12)[0]
            assert delivery._post(message.id, message.body) == 204
            store.settle(message.id, "delivered")
        os.kill(url.process.pid, how)
        delivery.run_once()
        assert wait_for(lambda: not url.process.alive)
        url.process.restart()
        delivery.run(30)
        assert [m["at"] for m in kept(url)] == [2 * HOUR * i for i in range(60)]


def send(path, url):
    Delivery(AlertStore(path), url, base=0.01).run(60, poll=0.001)


@BOTH
def test_a_sender_killed_in_the_middle_loses_and_doubles_nothing(tmp_path, wait_for, how):
    store = fill(tmp_path / "many.db", 100)
    with http_service(partial(receiver, tmp_path / "kept.db")) as url:
        job = partial(send, tmp_path / "many.db", f"{url}/alerts")
        with process(job, name="sender") as sender:
            assert wait_for(lambda: store.count("delivered") > 10)
            os.kill(sender.pid, how)
            assert wait_for(lambda: not sender.alive)
            assert store.count("waiting") > 0, "it was killed in the middle"
            sender.restart()
            assert sender.wait(60) == 0
        assert [m["at"] for m in kept(url)] == [2 * HOUR * i for i in range(100)]
