"""Features of a table and of a stream: worked by hand, and equal to each other."""

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.data.simulators.network_flows import simulate
from mlsd_kit.systems.network_anomaly import FEATURES, HostWindows, host_windows, known_destinations

T0 = pd.Timestamp("2026-03-02 10:00")


def flow(seconds, source, destination, port=443, state="SF", sent=100):
    return {
        "time": T0 + pd.Timedelta(seconds=seconds),
        "source": source,
        "destination": destination,
        "port": port,
        "state": state,
        "bytes_out": sent,
    }


def table(*flows):
    return pd.DataFrame(list(flows))


def records(flows):
    columns = ["time", "source", "destination", "port", "state", "bytes_out"]
    plain = flows[columns].assign(
        time=flows["time"].to_numpy(dtype="datetime64[ms]").astype(np.int64),
        state=flows["state"].astype(str),
    )
    return plain.to_dict("records")


def streamed(flows, known=frozenset()):
    windows = HostWindows(known)
    closed = [w for record in records(flows) for w in windows.update(record)] + windows.flush()
    index = [(w.host, pd.Timestamp(w.start, unit="s")) for w in closed]
    index = pd.MultiIndex.from_tuples(index, names=["host", "time"])
    return pd.DataFrame([w.features for w in closed], index=index, columns=list(FEATURES))


def test_counts_by_hand():
    found = host_windows(
        table(
            flow(0, "10.0.0.1", "10.0.1.1", 22),
            flow(1, "10.0.0.1", "10.0.1.1", 22, "REJ"),
            flow(2, "10.0.0.1", "10.0.1.1", 80, "S0", sent=7),
            flow(3, "8.8.8.8", "10.0.1.1", 443),
            flow(4, "8.8.8.8", "10.0.1.1", 22, "RSTO"),
            flow(5, "8.8.8.8", "10.0.1.1", 443, "RSTO"),
        )
    )
    outgoing = found.loc[("10.0.0.1", T0)]
    assert outgoing.to_list() == [3, 2, 2, 207, 0, 0, 0, 0, 0, 0]
    incoming = found.loc[("10.0.1.1", T0)]
    assert incoming.to_list() == [0, 0, 0, 0, 6, 2, 3, 1, 0, 0]
    assert len(found) == 2, "hosts outside have no row"


def test_contacts_and_uploads_look_back_two_and_six_hours_at_one_destination():
    times = [0, 300, 600, 3 * 3600, 7 * 3600]
    flows = [flow(t, "10.0.0.1", "8.8.8.8", sent=10) for t in times]
    found = host_windows(table(*flows, flow(600, "10.0.0.1", "9.9.9.9", sent=1000)))
    assert found["contacts"].to_list() == [1, 2, 3, 1, 1]
    assert found["uploads"].to_list() == [10, 20, 1000, 40, 20]


def test_known_and_inside_destinations_are_not_rare():
    flows = table(flow(0, "10.0.0.1", "8.8.8.8"), flow(1, "10.0.0.1", "192.168.3.3"))
    assert host_windows(flows, {"8.8.8.8"})["contacts"].max() == 0
    assert host_windows(flows)["contacts"].max() == 1


def test_known_destinations_are_those_of_many_hosts():
    flows = [flow(0, f"10.0.0.{i}", "8.8.8.8") for i in range(3)]
    flows += [flow(0, "10.0.0.1", "9.9.9.9")] * 9
    flows += [flow(0, f"10.0.0.{i}", "10.0.1.1") for i in range(9)]
    assert known_destinations(table(*flows)) == {"8.8.8.8"}
    assert known_destinations(table(*flows), hosts=1) == {"8.8.8.8", "9.9.9.9"}


@pytest.mark.parametrize("seed", range(3))
def test_the_stream_and_the_table_agree_exactly(seed):
    flows = simulate(seed=seed, days=3, quiet_days=1, events=2)
    known = known_destinations(flows)
    offline, online = host_windows(flows, known), streamed(flows, known)
    assert len(offline) == len(online) and known
    pd.testing.assert_frame_equal(online.loc[offline.index], offline, check_dtype=False)
    assert offline["contacts"].max() > 12 and offline["uploads"].max() > 1e5


def test_no_row_uses_the_future():
    flows = simulate(seed=5, days=2, quiet_days=1, events=1)
    cut = flows["time"].iloc[len(flows) // 2].floor("5min")
    past = host_windows(flows[flows["time"] < cut])
    whole = host_windows(flows)
    both = whole[whole.index.get_level_values("time") < cut]
    pd.testing.assert_frame_equal(past, both)


def test_a_flow_sent_twice_counts_once():
    record = records(table(flow(0, "10.0.0.1", "10.0.1.1")))[0] | {"id": 5}
    windows = HostWindows()
    for _ in range(3):
        windows.update(record)
    assert [w.features[0] + w.features[4] for w in windows.flush()] == [1, 1]


def test_a_tick_of_the_clock_closes_windows():
    windows = HostWindows()
    record = records(table(flow(0, "10.0.0.1", "10.0.1.1")))[0]
    assert windows.update(record) == []
    assert windows.advance(record["time"] + 299_999) == []
    assert [w.host for w in windows.advance(record["time"] + 300_000)] == ["10.0.0.1", "10.0.1.1"]


def test_memory_stays_bounded():
    windows = HostWindows()
    start = records(table(flow(0, "10.0.0.1", "8.8.8.8")))[0]
    for i in range(2000):  # a week, a new destination every five minutes
        moved = {"time": start["time"] + 300_000 * i, "destination": f"8.8.{i // 250}.{i % 250}"}
        windows.update(start | moved)
    assert windows.windows.n_open == 1
    assert sum(map(len, windows._past["10.0.0.1"].values())) <= 72
