"""Three days of flows with ten attacks, a detector, and what comes of them undisturbed."""

import json

import numpy as np
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from mlsd_kit.data.simulators.network_flows import simulate
from mlsd_kit.services.alerts import AlertStore
from mlsd_kit.systems.network_anomaly import host_windows, known_destinations
from mlsd_kit.systems.network_anomaly.limits import Limits
from mlsd_kit.systems.network_anomaly.worker import Pipeline

COLUMNS = ["time", "source", "destination", "port", "state", "bytes_out"]


@pytest.fixture(scope="package")
def case():
    """A detector, what it knows, and the log of three days with ten attacks."""
    flows = simulate(seed=3, days=8, quiet_days=5, events=2, sessions=12)
    quiet = flows[flows["time"] < "2026-03-07"]
    known = known_destinations(quiet)
    detector = Limits().fit(host_windows(quiet, known))
    detector.threshold = 1.2
    later = flows[flows["time"] >= "2026-03-07"][COLUMNS]
    later = later.assign(
        time=later["time"].to_numpy(dtype="datetime64[ms]").astype(np.int64),
        state=later["state"].astype(str),
    )
    log = later.to_dict("records")
    log.append({"time": log[-1]["time"] + 3_600_000})
    return detector, known, list(enumerate(log))


@pytest.fixture(scope="session")
def outcome():
    """What came of it: the pages, and the messages about them."""

    def found(store):
        return store.pages(), [message.id for message in store.due(now=0)]

    return found


@pytest.fixture(scope="package")
def undisturbed(case, outcome, tmp_path_factory):
    """The pages and messages of a run that nothing disturbs, and its count of windows."""
    detector, known, log = case
    store = AlertStore(tmp_path_factory.mktemp("undisturbed") / "alerts.db")
    Pipeline(detector, known, store).handle(log)
    assert len(store.pages()) >= 5
    return *outcome(store), store.progress("windows", 0)


@pytest.fixture
def make_topic():
    """Make the topic of the flows, of one partition."""

    def make(servers):
        admin = AdminClient({"bootstrap.servers": servers})
        admin.create_topics([NewTopic("flows", 1)])["flows"].result(20)

    return make


@pytest.fixture
def send():
    """Put records, or raw bytes, into the topic of the flows."""

    def put(servers, records):
        producer = Producer({"bootstrap.servers": servers})
        for i, record in enumerate(records):
            raw = record if isinstance(record, bytes) else json.dumps(record).encode()
            producer.produce("flows", raw, partition=0)
            if i % 1000 == 0:
                producer.poll(0)
        assert producer.flush(60) == 0

    return put
