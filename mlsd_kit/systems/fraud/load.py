"""Offer payments at a given rate, read the decisions, and say how long each took.

Load is *open*: every payment has a time at which it is due, whatever became of those before, and
its latency counts from then. A driver that waits for answers slows down together with the system
that it measures, and hides the very delays it is there to find (coordinated omission).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from typing import Any

import pandas as pd
from confluent_kafka import Producer

from mlsd_kit.systems.fraud import cards, log
from mlsd_kit.systems.fraud.features import seconds, to_cents
from mlsd_kit.systems.fraud.names import DECISIONS, LABELS, PAYMENTS

PERIOD = 0.02  # seconds between two looks of an idle reader


def messages(payments: pd.DataFrame) -> list[dict[str, Any]]:
    """Payments as the messages that travel, in the order of the rows."""
    columns = zip(
        payments["id"].tolist(),
        seconds(payments["time"]).tolist(),
        payments["card"].tolist(),
        payments["terminal"].tolist(),
        to_cents(payments["amount"]).tolist(),
        strict=True,
    )
    return [
        {"id": i, "time": second, "card": cards.number(card), "terminal": terminal, "cents": cents}
        for i, second, card, terminal, cents in columns
    ]


def send(out: Producer, payments: Iterable[dict[str, Any]], rate: float) -> float:
    """Send payments at ``rate`` a second; returns the seconds that the sender was behind at most.

    If that is long, the figures are the driver's and not the system's.
    """
    start, behind = time.monotonic() + 0.02, 0.0
    for k, payment in enumerate(payments):
        due = start + k / rate
        left = due - time.monotonic()
        if left > 0:
            time.sleep(left)
        sent = time.monotonic()
        behind = max(behind, sent - due)
        out.produce(PAYMENTS, json.dumps({**payment, "due": due, "sent": sent}).encode())
        out.poll(0)
    out.flush(log.TIMEOUT)
    return behind


def send_labels(servers: str, payments: pd.DataFrame) -> None:
    """Send the analysts' findings on these payments (columns id, time, terminal, fraud)."""
    out = log.producer(servers)
    columns = [payments["id"], payments["terminal"], payments["fraud"]]
    for i, terminal, fraud, second in zip(*columns, seconds(payments["time"]), strict=True):
        label = {"id": int(i), "terminal": int(terminal), "fraud": int(fraud), "time": int(second)}
        out.produce(LABELS, json.dumps(label).encode())
    out.flush(log.TIMEOUT)
    out.close()


class Reader:
    """Reads the decisions in a thread of its own and notes when each arrived."""

    def __init__(self, servers: str) -> None:
        self.decisions: list[dict[str, Any]] = []
        self._decided: set[int] = set()
        self._consumer = log.consumer(servers, DECISIONS)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait(self, ids: set[int], timeout: float = 30.0) -> list[dict[str, Any]]:
        """The decisions on these payments, once each has one or the time is over."""
        end = time.monotonic() + timeout
        while not ids <= self._decided and time.monotonic() < end and self._thread.is_alive():
            time.sleep(PERIOD)
        return [decision for decision in list(self.decisions) if decision["id"] in ids]

    def close(self) -> None:
        """Stop reading."""
        self._ended.set()
        self._thread.join()
        self._consumer.close()

    def _read(self) -> None:
        while not self._ended.is_set():
            found = self._consumer.consume(1, PERIOD)
            found += self._consumer.consume(500, 0) if found else []
            arrived = time.monotonic()
            for _, decision in log.values(found):
                self.decisions.append({**decision, "read": arrived})
                self._decided.add(decision["id"])


def latencies(decisions: list[dict[str, Any]]) -> pd.DataFrame:
    """Milliseconds of each decision, from due to read and in parts.

    Returns
    -------
    DataFrame of shape (n, 7)
        id, due (seconds since the first one was due), and in ms: late (due until the driver sent
        it), queue (until the scorer took it), score (until it was decided), reply (until it was
        read), total.
    """
    steps = ["due", "sent", "taken", "made", "read"]
    table = pd.DataFrame(decisions, columns=["id", *steps])
    parts = 1e3 * table[steps].diff(axis=1).iloc[:, 1:]
    parts = parts.set_axis(["late", "queue", "score", "reply"], axis=1)
    parts.insert(0, "id", table["id"])
    parts.insert(1, "due", table["due"] - table["due"].min())
    return parts.assign(total=1e3 * (table["read"] - table["due"]))


def windows(table: pd.DataFrame, seconds: float = 1.0) -> pd.DataFrame:
    """Median and 99th percentile of the total latency in windows side by side.

    Parameters
    ----------
    table : DataFrame
        As `latencies` returns.
    seconds : float, default=1.0
        Length of a window, by the time at which payments were due.

    Returns
    -------
    DataFrame of shape (windows, 4)
        payments, p50 and p99 in ms, and late: the most that the driver itself was behind, in ms.
        A last window that is not full is left out.
    """
    number = (table["due"] / seconds).astype(int)
    full = number < number.max() if number.max() else number >= 0
    groups = table[full].groupby(number[full])
    total, late = groups["total"], groups["late"].max()
    return pd.DataFrame(
        {"payments": total.size(), "p50": total.median(), "p99": total.quantile(0.99), "late": late}
    ).rename_axis("window")
