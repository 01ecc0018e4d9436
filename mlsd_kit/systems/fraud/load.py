"""Payments as messages, sent on a timetable, and the decisions on them with their times."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from typing import Any

import pandas as pd
from confluent_kafka import Producer

from mlsd_kit.services.load import Load, Measured, Sent
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


def send(out: Producer, payments: Sequence[dict[str, Any]], load: Load) -> Sent:
    """Send payments as they are due; each carries that moment, and the one of its sending.

    Raises
    ------
    ValueError
        If the timetable is not for that many payments.
    """
    if len(payments) != len(load.due):
        raise ValueError(f"{len(payments)} payments for a timetable of {len(load.due)}.")

    def put(number: int, due: float, sent: float) -> None:
        message = {**payments[number], "due": due, "sent": sent}
        out.produce(PAYMENTS, json.dumps(message).encode(), partition=log.ONLY)
        out.poll(0)

    sent = load.send(put)
    out.flush(log.TIMEOUT)
    return sent


def send_labels(servers: str, payments: pd.DataFrame) -> None:
    """Send the analysts' findings on these payments (columns id, time, terminal, fraud)."""
    out = log.producer(servers)
    columns = [payments["id"], payments["terminal"], payments["fraud"]]
    for i, terminal, fraud, second in zip(*columns, seconds(payments["time"]), strict=True):
        label = {"id": int(i), "terminal": int(terminal), "fraud": int(fraud), "time": int(second)}
        out.produce(LABELS, json.dumps(label).encode(), partition=log.ONLY)
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


def measured(
    sent: Sent, payments: Sequence[dict[str, Any]], decisions: Sequence[dict[str, Any]]
) -> Measured:
    """The measurement of the payments that were sent, from the decisions on them.

    Returns
    -------
    Measured
        Its requests have parts in ms besides: queue (until the scorer took it), score (until it
        was decided), and reply (until the decision was read). A payment without a decision failed.
    """
    found = {decision["id"]: decision for decision in decisions}
    numbers = [k for k, payment in enumerate(payments) if payment["id"] in found]
    made = {number: found[payments[number]["id"]] for number in numbers}
    return sent.seen(
        {number: decision["read"] for number, decision in made.items()},
        {number: _parts(decision) for number, decision in made.items()},
    )


def _parts(decision: dict[str, Any]) -> dict[str, float]:
    names = {"queue": ("sent", "taken"), "score": ("taken", "made"), "reply": ("made", "read")}
    return {name: 1e3 * (decision[end] - decision[start]) for name, (start, end) in names.items()}
