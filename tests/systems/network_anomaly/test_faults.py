"""The worker among poisoned records, a clock that goes back, a full disk, a broker that forgets."""

import json
import resource
import sys
from functools import partial

import psutil
import pytest

from mlsd_kit.services import broker, process
from mlsd_kit.services.alerts import AlertStore
from mlsd_kit.systems.network_anomaly.worker import Pipeline, record, work

HOUR = 3_600_000  # ms
FLOW = {
    "time": 1_772_841_600_000,
    "source": "10.0.0.1",
    "destination": "10.0.1.1",
    "port": 22,
    "state": "SF",
    "bytes_out": 70,
}
POISON = {
    "empty": (b"", "not JSON"),
    "cut off": (b'{"time": 17', "not JSON"),
    "no text": (b"\xff\xfe", "not JSON"),
    "nested without end": (b"[" * 100_000, "not JSON"),
    "endless number": (b'{"time": ' + b"9" * 5000 + b"}", "not JSON"),
    "not a number": (json.dumps({**FLOW, "bytes_out": float("nan")}).encode(), "not JSON"),
    "a list": (b"[1]", "not an object"),
    "no time": (b"{}", "time is missing or no int"),
    "a half time": (b'{"time": 0.5}', "time is missing or no int"),
    "no port": (json.dumps({**FLOW, "port": None}).encode(), "port is missing or no int"),
    "year 9999": (json.dumps({**FLOW, "time": 253_402_300_000_000}).encode(), "time lies outside"),
    "half a character": (json.dumps({**FLOW, "source": "\ud800"}).encode(), "source is no print"),
    "negative": (json.dumps({**FLOW, "bytes_out": -1}).encode(), "bytes_out is no count"),
}


@pytest.mark.parametrize(("raw", "reason"), POISON.values(), ids=POISON)
def test_a_record_that_cannot_be_taken_has_a_reason(raw, reason):
    with pytest.raises(ValueError, match=reason):
        record(raw)


def test_a_flow_and_a_tick_are_taken_as_they_are():
    assert record(json.dumps(FLOW).encode()) == FLOW
    assert record(b'{"time": 5}') == {"time": 5}


@pytest.fixture(scope="module")
def servers():
    with broker() as servers:
        yield servers


def limited(size, function, *arguments):
    """Run it where no file may be longer than so many bytes: a disk that is full, for one user."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    return function(*arguments)


def test_poison_in_the_log_is_set_aside_and_a_full_disk_is_waited_for(
    case, undisturbed, outcome, servers, make_topic, send, tmp_path, wait_for
):
    if sys.platform != "linux":
        pytest.skip("only Linux lets another process's limits be raised again")
    detector, known, log = case
    make_topic(servers)
    half = len(log) // 2
    bad = [raw for raw, _ in POISON.values()]
    records = [each for _, each in log]
    send(servers, [bad[0], *records[:half], *bad[1:], *records[half:]])
    file = tmp_path / "alerts.db"
    job = partial(limited, 150_000, work, str(servers), "flows", file, detector, known)
    with process(job, name="detector") as worker:
        assert wait_for(lambda: "free space on its disk" in worker.tail(), 90)
        store = AlertStore(file)
        stuck = store.progress("windows", 0)
        assert stuck < undisturbed[2]
        psutil.Process(worker.pid).rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        assert wait_for(lambda: store.progress("windows", 0) >= undisturbed[2], 90)
        worker.check()
        assert "Traceback" not in worker.tail(1000)
    assert (*outcome(store), store.progress("windows", 0)) == undisturbed
    aside = store.aside()
    assert [each.number for each in aside] == [0, *range(half + 1, half + len(bad))]
    assert [each.reason for each in aside][:2] == ["not JSON", "not JSON"]
    assert len({each.source for each in aside}) == 1 and aside[0].source.startswith("flows ")


def test_after_a_broker_restarted_empty_the_worker_reads_the_new_log_from_its_beginning(
    case, undisturbed, outcome, make_topic, send, tmp_path, wait_for
):
    """What the broker held and nobody had read is lost; here it is sent again."""
    detector, known, log = case
    records = [each for _, each in log]
    third = len(log) // 3
    store = AlertStore(tmp_path / "alerts.db")
    with broker() as servers:
        make_topic(servers)
        send(servers, records[: 2 * third])
        job = partial(work, str(servers), "flows", tmp_path / "alerts.db", detector, known)
        with process(job, name="detector") as worker:
            assert wait_for(lambda: store.progress("offset", 0) > 0, 60)
            servers.process.kill()
            servers.process.restart()
            assert wait_for(lambda: "lost its topic 'flows'" in worker.tail(), 60)
            make_topic(servers)
            send(servers, records)
            assert wait_for(lambda: store.progress("windows", 0) >= undisturbed[2], 60)
            worker.check()
    assert (*outcome(store), store.progress("windows", 0)) == undisturbed


def test_flows_dated_an_hour_back_by_their_sensors_clock_are_counted_and_change_no_page(
    case, undisturbed, outcome, tmp_path
):
    detector, known, log = case
    middle = len(log) // 2
    now = log[middle][1]["time"]
    back = [flow for _, flow in log[:middle] if flow["time"] // 300_000 == (now - HOUR) // 300_000]
    assert len(back) > 5
    records = [each for _, each in log]
    stream = list(enumerate([*records[:middle], *back, *records[middle:]]))
    store = AlertStore(tmp_path / "alerts.db")
    pipeline = Pipeline(detector, known, store)
    pipeline.handle(stream[: middle + len(back)])
    assert store.progress("late", 0) == len(back)  # seen at once, not when the next window closes
    pipeline.handle(stream[middle + len(back) :])
    again = Pipeline(detector, known, store)  # read again after a restart, they count once
    again.handle(stream[again.start :])
    assert store.progress("late", 0) == len(back)
    assert (*outcome(store), store.progress("windows", 0)) == undisturbed
