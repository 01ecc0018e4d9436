"""The load driver: due times, every window, and the one reason to set one aside."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.services import free_port, process
from mlsd_kit.services.load import Load, Measured, getting
from mlsd_kit.services.outside_work import Beside, OutsideWork, watching

LOOP = "while True: pass"


def measured(totals, outside, *, most_outside=0.25, ok=True):
    """A measurement of windows of a second with these latencies, evenly spread over them."""
    due = np.arange(len(totals)) * len(outside) / len(totals)
    table = pd.DataFrame({"due": due, "late": 1.0, "total": np.asarray(totals, float), "ok": ok})
    edges = np.arange(len(outside) + 1.0)
    return Measured(table, edges, np.asarray(outside, float), most_outside)


# ---- the timetable


def test_even_moments_and_poisson_moments():
    even = Load(rate=100, seconds=2, poisson=False).due
    np.testing.assert_allclose(np.diff(even), 0.01)
    assert len(even) == 200
    chance = Load(rate=1000, seconds=10).due
    gaps = np.diff(chance)
    assert len(chance) == pytest.approx(10_000, abs=400)  # four standard deviations
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.1)  # exponential
    assert chance[0] >= 0 and chance[-1] < 10 and (gaps >= 0).all()


def test_a_seed_repeats_the_moments():
    assert (Load(50, 2, seed=3).due == Load(50, 2, seed=3).due).all()
    assert Load(50, 2, seed=3).due[0] != Load(50, 2, seed=4).due[0]


def test_there_is_at_least_one_request():
    assert len(Load(rate=0.01, seconds=0.1).due) == 1
    assert len(Load(rate=0.01, seconds=0.1, poisson=False).due) == 1


@pytest.mark.parametrize(
    "wrong", [{"rate": 0}, {"seconds": -1}, {"window": 0}, {"rate": float("inf")}]
)
def test_what_is_no_timetable_is_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be positive"):
        Load(**({"rate": 1, "seconds": 1} | wrong))
    with pytest.raises(ValueError, match="most_outside"):
        Load(1, 1, most_outside=1.5)


# ---- latency counts from the due time


class Stalling:
    """Answers at once, but for one stall during which nobody gets an answer."""

    def __init__(self, after, seconds):
        self.start, self.after, self.seconds = time.monotonic(), after, seconds
        self.lock, self.stalled = threading.Lock(), False

    def __call__(self, number):
        with self.lock:
            if not self.stalled and time.monotonic() - self.start > self.after:
                self.stalled = True
                time.sleep(self.seconds)
        return {"number": number}


def test_a_stall_is_charged_to_all_who_were_due_in_it():
    found = Load(rate=200, seconds=1, poisson=False).call(Stalling(0.3, 0.4), connections=4)
    table = found.requests
    assert table["number"].tolist() == list(range(200)) and table["ok"].all()
    waited = (table["total"] > 20).mean()
    assert waited > 0.3  # 0.4 of a second; a driver that waits would have seen four of 200
    assert table["total"].max() > 380
    # who was due in the middle of the stall waited for half of it, though not yet sent
    first = table["due"][table["total"].idxmax()]
    middle = table[table["due"].between(first + 0.18, first + 0.22)]
    assert middle["total"].min() > 150


def test_the_time_without_a_free_connection_is_the_systems_not_the_drivers():
    found = Load(rate=100, seconds=0.5, poisson=False).call(
        lambda k: time.sleep(0.05), connections=1
    )
    assert found.requests["total"].iloc[-1] > 1500  # 50 requests of 50 ms, due within 500 ms
    assert found.requests["late"].median() < 20


def test_tasks_of_an_event_loop_do_not_wait_for_each_other():
    async def ask(number):
        await asyncio.sleep(0.2 if number == 0 else 0.001)
        return {"number": number}

    found = asyncio.run(Load(rate=100, seconds=0.3, poisson=False).acall(ask))
    table = found.requests
    assert table["number"].tolist() == list(range(30))
    assert table["total"][0] >= 200 and table["total"][1:].median() < 100


def test_what_was_sent_is_measured_when_it_was_seen():
    due_times = {}
    sent = Load(rate=50, seconds=0.2, poisson=False).send(
        lambda number, due, at: due_times.update({number: due})
    )
    found = sent.seen(
        {number: due + 0.1 * number for number, due in due_times.items() if number < 9}
    )
    assert found.requests["total"][:9].tolist() == pytest.approx([100 * k for k in range(9)])
    assert found.requests["total"][9] == np.inf and found.failed == 1


def test_a_sender_that_is_slow_keeps_the_timetable():
    due_times = []

    def put(number, due, at):
        due_times.append(due)
        time.sleep(0.03)

    found = Load(rate=1000, seconds=0.01, poisson=False).send(put).seen({})
    assert np.diff(due_times) == pytest.approx([0.001] * 9, abs=1e-6)
    assert found.failed == 10


def test_errors_and_bad_answers_are_failures_with_their_latency():
    def ask(number):
        if number % 2:
            raise ConnectionError("gone")
        return {"ok": number % 4 == 0}

    found = Load(rate=100, seconds=0.2, poisson=False).call(ask)
    assert found.failed == 15
    assert found.requests["total"].max() < 1000
    assert "gone" in found.requests["error"][1]


# ---- every window counts


def test_windows_hold_every_request_once():
    found = measured(range(1000), [0.1, 0.9, 0.1, 0.1])
    table = found.windows
    assert table["requests"].tolist() == [250] * 4
    assert table["from"].tolist() == [0, 1, 2, 3]
    assert table["worst"].tolist() == [249, 499, 749, 999]
    assert table["aside"].tolist() == [False, True, True, False]  # it leaves a queue behind
    assert len(found.counted) == 1000  # too few would be left: undecided, so all


def test_a_window_in_which_nothing_was_due_is_there():
    table = pd.DataFrame({"due": [0.1, 2.5], "late": 0.0, "total": 1.0, "ok": True})
    found = Measured(table, np.arange(4.0), np.zeros(3), 0.25)
    assert found.windows["requests"].tolist() == [1, 0, 1]


def test_windows_divide_the_time_evenly():
    found = Load(rate=100, seconds=0.5, window=0.2, poisson=False).call(lambda k: None)
    assert found.edges.tolist() == pytest.approx([0, 0.25, 0.5])
    assert found.windows["requests"].sum() == 50 and len(found.outside) == 2


def test_a_percentile_takes_ten_requests_beyond_it():
    assert measured(range(1000), [0.0]).percentile(99) == pytest.approx(990, abs=1)
    with pytest.raises(ValueError, match="a p99 takes 1,000 requests, and there are 999"):
        measured(range(999), [0.0]).percentile(99)
    with pytest.raises(ValueError, match="p100"):
        measured(range(1000), [0.0]).percentile(100)
    assert measured(range(20), [0.0]).percentile(50) == 10


def test_a_request_that_was_never_answered_is_not_forgotten():
    totals = [1.0] * 980 + [np.inf] * 20
    assert measured(totals, [0.0]).percentile(99) == np.inf


# ---- aside for outside work, and for nothing else


def test_a_slow_window_counts_however_slow():
    totals = [10.0] * 1000 + [900.0] * 1000
    found = measured(totals, [0.0, 0.0])
    assert found.percentile(99) == 900 and found.undecided is None


def test_a_window_beside_other_work_is_set_aside_and_the_share_is_said():
    totals = [10.0] * 3000 + [900.0] * 1000
    found = measured(totals, [0.0, 0.1, 0.2, 0.5])
    assert found.percentile(99) == 10 and found.undecided is None
    assert "25 % of the windows set aside" in str(found)
    assert found.failed == 0


@pytest.mark.parametrize(
    "outside, count",
    [([0.4, 0.6, 0.1], 4000), ([0.1, 0.4], 1500)],
    ids=["most windows", "too few requests left"],
)
def test_where_too_little_is_left_nothing_follows(outside, count):
    found = measured([10.0] * count, outside)
    share = "50" if len(outside) == 3 else "40"
    windows = f"{len(outside) - 1} of {len(outside)} windows"
    assert found.undecided == f"other work took {share} % of the machine in {windows}"
    assert found.percentile(50) == 10 and str(found).endswith("undecided")


def test_failures_are_counted_in_windows_set_aside_too():
    ok = np.arange(4000) < 3990
    assert measured([10.0] * 4000, [0.0, 0.0, 0.0, 0.9], ok=ok).failed == 10


# ---- HTTP


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


def get(url, paths, rate, **settings):
    ask = getting(url, paths, lambda answer: {"source": answer["source"]})
    return Load(rate, len(paths) / rate, poisson=False).call(ask, **settings).requests


def test_every_request_has_its_answer(server):
    found = get(server, ["/ok"] * 40, rate=200, connections=4)
    assert (found["status"] == 200).all() and (found["source"] == "store").all()
    assert found["ok"].all() and (found["total"] > 0).all()


def test_waiting_for_a_free_connection_counts(server):
    found = get(server, ["/slow"] * 3, rate=1000, connections=1)
    assert (found["total"] / 300 >= [0.99, 1.98, 2.97]).all()
    assert found["late"].max() < 300  # the service's fault, not the driver's


def test_errors_and_broken_connections_are_failures_and_the_next_request_goes_on(server):
    found = get(server, ["/ok", "/bad", "/cut", "/ok"], rate=50, connections=1)
    assert found["status"].tolist() == [200, 500, 0, 200]
    assert found["ok"].tolist() == [True, False, False, True]


def test_paths_start_again_after_the_last(server):
    ask = getting(server, ["/ok", "/bad"])
    found = Load(100, 0.05, poisson=False).call(ask, connections=1).requests
    assert found["status"].tolist() == [200, 500, 200, 500, 200]


def test_nobody_there_fails_every_request():
    found = get(f"http://127.0.0.1:{free_port()}", ["/ok"] * 5, rate=100, connections=2)
    assert found["status"].tolist() == [0] * 5 and not found["ok"].any()


# ---- what is outside


def busy_share(watch, seconds=1.0):
    first = watch.sample()
    time.sleep(seconds)
    return watch.share(first, watch.sample())


@pytest.fixture
def stranger():
    """Starts busy loops in a tree of their own, which nothing here descends from."""
    started = []

    def start(count=1):
        for _ in range(count):
            shell = f'{sys.executable} -c "{LOOP}" >/dev/null 2>&1 & echo $!'
            out = subprocess.run(
                ["sh", "-c", shell], start_new_session=True, capture_output=True, text=True
            )
            started.append(int(out.stdout))

    yield start
    for pid in started:
        os.kill(pid, signal.SIGKILL)


def used(pids):
    """Seconds of processor time that these processes have used."""
    import psutil

    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def test_the_loops_of_a_stranger_are_outside_work(stranger):
    watch = OutsideWork()
    stranger(4)
    assert busy_share(watch) > 0.5  # of two cores or of more; others may add to it


def test_ones_own_loops_are_not(stranger):
    """Children, grandchildren, and what a dead parent left behind, beside strangers."""
    grandchild = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{LOOP}'])"
    watch = OutsideWork()
    with process([sys.executable, "-c", LOOP]), process([sys.executable, "-c", grandchild]):
        time.sleep(1.0)
        first = watch.sample()
        time.sleep(1.5)
        last = watch.sample()
    assert last.own - first.own > 0.2
    assert (
        watch.share(first, last) <= 1 - (last.own - first.own) / (1.5 * (os.cpu_count() or 1)) + 0.1
    )


def test_a_process_whose_parent_died_stays_ones_own():
    child = subprocess.Popen(
        [sys.executable, "-c", "import subprocess, sys, time\n"
         f"p = subprocess.Popen([sys.executable, '-c', '{LOOP}'])\n"
         "print(p.pid, flush=True)\ntime.sleep(60)"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    orphan = int(child.stdout.readline())
    try:
        watch = OutsideWork()
        watch.sample()
        child.kill()
        child.wait()
        first, before = watch.sample(), used([orphan])
        time.sleep(1.0)
        last, after = watch.sample(), used([orphan])
    finally:
        os.kill(orphan, signal.SIGKILL)
        child.stdout.close()
    assert last.own - first.own >= 0.8 * (after - before) > 0.05


def test_what_an_ended_process_had_used_is_counted_once():
    watch = OutsideWork()
    first = watch.sample()
    spin = "import time\nwhile time.process_time() < 0.4: pass"
    child = subprocess.Popen([sys.executable, "-c", spin])
    time.sleep(0.1)
    watch.sample()
    child.wait()
    last = watch.sample()
    own = sum(os.times()[:2])
    assert 0.35 < last.own - first.own < 0.6 + own


def test_a_block_that_measures_times_is_watched(stranger):
    stranger(4)
    with watching() as beside:
        time.sleep(0.5)
    assert 0.25 < beside.share <= 1
    assert beside.undecided == f"other work took {100 * beside.share:.0f} % of the machine"
    assert Beside(most=0.25, share=0.25).undecided is None
    with watching() as beside, pytest.raises(RuntimeError, match="when the block has ended"):
        _ = beside.undecided


def test_a_measurement_beside_strangers_is_undecided(stranger):
    stranger(4)
    found = Load(rate=50, seconds=1, window=0.5).call(lambda k: None)
    assert found.aside.all()
    assert found.undecided.startswith("other work took ")
    assert found.undecided.endswith("of the machine in 2 of 2 windows")


def test_the_drivers_own_work_is_not_outside():
    watch = OutsideWork()
    first, before = watch.sample(), time.process_time()
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        pass
    own, last = time.process_time() - before, watch.sample()
    room = (last.at - first.at) * (os.cpu_count() or 1)
    assert last.own - first.own == pytest.approx(own, abs=0.1)
    assert watch.share(first, last) * room <= room - own + 0.1
