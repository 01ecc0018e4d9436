"""Times the kit against its peers: pairs of runs in one process, taking turns; peak extra memory.

A `Case` names one piece of work, makes its inputs for a given size, and runs it on both sides.
Each pair gives a ratio, the peer's time over ours: above 1 the kit is faster. The bar is judged by
the median of these ratios, so that neither a lucky run nor other work on the machine, which slows
both runs of a pair, decides. Sizes n, 2n and 4n show growth.
"""

from __future__ import annotations

import ctypes
import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CLEAR_REFS = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Case:
    """One comparison: the same inputs, the same result, two implementations."""

    name: str
    n: int
    """Size of the headline comparison (what the bar is stated for)."""
    bar: float
    """Smallest median ratio peer time / our time that passes."""
    make: Callable[[int], tuple[Any, ...]]
    """``make(n)`` -> inputs, seeded."""
    ours: Callable[..., Any]
    peer: Callable[..., Any]
    agree: Callable[[Any, Any], None]
    """Raises AssertionError if the two results differ."""
    repeats: int = 5
    """Pairs of runs."""
    growth: tuple[float, ...] = (0.25, 0.5, 1.0)
    """Sizes of the growth table, as shares of ``n``: n/4, n/2, n by default."""
    memory_slack: int = 1 << 20
    """Bytes of measuring noise allowed when our peak is compared with the peer's."""


@dataclass(frozen=True)
class Pairs:
    """Runs of both sides that took turns: ``ours[i]`` and ``peer[i]`` are neighbours. Seconds."""

    ours: tuple[float, ...]
    peer: tuple[float, ...]

    @property
    def ratios(self) -> list[float]:
        """Peer time over our time, of each pair."""
        return [peer / ours for ours, peer in zip(self.ours, self.peer, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return statistics.median(self.ratios)

    @property
    def seconds(self) -> tuple[float, float]:
        """Our median time and the peer's."""
        return statistics.median(self.ours), statistics.median(self.peer)


@dataclass
class Outcome:
    """What one `Case` measured; peaks in bytes."""

    case: Case
    pairs: Pairs
    ours_peak: int
    peer_peak: int
    growth: list[tuple[int, Pairs]] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return self.pairs.ratio

    @property
    def fast_enough(self) -> bool:
        return self.ratio >= self.case.bar

    @property
    def small_enough(self) -> bool:
        return self.ours_peak <= self.peer_peak + self.case.memory_slack


def _timed(work: Callable[..., Any], inputs: tuple[Any, ...]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work(*inputs)
    return time.perf_counter() - start, result


def _status_bytes(key: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(key)


def peak_extra_bytes(work: Callable[..., Any], inputs: tuple[Any, ...]) -> int:
    """Bytes by which the process grows at its peak while ``work`` runs, its result included.

    On Linux the kernel's own high-water mark, which sees native buffers too; elsewhere tracemalloc,
    which sees only what is allocated through Python and NumPy.
    """
    gc.collect()
    if _CLEAR_REFS.exists():
        ctypes.CDLL(None).malloc_trim(0)
        _CLEAR_REFS.write_text("5")
        before = _status_bytes("VmRSS")
        work(*inputs)
        return max(0, _status_bytes("VmHWM") - before)
    tracemalloc.start()
    try:
        work(*inputs)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def compare(case: Case, n: int, repeats: int) -> Pairs:
    """Both sides ``repeats`` times, one after the other, each pair in the other order."""
    inputs = case.make(n)
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(repeats):
        for side in (0, 1) if turn % 2 == 0 else (1, 0):
            seconds, _ = _timed((case.ours, case.peer)[side], inputs)
            times[side].append(seconds)
    return Pairs(tuple(times[0]), tuple(times[1]))


def measure(case: Case, *, growth: bool = True) -> Outcome:
    """Check that both sides agree, then time them and take their peak memory."""
    inputs = case.make(case.n)
    case.agree(case.ours(*inputs), case.peer(*inputs))
    pairs = compare(case, case.n, case.repeats)
    outcome = Outcome(
        case, pairs, peak_extra_bytes(case.ours, inputs), peak_extra_bytes(case.peer, inputs)
    )
    del inputs
    if growth:
        for share in case.growth:
            n = max(1, int(case.n * share))
            outcome.growth.append((n, pairs if n == case.n else compare(case, n, 2)))
    return outcome


def headline(cases: Sequence[Case], threads: int | str) -> str:
    """The first line: what a row says, and how many pairs it has.

    One number if all rows have as many, else the exceptions by name.
    """
    usual = statistics.mode(case.repeats for case in cases)
    others = [f"{case.repeats} of {case.name}" for case in cases if case.repeats != usual]
    pairs = f"{usual} pairs of runs a row" + "".join(f", {each}" for each in others)
    return (
        f"Median of the pairs' ratios peer time / our time (range); {pairs}; {threads} threads; "
        "then median seconds and peak memory, peer / ours"
    )


def line(outcome: Outcome) -> str:
    """One row of the table: name, ratio against its bar, both times, both peaks."""
    verdict = "ok  " if outcome.fast_enough and outcome.small_enough else "MISS"
    ours, peer = outcome.pairs.seconds
    low, high = min(outcome.pairs.ratios), max(outcome.pairs.ratios)
    return (
        f"{verdict} {outcome.case.name:<44} {outcome.ratio:7.2f} x (bar {outcome.case.bar:g}; "
        f"{len(outcome.pairs.ours)} pairs, {low:.2f} to {high:.2f})"
        f"   {peer:9.3f} / {ours:9.3f} s"
        f"   peak {outcome.peer_peak / 2**20:8.1f} / {outcome.ours_peak / 2**20:8.1f} MiB"
    )


def growth_line(outcome: Outcome) -> str:
    """Our seconds at each size, and how they grow."""
    cells = []
    for n, pairs in outcome.growth:
        ours, peer = pairs.seconds
        cells.append(f"n={n:,}: {ours:.3f} s (peer {peer:.3f})")
    return "       " + "   ".join(cells)
