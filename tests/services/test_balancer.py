"""A load balancer before web services: weights, drains, dead backends, queues."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import psutil
import pytest

from mlsd_kit.services import ServiceError, balancer, free_port, http_service
from mlsd_kit.services.programs import Program, why_absent

pytestmark = pytest.mark.skipif(
    bool(why_absent("balancer")), reason=why_absent("balancer") or "it is there"
)


class Replica(ThreadingHTTPServer):
    """A backend in a thread of this process, which says its name; some are slow or ill."""

    daemon_threads = True

    def __init__(self, says, *, port=0, status=200, seconds=0.0):
        self.says, self.status, self.seconds = says, status, seconds
        self.healthy, self.asked, self.links = True, Counter(), []
        super().__init__(("127.0.0.1", port), Answer)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}).start()

    def handle_error(self, request, client_address):
        """A balancer that ends a connection is no error of the backend's."""

    def get_request(self):
        link, address = super().get_request()
        self.links.append(link)
        return link, address

    def close(self):
        """As a process that ends: connections that are kept alive end, too."""
        self.shutdown()
        self.server_close()
        for link in self.links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: else each answer waits for an acknowledgement

    def do_GET(self):
        self.server.asked[self.path] += 1
        time.sleep(self.server.seconds)
        well = self.server.healthy or self.path != "/health"
        body = self.server.says.encode()
        self.send_response(self.server.status if well else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def replica():
    """Makes backends, which end with the test."""
    with contextlib.ExitStack() as stack:

        def make(says, **about):
            made = Replica(says, **about)
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture
def pair(replica):
    return {name: replica(name).url for name in ("one", "two")}


def answers(url, count, path="/"):
    """Who answers ``count`` requests, one after the other; a failure is its status."""
    with httpx.Client(timeout=20) as client:
        got = [client.get(url + path) for _ in range(count)]
    return Counter(each.text if each.status_code == 200 else each.status_code for each in got)


def test_both_answer_and_nothing_is_left(pair, running):
    with balancer(pair) as url:
        assert answers(url, 20) == {"one": 10, "two": 10}
        pid, folder = url.process.pid, url.process.folder
    assert not running(pid) and not folder.exists()


def test_it_listens_on_loopback_only_at_its_address(pair):
    with balancer(pair) as url:
        connections = psutil.Process(url.process.pid).net_connections("inet")
        at = {c.laddr for c in connections if c.status == psutil.CONN_LISTEN}
        assert [f"http://{each.ip}:{each.port}" for each in at] == [url]


def test_two_at_once_do_not_meet(replica):
    with (
        balancer({"a": replica("one").url}) as one,
        balancer({"a": replica("two").url}) as two,
    ):
        assert answers(one, 5) == {"one": 5} and answers(two, 5) == {"two": 5}
        one.weigh("a", 7)
        assert one.states()["a"].weight == 7 and two.states()["a"].weight == 100


def test_weights_move_the_traffic(pair):
    with balancer(pair, weights={"one": 30, "two": 10}) as url:
        assert answers(url, 80) == {"one": 60, "two": 20}
        url.weigh("one", 0)
        assert answers(url, 20) == {"two": 20}
        url.weigh("one", 90)
        assert answers(url, 100) == {"one": 90, "two": 10}
        assert [each.weight for each in url.states().values()] == [90, 10]


def test_restarted_it_has_the_address_and_the_weights_of_its_start(pair):
    with balancer(pair, weights={"one": 30, "two": 10}) as url:
        url.weigh("one", 0)
        url.process.kill()
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)
        url.process.restart()
        assert answers(url, 40) == {"one": 30, "two": 10}


def test_states_count_the_requests_of_each(pair):
    with balancer(pair) as url:
        answers(url, 10)
        for now in url.states().values():
            assert (now.state, now.requests, now.busy, now.queued) == ("up", 5, 0, 0)


def test_a_drain_under_load_loses_no_request_and_leaves_the_backend_idle(replica, wait_for):
    slow = replica("one", seconds=0.05)
    with balancer({"one": slow.url, "two": replica("two").url}) as url:
        stop = threading.Event()

        def ask():
            got = []
            with httpx.Client(timeout=20) as client:
                while not stop.is_set():
                    got.append(client.get(url).status_code)
            return got

        with ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(ask) for _ in range(4)]
            assert wait_for(lambda: url.states()["one"].requests >= 8)
            url.drain("one")
            assert url.states()["one"].state == "drain" and url.states()["one"].busy == 0
            served = slow.asked["/"]
            slow.close()  # it may be ended now: this is how a new version is rolled out
            time.sleep(0.2)
            fresh = replica("one, next version", port=slow.server_address[1])
            url.ready("one")
            assert wait_for(lambda: fresh.asked["/"])
            stop.set()
            statuses = Counter(status for each in asking for status in each.result())
    assert slow.asked["/"] == served >= 8, "after the drain it got nothing more"
    assert set(statuses) == {200} and statuses[200] > served


def test_a_drain_says_when_a_backend_does_not_come_to_an_end(replica, wait_for):
    slow = replica("one", seconds=2.0)
    with (
        balancer({"one": slow.url, "two": replica("two").url}) as url,
        ThreadPoolExecutor(1) as pool,
    ):
        asked = pool.submit(httpx.get, url, timeout=20)
        assert wait_for(lambda: slow.asked["/"])
        with pytest.raises(ServiceError, match=r"'one' still works after 0\.1 s"):
            url.drain("one", timeout=0.1)
        assert asked.result().text == "one"


def test_a_backend_that_does_not_come_up_is_said(pair, wait_for):
    dead = f"http://127.0.0.1:{free_port()}"
    with balancer({**pair, "dead": dead}) as url:
        assert wait_for(lambda: url.states()["dead"].state == "down")
        with pytest.raises(ServiceError, match="'dead' is not up after"):
            url.ready("dead", timeout=0.1)


def test_a_dead_backend_is_left_out_and_comes_back(replica, wait_for):
    one = replica("one")
    with balancer({"one": one.url, "two": replica("two").url}, retries=0) as url:
        assert answers(url, 10) == {"one": 5, "two": 5}
        one.close()
        assert wait_for(lambda: url.states()["one"].state == "down")
        assert "servers/one is DOWN" in url.process.tail(50)
        assert answers(url, 10) == {"two": 10}
        replica("one", port=one.server_address[1])
        url.ready("one")
        assert answers(url, 10)["one"] >= 4


def test_a_backend_whose_check_fails_is_left_out(replica, wait_for):
    one = replica("one")
    with balancer({"one": one.url, "two": replica("two").url}, check="/health") as url:
        one.healthy = False
        assert wait_for(lambda: url.states()["one"].state == "down")
        assert answers(url, 10) == {"two": 10}


def test_a_backend_that_answers_with_errors_is_left_out_if_they_are_counted(replica):
    both = {"well": replica("well").url, "ill": replica("ill", status=500).url}
    with balancer(both) as url:
        assert answers(url, 40)[500] == 20
    with balancer(both, errors=3) as url:
        found = answers(url, 40)
    assert 3 <= found[500] < 20, "its checks, which only connect, may let it in once more"


def app():
    import time

    from fastapi import FastAPI

    made = FastAPI()

    @made.get("/")
    def work() -> str:
        time.sleep(0.02)
        return "done"

    return made


def test_a_backend_killed_under_load_costs_no_request_where_others_are_tried(wait_for):
    def ask(_):
        with httpx.Client(timeout=20) as client:
            return [client.get(url).status_code for _ in range(30)]

    with http_service(app) as one, http_service(app) as two:
        with balancer({"one": one, "two": two}) as url, ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(ask, each) for each in range(4)]
            assert wait_for(lambda: url.states()["one"].requests >= 10)
            one.process.kill()
            statuses = Counter(status for each in asking for status in each.result())
            failed = url.states()["one"].errors
        assert statuses == {200: 120}
        assert failed >= 1, "it was killed while it was asked"


def test_a_full_queue_is_503_and_the_rest_is_served(replica):
    slow = replica("one", seconds=1.5)
    with balancer({"one": slow.url}, at_once=1, queue=0.1) as url, ThreadPoolExecutor(4) as pool:
        found = Counter(pool.map(lambda _: httpx.get(url, timeout=20).status_code, range(4)))
    assert found == {200: 1, 503: 3}
    assert slow.asked["/"] == 1, "who waits for too long is not passed on"


def test_a_slow_answer_is_504(replica):
    with balancer({"one": replica("one", seconds=1.0).url}, answer=0.1, retries=0) as url:
        assert httpx.get(url, timeout=20).status_code == 504


def test_killed_it_is_noticed_and_its_log_kept(pair, wait_for):
    with balancer(pair) as url:
        os.kill(url.process.pid, signal.SIGKILL)
        assert wait_for(lambda: not url.process.alive)
        with pytest.raises(ServiceError, match=r"balancer died \(signal 9\)"):
            url.process.check()
        with pytest.raises(ServiceError, match=r"runtime socket .* does not answer"):
            url.states()
    assert url.process.log.exists()


def test_it_dies_with_its_parent(pair, running, wait_for, tmp_path):
    code = (
        "import sys; from mlsd_kit.services import balancer\n"
        f"with balancer({pair!r}) as url: print(url.process.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    pid = int(parent.stdout.readline())
    assert running(pid)
    parent.kill()
    parent.communicate()
    assert wait_for(lambda: not running(pid))


def test_a_server_of_ones_own_is_used_and_told_what_to_do_by_its_socket(pair, monkeypatch):
    with balancer(pair) as theirs:
        monkeypatch.setenv("MLSD_BALANCER_URL", f"{theirs}/")
        with balancer({}) as url:
            assert url == theirs and url.process is None
            with pytest.raises(ServiceError, match="has no runtime socket: set MLSD_BALANCER_SOCK"):
                url.states()
        monkeypatch.setenv("MLSD_BALANCER_SOCKET", theirs.socket)
        with balancer({}) as url:
            url.weigh("one", 0)
            assert answers(url, 10) == {"two": 10}


def test_a_runtime_socket_at_a_port_is_spoken_to_as_well(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("MLSD_BALANCER_URL", "http://a.example")
        monkeypatch.setenv("MLSD_BALANCER_SOCKET", place)

        def once():
            link, _ = server.accept()
            with link:
                heard.append(link.recv(100))

        heard = []
        thread = threading.Thread(target=once)
        thread.start()
        with balancer({}) as url:
            url.weigh("one", 5)
        thread.join()
    assert heard == [b"set server servers/one weight 5\n"]


def test_a_connection_without_a_request_is_closed(pair):
    with balancer(pair) as url:
        at = ("127.0.0.1", int(url.rpartition(":")[2]))
        with socket.create_connection(at, timeout=30) as silent:
            silent.settimeout(30)
            assert b"".join(iter(lambda: silent.recv(1000), b"")).count(b" 200 ") == 0
        assert httpx.get(url).status_code == 200


def test_a_port_in_use_is_refused(pair):
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port} is in use"):
            balancer(pair, port=port).__enter__()


def test_another_balancer_at_the_port_is_not_taken_for_ours(pair, monkeypatch):
    good = free_port()
    with balancer(pair) as one:
        offered = iter([int(one.rpartition(":")[2]), good])
        monkeypatch.setattr("mlsd_kit.services.ports.free_port", offered.__next__)
        with balancer(pair) as other:
            assert other == f"http://127.0.0.1:{good}" and other.process.alive
        assert one.process.alive


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"backends": {}}, "needs backends"),
        ({"backends": {"one": "http://a.example"}}, "is no backend: give a name"),
        ({"backends": {"one two": "http://127.0.0.1:1"}}, "'one two' at .* is no backend"),
        ({"weights": {"three": 1}}, "weights for three, which are no backends"),
        ({"weights": {"one": 257}}, "'one' has the weight 257: give 0 to 256"),
        ({"balance": "fair\nmode tcp"}, "more than one line"),
        ({"balance": "fair"}, r"(?s)did not start \(exit code 1\).*balance only supports"),
    ],
)
def test_what_cannot_be_is_said_at_once(given, says):
    given = {"backends": {"one": "http://127.0.0.1:1"}, **given}
    with pytest.raises(ServiceError, match=says):
        balancer(**given).__enter__()


def test_a_backend_that_is_not_there_is_said(pair):
    with balancer(pair) as url:
        for order in (lambda: url.weigh("three", 1), lambda: url.drain("three")):
            with pytest.raises(ServiceError, match=r"for 'three': No such server"):
                order()
        with pytest.raises(ServiceError, match="give 0 to 256"):
            url.weigh("one", -1)


def use(monkeypatch, program, script):
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(Program, "path", lambda self: program)


def test_a_program_that_ends_at_once_is_reported_with_its_words(pair, tmp_path, monkeypatch):
    use(monkeypatch, tmp_path / "haproxy", "echo no memory; exit 3")
    with pytest.raises(ServiceError, match=r"(?s)did not start \(exit code 3\).*no memory"):
        balancer(pair).__enter__()


def test_a_program_that_never_answers_is_given_up(pair, tmp_path, monkeypatch):
    use(monkeypatch, tmp_path / "haproxy", "sleep 60")
    with pytest.raises(ServiceError, match="was not ready after"):
        balancer(pair, timeout=0.5).__enter__()
