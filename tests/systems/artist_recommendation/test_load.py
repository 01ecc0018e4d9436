"""The driver: open load, what counts as failed, windows."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pandas as pd
import pytest

from mlsd_kit.services import free_port
from mlsd_kit.systems.artist_recommendation.load import offer, windows


@pytest.fixture
def server():
    """Answers /ok at once, /slow after 0.3 s, /bad with an error, /cut not at all."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.path == "/cut":
                self.close_connection = True
                return
            if self.path == "/slow":
                time.sleep(0.3)
            body = b'{"source": "store"}'
            self.send_response(500 if self.path == "/bad" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def test_every_request_has_its_due_time_and_its_answer(server):
    found = offer(server, ["/ok"] * 40, rate=200, connections=4)
    assert found["due"].tolist() == [pytest.approx(k / 200) for k in range(40)]
    assert (found["status"] == 200).all() and (found["source"] == "store").all()
    assert (found["total"] > 0).all() and (found["driver"] >= 0).all()


def test_waiting_for_a_free_connection_counts(server):
    found = offer(server, ["/slow"] * 3, rate=1000, connections=1)
    assert (found["total"] / 300 >= [0.99, 1.98, 2.97]).all()
    assert found["driver"].max() < 300  # the service's fault, not the driver's


def test_errors_and_broken_connections_are_failures_and_the_next_request_goes_on(server):
    found = offer(server, ["/ok", "/bad", "/cut", "/ok"], rate=50, connections=1)
    assert found["status"].tolist() == [200, 500, 0, 200]
    assert found["source"].tolist() == ["store", "", "", "store"]


def test_nobody_there_fails_every_request():
    found = offer(f"http://127.0.0.1:{free_port()}", ["/ok"] * 5, rate=100, connections=2)
    assert found["status"].tolist() == [0] * 5


def requests(count, rate, **columns):
    base = {"driver": 0.0, "total": 1.0, "status": 200, "source": "store"}
    return pd.DataFrame({"due": [k / rate for k in range(count)], **{**base, **columns}})


def test_windows_count_what_is_in_them():
    table = requests(400, 100)
    table.loc[150, ["total", "status", "driver"]] = [80.0, 0, 7.0]
    table.loc[200:249, "source"] = "degraded"
    found = windows(table, seconds=1.0)
    assert found["requests"].tolist() == [100] * 4
    assert found["failed"].tolist() == [0, 1, 0, 0]
    assert found["degraded"].tolist() == [0, 0, 0.5, 0]
    assert found["driver"].tolist() == [0, 7, 0, 0]
    assert found["p50"].tolist() == [1.0] * 4 and found["p99"][1] > 1.0


def test_a_window_that_is_not_full_is_left_out():
    assert windows(requests(250, 100), seconds=1.0)["requests"].tolist() == [100, 100]
