"""The consumer in the middle of its work: killed, restarted, fed twice; no page lost or doubled."""

import os
import random
import signal
from functools import partial

import pytest

from mlsd_kit.services import broker, process
from mlsd_kit.services.alerts import AlertStore
from mlsd_kit.systems.network_anomaly.limits import Limits
from mlsd_kit.systems.network_anomaly.models import Models
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
        models = Models(tmp_path / "alerts.db")
        models.register("march", detector)
        models.release("march")
        job = partial(work, str(servers), "flows", tmp_path / "alerts.db", None, known)
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


def test_a_release_is_used_from_the_next_batch_on(case, tmp_path):
    detector, known, log = case
    deaf = Limits.from_json(detector.to_json())
    deaf.threshold = 1e9
    store, models = AlertStore(tmp_path / "alerts.db"), Models(tmp_path / "alerts.db")
    for version, each in {"march": detector, "deaf": deaf}.items():
        models.register(version, each)
    models.release("march")
    pipeline, third = Pipeline(models, known, store), len(log) // 3
    pipeline.handle(log[:third])
    told = [message.body["model"] for message in store.due(now=0)]
    models.release("deaf")
    pipeline.handle(log[third : 2 * third])
    assert len(store.due(now=0)) == len(told) > 0 and set(told) == {"march"}
    assert models.roll_back() == "march"
    pipeline.handle(log[2 * third :])
    assert len(store.due(now=0)) > len(told)
