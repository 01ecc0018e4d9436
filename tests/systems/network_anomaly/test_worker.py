"""The consumer in the middle of its work: killed, restarted, fed twice; no page lost or doubled."""

import json
import random
from functools import partial

import numpy as np
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from mlsd_kit.data.simulators.network_flows import simulate
from mlsd_kit.services import broker, process
from mlsd_kit.services.alerts import AlertStore
from mlsd_kit.systems.network_anomaly import host_windows, known_destinations
from mlsd_kit.systems.network_anomaly.seasonal import SeasonalDetector
from mlsd_kit.systems.network_anomaly.worker import Pipeline, work

COLUMNS = ["time", "source", "destination", "port", "state", "bytes_out"]


@pytest.fixture(scope="module")
def case():
    """A detector, what it knows, and the log of three days with ten attacks."""
    flows = simulate(seed=3, days=8, quiet_days=5, events=2, sessions=12)
    quiet = flows[flows["time"] < "2026-03-07"]
    known = known_destinations(quiet)
    detector = SeasonalDetector().fit(host_windows(quiet, known))
    detector.threshold = 1.2
    later = flows[flows["time"] >= "2026-03-07"][COLUMNS]
    later = later.assign(
        time=later["time"].to_numpy(dtype="datetime64[ms]").astype(np.int64),
        state=later["state"].astype(str),
    )
    log = later.to_dict("records")
    log.append({"time": log[-1]["time"] + 3_600_000})
    return detector, known, list(enumerate(log))


def outcome(store):
    return store.pages(), [message.id for message in store.due(now=0)]


@pytest.fixture(scope="module")
def undisturbed(case, tmp_path_factory):
    """The pages and messages of a run that nothing disturbs, and its count of windows."""
    detector, known, log = case
    store = AlertStore(tmp_path_factory.mktemp("undisturbed") / "alerts.db")
    Pipeline(detector, known, store).handle(log)
    assert len(store.pages()) >= 5
    return *outcome(store), store.progress("windows", 0)


@pytest.mark.parametrize("seed", range(4))
def test_restarts_at_any_moment_change_nothing(case, undisturbed, tmp_path, seed):
    detector, known, log = case
    draw = random.Random(seed)
    for _ in range(5):  # each life ends somewhere, with what it had in memory
        store = AlertStore(tmp_path / "alerts.db")
        pipeline = Pipeline(detector, known, store)
        at, end = pipeline.start, draw.randrange(len(log))
        while at < end:
            size = draw.randrange(1, 4000)
            pipeline.handle(log[at : at + size])
            at += size
        store.close()
    store = AlertStore(tmp_path / "alerts.db")
    pipeline = Pipeline(detector, known, store)
    pipeline.handle(log[pipeline.start :])
    assert (*outcome(store), store.progress("windows", 0)) == undisturbed


def test_a_restart_reads_only_the_last_hours_again(case, tmp_path):
    detector, known, log = case
    store = AlertStore(tmp_path / "alerts.db")
    Pipeline(detector, known, store).handle(log)
    again = Pipeline(detector, known, store).start
    hours = (log[-1][1]["time"] - log[again][1]["time"]) / 3_600_000
    assert 6 < hours < 8


def test_a_crash_while_acting_leaves_nothing_half_done(case, undisturbed, tmp_path):
    detector, known, log = case

    class Failing:
        threshold = detector.threshold
        left = 800

        def score_one(self, *window):
            self.left -= 1
            if not self.left:
                raise MemoryError
            return detector.score_one(*window)

    store = AlertStore(tmp_path / "alerts.db")
    with pytest.raises(MemoryError):
        Pipeline(Failing(), known, store).handle(log)
    assert outcome(store) == ([], []) and store.progress("done", -1) == -1
    pipeline = Pipeline(detector, known, store)
    pipeline.handle(log[pipeline.start :])
    assert (*outcome(store), store.progress("windows", 0)) == undisturbed


def test_the_process_killed_in_the_middle_loses_and_doubles_no_page(
    case, undisturbed, tmp_path, wait_for
):
    detector, known, log = case
    with broker() as servers:
        admin = AdminClient({"bootstrap.servers": servers})
        admin.create_topics([NewTopic("flows", 1)])["flows"].result(20)
        producer = Producer({"bootstrap.servers": servers})

        def send(records):
            for i, (_, record) in enumerate(records):
                producer.produce("flows", json.dumps(record), partition=0)
                if i % 1000 == 0:
                    producer.poll(0)
            assert producer.flush(20) == 0

        send(log[: len(log) // 2])
        store = AlertStore(tmp_path / "alerts.db")
        job = partial(work, str(servers), "flows", tmp_path / "alerts.db", detector, known)
        with process(job, name="detector") as worker:
            assert wait_for(lambda: store.progress("windows", 0) > 0, 60)
            worker.kill()
            before = store.progress("windows", 0)
            send(log[len(log) // 2 :])
            worker.restart()
            assert wait_for(lambda: store.progress("windows", 0) >= undisturbed[2], 60)
            worker.check()
        assert 0 < before < undisturbed[2]
    assert (*outcome(store), store.progress("windows", 0)) == undisturbed
