"""What the driver measures: from due, not from sent."""

import pandas as pd
import pytest

from mlsd_kit.systems.fraud.load import latencies, messages, send, windows


class SlowProducer:
    """Takes 30 ms for a message."""

    def __init__(self):
        self.sent = []

    def produce(self, topic, value):
        import time

        time.sleep(0.03)
        self.sent.append((time.monotonic(), value))

    def poll(self, timeout):
        pass

    def flush(self, timeout):
        pass


def test_due_times_keep_to_the_timetable_when_the_driver_does_not():
    import json

    out = SlowProducer()
    behind = send(out, [{"id": k} for k in range(10)], rate=1000)
    due = [json.loads(value)["due"] for _, value in out.sent]
    assert due[-1] - due[0] == pytest.approx(0.009, abs=1e-6)
    assert behind > 0.2  # and it says that it was late


def decisions(*totals):
    """Half a second apart; sent 1 ms late, taken 1 ms after, decided in 2 ms."""
    due = [k / 2 for k in range(len(totals))]
    steps = {"sent": 0.001, "taken": 0.002, "made": 0.004}
    return [
        {"id": k, "due": at, "read": at + total / 1e3} | {n: at + s for n, s in steps.items()}
        for k, (at, total) in enumerate(zip(due, totals, strict=True))
    ]


def test_parts_add_up_to_the_total():
    table = latencies(decisions(10, 20))
    assert table["total"].tolist() == pytest.approx([10, 20])
    parts = table[["late", "queue", "score", "reply"]]
    assert parts.sum(axis=1).tolist() == pytest.approx([10, 20])
    assert parts.iloc[0].tolist() == pytest.approx([1, 1, 2, 6])


def test_a_window_goes_by_due_time_and_the_last_one_is_left_out_if_not_full():
    table = windows(latencies(decisions(10, 20, 30, 40, 1000)), seconds=1)
    assert table["payments"].tolist() == [2, 2]
    assert table["p50"].tolist() == pytest.approx([15, 35])
    assert table["p99"].max() < 41
    assert table["late"].tolist() == pytest.approx([1, 1])


def test_a_single_window_is_kept():
    assert len(windows(latencies(decisions(10, 20)), seconds=5)) == 1


def test_messages_hold_whole_cents_and_16_digits():
    table = pd.DataFrame(
        {"id": [7], "time": pd.to_datetime(["2018-04-01"]), "card": [3], "terminal": [9]}
    ).assign(amount=[0.29])
    (message,) = messages(table)
    assert message["cents"] == 29
    assert len(message["card"]) == 16
    assert message["time"] == 1_522_540_800
