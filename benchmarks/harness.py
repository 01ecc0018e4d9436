"""Times the kit against its peers: interleaved in one process, best of five, peak extra memory.

A `Case` names one piece of work, makes its inputs for a given size, and runs it on both sides.
``ratio`` is the peer's time over ours: above 1 the kit is faster. Sizes n, 2n and 4n show growth.
"""

from __future__ import annotations

import ctypes
import gc
import time
import tracemalloc
from collections.abc import Callable
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
    """Smallest ratio peer time / our time that passes."""
    make: Callable[[int], tuple[Any, ...]]
    """``make(n)`` -> inputs, seeded."""
    ours: Callable[..., Any]
    peer: Callable[..., Any]
    agree: Callable[[Any, Any], None]
    """Raises AssertionError if the two results differ."""
    repeats: int = 5
    growth: tuple[float, ...] = (0.25, 0.5, 1.0)
    """Sizes of the growth table, as shares of ``n``: n/4, n/2, n by default."""
    memory_slack: int = 1 << 20
    """Bytes of measuring noise allowed when our peak is compared with the peer's."""


@dataclass
class Outcome:
    """What one `Case` measured. Seconds; bytes."""

    case: Case
    ours: float
    peer: float
    ours_peak: int
    peer_peak: int
    growth: list[tuple[int, float, float]] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return self.peer / self.ours

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


def compare(case: Case, n: int, repeats: int) -> tuple[float, float]:
    """Best times (ours, peer) in seconds, the two sides taking turns."""
    inputs = case.make(n)
    best = [float("inf"), float("inf")]
    for turn in range(repeats):
        for side in (0, 1) if turn % 2 == 0 else (1, 0):
            seconds, _ = _timed((case.ours, case.peer)[side], inputs)
            best[side] = min(best[side], seconds)
    return best[0], best[1]


def measure(case: Case, *, growth: bool = True) -> Outcome:
    """Check that both sides agree, then time them and take their peak memory."""
    inputs = case.make(case.n)
    case.agree(case.ours(*inputs), case.peer(*inputs))
    ours, peer = compare(case, case.n, case.repeats)
    outcome = Outcome(
        case, ours, peer, peak_extra_bytes(case.ours, inputs), peak_extra_bytes(case.peer, inputs)
    )
    del inputs
    if growth:
        for share in case.growth:
            n = max(1, int(case.n * share))
            times = (ours, peer) if n == case.n else compare(case, n, 2)
            outcome.growth.append((n, *times))
    return outcome


def line(outcome: Outcome) -> str:
    """One row of the table: name, size, both times, ratio against its bar, both peaks."""
    verdict = "ok  " if outcome.fast_enough and outcome.small_enough else "MISS"
    return (
        f"{verdict} {outcome.case.name:<44} {outcome.peer:9.3f} s / {outcome.ours:9.3f} s"
        f" = {outcome.ratio:7.2f} x (bar {outcome.case.bar:g})"
        f"   peak {outcome.peer_peak / 2**20:8.1f} / {outcome.ours_peak / 2**20:8.1f} MiB"
    )


def growth_line(outcome: Outcome) -> str:
    """Our seconds at each size, and how they grow."""
    cells = [f"n={n:,}: {ours:.3f} s (peer {peer:.3f})" for n, ours, peer in outcome.growth]
    return "       " + "   ".join(cells)
