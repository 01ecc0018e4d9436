"""How much of the machine other programs take while an experiment runs.

A latency measured beside a compiler is the compiler's as much as the service's. Whether there was
one is no matter of opinion: the system knows the processor time of all processes together, and of
each one. What is not ours is outside work.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

MOST = 0.25
"""Share of the machine from which on outside work makes a measured time worthless."""
_REAPED = sys.platform == "linux"
"""Whether a process's times hold those of its children that have ended."""


@dataclass(frozen=True)
class Sample:
    """What was used up to a moment, in seconds."""

    at: float
    """On the monotonic clock."""
    machine: float
    """Processor time of all cores, and what a hypervisor took from them."""
    own: float
    """Processor time of the experiment's processes."""


class OutsideWork:
    """Tells the processor time of other programs from that of an experiment.

    The experiment is one process with everything that it started, and what those started, however
    deep: servers, workers, guards. Once seen, a process belongs to it even if its parent dies; and
    so do all processes of a session that one of them leads. Everything else is outside: the
    desktop, other notebooks, the runner that started this one, other guests of the same host.
    Time spent in interrupts belongs to nobody.

    Parameters
    ----------
    pid : int, default=None
        The process at the root; None is this one.

    Examples
    --------
    >>> watch = OutsideWork()
    >>> before = watch.sample()
    >>> 0 <= watch.share(before, watch.sample()) <= 1
    True
    """

    def __init__(self, pid: int | None = None) -> None:
        self._root = psutil.Process(pid)
        self._members: dict[int, psutil.Process] = {}
        self._parents: dict[int, int] = {}
        self._used: dict[int, float] = {}
        self._ended = 0.0  # seconds of members that ended without a member to inherit them

    def sample(self) -> Sample:
        """What has been used up to now; takes a few milliseconds."""
        self._look()
        self._read()
        spent = psutil.cpu_times()
        machine = spent.user + spent.system + getattr(spent, "nice", 0) + getattr(spent, "steal", 0)
        return Sample(time.monotonic(), machine, sum(self._used.values()) + self._ended)

    def share(self, first: Sample, last: Sample) -> float:
        """Outside work between two samples, as a share of all cores: 0 to 1."""
        room = (last.at - first.at) * (psutil.cpu_count() or 1)
        outside = (last.machine - first.machine) - (last.own - first.own)
        return min(1.0, max(0.0, outside / room)) if room > 0 else 0.0

    def _look(self) -> None:
        """Add what has been started since."""
        found = [self._root]
        for member in [self._root, *self._orphans()]:
            try:
                found += member.children(recursive=True)
            except psutil.Error:
                continue  # it has just ended
        for process in found:
            self._members.setdefault(process.pid, process)
        for pid in psutil.pids():
            if pid not in self._members and _session(pid) in self._members:
                try:
                    self._members[pid] = psutil.Process(pid)
                except psutil.Error:
                    continue

    def _orphans(self) -> list[psutil.Process]:
        return [
            member
            for pid, member in self._members.items()
            if pid != self._root.pid and self._parents.get(pid) not in self._members
        ]

    def _read(self) -> None:
        for pid, process in list(self._members.items()):
            try:
                if not process.is_running():  # its number may have gone to another
                    raise psutil.NoSuchProcess(pid)
                parent, spent = process.ppid(), process.cpu_times()
            except psutil.Error:
                self._forget(pid)
                continue
            self._parents[pid] = parent
            inherited = spent.children_user + spent.children_system if _REAPED else 0.0
            self._used[pid] = spent.user + spent.system + inherited

    def _forget(self, pid: int) -> None:
        """A process that has ended: its time is its parent's now, or else it is kept here."""
        used = self._used.pop(pid, 0.0)
        if not (_REAPED and self._parents.get(pid) in self._parents):
            self._ended += used
        del self._members[pid]  # its entry in _parents stays: it was one of ours


@dataclass
class Beside:
    """What went on beside a measurement; see `watching`."""

    most: float
    share: float | None = None
    """Outside work as a share of the machine, once the block has ended."""

    @property
    def undecided(self) -> str | None:
        """The sentence for a claim if it was too much; None if it was not.

        Raises
        ------
        RuntimeError
            If the block has not ended.
        """
        if self.share is None:
            raise RuntimeError("what went on beside is known when the block has ended.")
        if self.share <= self.most:
            return None
        return f"other work took {100 * self.share:.0f} % of the machine"


@contextlib.contextmanager
def watching(most: float = MOST) -> Iterator[Beside]:
    """Watch for outside work while a block measures times.

    Parameters
    ----------
    most : float in [0, 1], default=0.25
        Share of the machine that it may take.

    Yields
    ------
    Beside

    Examples
    --------
    >>> with watching(most=1.0) as beside:
    ...     time.sleep(0.01)
    >>> beside.undecided is None
    True
    """
    watch, beside = OutsideWork(), Beside(most)
    first = watch.sample()
    yield beside
    beside.share = watch.share(first, watch.sample())


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return -1
