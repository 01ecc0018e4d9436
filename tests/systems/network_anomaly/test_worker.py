"""The consumer in the middle of its work: killed, restarted, fed twice; no page lost or doubled."""

import os
import random
import signal
from functools import partial

import pytest

from mlsd_kit.services import broker, process
from mlsd_kit.services.alerts import AlertStore
from mlsd_kit.systems.network_anomaly.worker import Pipeline, work


@pytest.mark.parametrize("seed", range(4))
def test_restarts_at_any_moment_change_nothing(case, undisturbed, outcome, tmp_path, seed):
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


def test_a_crash_while_acting_leaves_nothing_half_done(case, undisturbed, outcome, tmp_path):
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


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_the_process_ended_in_the_middle_loses_and_doubles_no_page(
    case, undisturbed, outcome, make_topic, send, tmp_path, wait_for, how
):
    detector, known, log = case
    records = [record for _, record in log]
    with broker() as servers:
        make_topic(servers)
        send(servers, records[: len(log) // 2])
        store = AlertStore(tmp_path / "alerts.db")
        job = partial(work, str(servers), "flows", tmp_path / "alerts.db", detector, known)
        with process(job, name="detector") as worker:
            assert wait_for(lambda: store.progress("windows", 0) > 0, 60)
            os.kill(worker.pid, how)
            assert wait_for(lambda: not worker.alive)
            before = store.progress("windows", 0)
            send(servers, records[len(log) // 2 :])
            worker.start()
            assert wait_for(lambda: store.progress("windows", 0) >= undisturbed[2], 60)
            worker.check()
        assert 0 < before < undisturbed[2]
    assert (*outcome(store), store.progress("windows", 0)) == undisturbed
