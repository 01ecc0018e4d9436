"""The scorer: one decision for every payment, whatever happens around it.

It decides in the order of the log and writes the payment's offset into its decision. After a crash
the decisions topic alone says where to go on and what has been decided: result and position are
one message, so they cannot disagree.
"""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from mlsd_kit.services.topics import Watch
from mlsd_kit.systems.fraud import cards, log
from mlsd_kit.systems.fraud.names import DEAD, DECISIONS, PAYMENTS
from mlsd_kit.systems.fraud.state import REMEMBER, own_features
from mlsd_kit.systems.fraud.store import StoreClient

BATCH = 64  # payments scored at once, at most
PATIENCE = 0.02  # seconds that the scorer waits for the store
IDLE = 0.05  # seconds between two looks at an empty topic

Ask = Callable[[Sequence[log.Entry]], list[Any] | None]


class Model:
    """A model file in ONNX, on one thread: rows of features in, probabilities out."""

    def __init__(self, file: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 3
        providers = ["CPUExecutionProvider"]
        self.name = file.stem
        self._session = onnxruntime.InferenceSession(str(file), options, providers=providers)
        self._input = self._session.get_inputs()[0].name

    def __call__(self, rows: Any) -> list[float]:
        """Probability of fraud for each row."""
        rows = np.asarray(rows, dtype=np.float32)
        return self._session.run(["probabilities"], {self._input: rows})[0][:, 1].tolist()


@dataclass(frozen=True)
class Settings:
    """All that a scorer's process is told."""

    servers: str
    port: int
    champion: Path
    fallback: Path
    shadow: Path | None = None
    alarm: float = 5.0  # dollars that blocking a genuine payment costs
    key: bytes = b"a secret of the deployment"


class Scorer:
    """Decides batches; remembers what it has decided."""

    def __init__(self, settings: Settings, ask: Ask) -> None:
        self.settings, self.ask = settings, ask
        self.champion, self.fallback = Model(settings.champion), Model(settings.fallback)
        self.shadow = Model(settings.shadow) if settings.shadow else None
        self.decided: dict[int, None] = {}  # in order: the oldest go first
        self.position = 0

    def resume(self, decisions: list[dict[str, Any]]) -> None:
        """Learn from earlier decisions what is done and where to go on."""
        self.decided = dict.fromkeys(decision["id"] for decision in decisions)
        self.position = 1 + max((decision["offset"] for decision in decisions), default=-1)

    def decide(self, entries: Sequence[log.Entry]) -> list[dict[str, Any]]:
        """One decision for each payment that has none, in order; duplicates get no second one.

        What could not be read is passed over; the store is told its offset, so that it sees no gap.
        """
        if not entries:
            return []
        taken = time.monotonic()
        rows = self.ask(entries)
        self.position = entries[-1][0] + 1
        messages = [(offset, payment) for offset, payment in entries if payment is not None]
        if not messages:
            return []
        degraded = rows is None
        if rows is None:  # the store is silent: score what the payment itself tells
            scores, shadow = (
                self.fallback([own_features(p["time"], p["cents"]) for _, p in messages]),
                None,
            )
        else:
            scores, shadow = self.champion(rows), self.shadow(rows) if self.shadow else None
        made = []
        for i, (offset, payment) in enumerate(messages):
            if payment["id"] in self.decided:
                continue
            self.decided[payment["id"]] = None
            decision = self._decision(payment, scores[i]) | {"offset": offset, "taken": taken}
            decision |= {"degraded": degraded, "features": None if rows is None else rows[i]}
            decision["shadow"] = None if shadow is None else shadow[i]
            decision["model"] = (self.fallback if degraded else self.champion).name
            made.append(decision)
        while len(self.decided) > REMEMBER:
            del self.decided[next(iter(self.decided))]
        return made

    def _decision(self, payment: dict[str, Any], score: float) -> dict[str, Any]:
        dollars = payment["cents"] / 100
        return {
            "id": payment["id"],
            "card": cards.mask(payment["card"]),
            "token": cards.token(payment["card"], self.settings.key),
            "terminal": payment["terminal"],
            "amount": dollars,
            "score": score,
            "block": score * dollars > (1 - score) * self.settings.alarm,
            "due": payment["due"],
            "sent": payment["sent"],
        }


def serve(settings: Settings) -> None:
    """Decide payments until the process is ended, or until the broker has lost its log."""
    log.create(settings.servers, PAYMENTS, DECISIONS, DEAD)  # a broker restarted empty has none
    watch = Watch(settings.servers, PAYMENTS, DECISIONS)
    scorer = Scorer(settings, StoreClient(settings.port, PATIENCE).ask)
    scorer.resume([decision for _, decision in log.read(settings.servers, DECISIONS)])
    payments = log.consumer(settings.servers, PAYMENTS, scorer.position)
    out = log.producer(settings.servers)
    bury = functools.partial(log.bury, out)
    print(f"ready {os.getpid()}: goes on at {scorer.position}", flush=True)
    while True:
        watch.check()
        # wait for one payment, then take what else has come: batches grow with the load
        messages = payments.consume(1, IDLE)
        messages += payments.consume(BATCH - 1, 0) if messages else []
        for decision in scorer.decide(list(log.entries(messages, bury))):
            decision["made"] = time.monotonic()
            out.produce(DECISIONS, json.dumps(decision).encode(), partition=log.ONLY)
        out.poll(0)
