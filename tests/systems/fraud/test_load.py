"""Payments on a timetable, and their decisions in parts."""

import json
import time

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.services.load import Load
from mlsd_kit.systems.fraud.load import measured, messages, send


class SlowProducer:
    """Takes 30 ms for a message."""

    def __init__(self):
        self.sent = []

    def produce(self, topic, value, partition):
        time.sleep(0.03)
        self.sent.append(json.loads(value))

    def poll(self, timeout):
        pass

    def flush(self, timeout):
        pass


def test_due_times_keep_to_the_timetable_when_the_driver_does_not():
    out = SlowProducer()
    payments = [{"id": k} for k in range(10)]
    sent = send(out, payments, Load(1000, 0.01, poisson=False))
    due = [message["due"] for message in out.sent]
    assert due[-1] - due[0] == pytest.approx(0.009, abs=1e-6)
    assert out.sent[-1]["sent"] - due[-1] > 0.2  # and each message says that it was late
    decisions = [
        {**m, "taken": m["sent"] + 0.002, "made": m["sent"] + 0.003, "read": m["sent"] + 0.007}
        for m in out.sent[:9]
    ]
    found = measured(sent, payments, decisions)
    assert found.failed == 1 and found.requests["total"].iloc[9] == np.inf
    table = found.requests[:9]
    assert table["total"].iloc[8] > 200
    np.testing.assert_allclose(table[["queue", "score", "reply"]], [[2, 1, 4]] * 9, atol=1e-3)
    before = [1e3 * (m["sent"] - m["due"]) for m in out.sent[:9]]
    np.testing.assert_allclose(table["total"], np.array(before) + 7, atol=1e-3)


def test_a_timetable_for_another_number_of_payments_is_refused():
    with pytest.raises(ValueError, match="3 payments for a timetable of 10"):
        send(SlowProducer(), [{"id": k} for k in range(3)], Load(1000, 0.01, poisson=False))


def test_messages_hold_whole_cents_and_16_digits():
    table = pd.DataFrame(
        {"id": [7], "time": pd.to_datetime(["2018-04-01"]), "card": [3], "terminal": [9]}
    ).assign(amount=[0.29])
    (message,) = messages(table)
    assert message["cents"] == 29
    assert len(message["card"]) == 16
    assert message["time"] == 1_522_540_800
