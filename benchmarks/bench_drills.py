"""The drills' stages against SimPy: one pipeline, the same arrivals, the same departures."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np
import simpy
from harness import Case

from mlsd_kit.curriculum.drills.stages import batching, fan_out, only, servers

RATE, SHARDS, REPLICAS, RERANKERS = 2000.0, 4, 3, 8
BATCH = 0.002 + 0.0002 * np.arange(1, 33)  # seconds of a batch of 1 ... 32
TIMEOUT = 0.002


def requests(n: int) -> tuple[np.ndarray, ...]:
    """Arrivals, who hits the cache, the times of the shards and of the re-ranker [s]."""
    rng = np.random.default_rng(0)
    arrives = np.cumsum(rng.exponential(1 / RATE, n))
    shards = rng.exponential(0.0003, (n, SHARDS))
    return arrives, rng.random(n) < 0.3, shards, rng.exponential(0.003, n)


def stages(arrives: Any, hit: Any, shards: Any, rerank: Any) -> Any:
    found = only(~hit, arrives, lambda a: fan_out(a, shards[~hit]))
    ranked = only(~hit, found.departs, lambda a: batching(a, BATCH, timeout=TIMEOUT, replicas=3))
    return servers(ranked.departs, rerank, RERANKERS).departs


class Ranker:
    """A batch leaves when it is full or its first request has waited enough."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env, self.replicas = env, simpy.Resource(env, REPLICAS)
        self.waiting: deque[tuple[float, simpy.Event]] = deque()
        self.arrived = env.event()
        env.process(self.dispatch())

    def rank(self) -> simpy.Event:
        done = self.env.event()
        self.waiting.append((self.env.now, done))
        if not self.arrived.triggered:
            self.arrived.succeed()
        return done

    def dispatch(self) -> Iterator[simpy.Event]:
        while True:
            turn = self.replicas.request()
            yield turn
            while not self.waiting:
                self.arrived = self.env.event()
                yield self.arrived
            patience = self.env.timeout(max(0.0, self.waiting[0][0] + TIMEOUT - self.env.now))
            while len(self.waiting) < len(BATCH) and not patience.processed:
                self.arrived = self.env.event()
                yield self.arrived | patience
            size = min(len(self.waiting), len(BATCH))
            batch = [self.waiting.popleft()[1] for _ in range(size)]
            self.env.process(self.serve(batch, turn))

    def serve(self, batch: list[simpy.Event], turn: Any) -> Iterator[simpy.Event]:
        yield self.env.timeout(BATCH[len(batch) - 1])
        self.replicas.release(turn)
        for done in batch:
            done.succeed()


def in_simpy(arrives: Any, hit: Any, shards: Any, rerank: Any) -> Any:
    env = simpy.Environment()
    nodes = [simpy.Resource(env, 1) for _ in range(SHARDS)]
    ranker, rerankers = Ranker(env), simpy.Resource(env, RERANKERS)
    departs = np.empty(len(arrives))

    def use(resource: simpy.Resource, seconds: float) -> Iterator[simpy.Event]:
        with resource.request() as turn:
            yield turn
            yield env.timeout(seconds)

    def request(i: int) -> Iterator[simpy.Event]:
        if not hit[i]:
            yield env.all_of([env.process(use(nodes[k], shards[i, k])) for k in range(SHARDS)])
            yield ranker.rank()
        yield env.process(use(rerankers, rerank[i]))
        departs[i] = env.now

    def source() -> Iterator[simpy.Event]:
        for i in range(len(arrives)):
            yield env.timeout(arrives[i] - env.now)
            env.process(request(i))

    env.process(source())
    env.run()
    return departs


def agree(ours: np.ndarray, theirs: np.ndarray) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


CASES = [
    Case(
        name="drill: 300k requests through four stages",
        n=300_000,
        bar=15.0,
        make=requests,
        ours=stages,
        peer=in_simpy,
        agree=agree,
        repeats=3,  # the peer needs half a minute a run
        growth=(0.02, 0.04, 0.08),
        memory_slack=1 << 28,  # whole columns at once, where the peer holds those on their way
    ),
]
