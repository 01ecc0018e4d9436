"""The running system: what is produced comes out at the webhook, also after a pause."""

import numpy as np

from mlsd_kit.data.simulators.network_flows import simulate
from mlsd_kit.services.alerts import AlertStore
from mlsd_kit.systems.network_anomaly import host_windows, known_destinations
from mlsd_kit.systems.network_anomaly.limits import Limits
from mlsd_kit.systems.network_anomaly.running import hung, records, running
from mlsd_kit.systems.network_anomaly.worker import Pipeline


def test_records_keep_time_to_the_millisecond():
    flows = simulate(seed=1, days=1, quiet_days=0, events=0).head(50)
    times = np.array([event["time"] for event in records(flows)], dtype="datetime64[ms]")
    np.testing.assert_array_equal(times, flows["time"].to_numpy().astype("datetime64[ms]"))


def test_messages_come_out_once_whatever_hangs_meanwhile(tmp_path):
    flows = simulate(seed=3, days=8, quiet_days=6, events=1, sessions=8)
    quiet = flows[flows["time"] < "2026-03-08"]
    known = known_destinations(quiet)
    detector = Limits().fit(host_windows(quiet, known))
    detector.threshold = 1.2
    later = flows[flows["time"] >= "2026-03-08"]
    log = records(later)
    log.append({"time": log[-1]["time"] + 3_600_000})
    store = AlertStore(tmp_path / "reference.db")
    Pipeline(detector, known, store).handle(enumerate(log))
    expected = [message.id for message in store.due(now=0)]
    assert len(expected) >= 4
    with running(known, {"march": detector}) as system:
        half = len(log) // 2
        with hung(system.worker):
            system.produce(log[:half])
            assert system.windows() == 0
        with hung(system.sender), hung(system.receiver):
            system.produce(log[half:])
        assert system.reach(len(host_windows(later, known))) == len(host_windows(later, known))
        received = system.received()
    assert received["id"].tolist() == expected
    assert set(received["model"]) == {"march"}
    assert (received["received"].diff().dropna() >= 0).all()
