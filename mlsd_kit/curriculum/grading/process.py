"""One process with the learner's function in it, from the judge's side: every byte is hostile."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlsd_kit.curriculum.grading import wire
from mlsd_kit.curriculum.grading.errors import (
    CRASHED,
    ERROR,
    NOT_STARTED,
    OUT_OF_MEMORY,
    TIMED_OUT,
    Failed,
)

SECONDS = 10.0
"""Time that the learner's code may take for one check; on a busy machine, processor time."""
LOADING = 60.0
"""Time that it may take to load: what a file imports is not what its function computes."""
LOOK = 0.2
"""Seconds between two looks at a process that is out of time."""
PATIENCE = 12
"""So many times its time a process is waited for that others keep from the processor."""
PRINTED = 64 * 1024
"""Bytes of a learner's printing that are kept."""
OUT_OF_MEMORY_EXIT = 77
BROKEN = "your code broke the process that runs it"
MEMORY_SENTENCE = "your code asked for more than 2 GiB of memory"


@dataclass(frozen=True)
class Program:
    """What the learner wrote: a file's text, or a pickled function with its source for messages."""

    function: str
    source: str
    filename: str
    pickled: bytes | None = None


@dataclass(frozen=True)
class Reply:
    """What came back from one call."""

    result: bytes
    """The packed answer."""
    changed: tuple[str, ...]
    """The arguments that the call wrote into."""


class Child:
    """One process with the learner's function in it."""

    def __init__(
        self,
        wait: Callable[[int], int],
        pid: int,
        channel: socket.socket,
        output: int,
        folder: Path,
        seconds: float,
    ) -> None:
        self._wait, self._pid, self._folder = wait, pid, folder
        self._channel, self._output = channel, output
        self._allowed = self._left = seconds
        self._printed = bytearray()
        self._closed = self._reaped = False
        self._status = 0
        self.answered = False
        """True once the function has given an answer, here or in an earlier check."""
        self._cpu_before = 0.0

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def printed(self) -> str:
        """What the learner's code printed so far."""
        return self._printed.decode(errors="replace")

    def load(self, program: Program) -> None:
        """Load the learner's code; `Failed` says why it does not load."""
        self._left = max(LOADING, self._allowed)
        self._ask(vars(program))
        self.refill()  # what it imports is not what it computes
        self._cpu_before = self._cpu()

    def call(self, arguments: dict[str, bytes]) -> Reply:
        """Call the learner's function with packed arguments.

        Raises
        ------
        Failed
            With the status and the sentence, if there is no answer to judge.
        """
        answer = self._ask({"arguments": arguments})
        after, result = answer.get("after"), answer.get("result")
        if not isinstance(result, bytes) or not isinstance(after, dict):
            raise Failed(CRASHED, BROKEN)
        kept = {name for name, data in after.items() if isinstance(data, bytes)}
        if not kept >= set(arguments):
            raise Failed(CRASHED, BROKEN)
        self.answered = True
        changed = tuple(name for name, data in arguments.items() if after[name] != data)
        return Reply(result, changed)

    def refill(self) -> None:
        """Allow the full time again."""
        self._left = self._allowed

    def times(self, arguments: dict[str, bytes], runs: int, budget: float) -> list[float]:
        """Seconds that some calls took; no further run starts after ``budget`` seconds."""
        answer = self._ask({"arguments": arguments, "runs": runs, "budget": budget})
        times = answer.get("times")
        if not isinstance(times, list) or not all(isinstance(t, float) for t in times):
            raise Failed(CRASHED, BROKEN)
        return times

    def close(self) -> None:
        """End the process and everything it started."""
        if self._closed:
            return
        self._closed = True
        self._kill()
        self._reap()
        self._drain()
        self._channel.close()
        os.close(self._output)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kill(self) -> None:
        if self._reaped:
            return
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(OSError):
                kill(self._pid, signal.SIGKILL)

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        data = wire.pack(message)
        deadline = time.monotonic() + self._left
        try:
            self._channel.settimeout(max(self._left, 10 * LOOK))  # late, it still has to be asked
            self._channel.sendall(struct.pack("<Q", len(data)) + data)
            size = struct.unpack("<Q", self._receive(8, deadline))[0]
            if size > wire.LARGEST:
                raise Failed(ERROR, "the answer is larger than 64 MB")
            answer = wire.unpack(self._receive(size, deadline))
        except wire.WireError:
            raise Failed(CRASHED, BROKEN) from None
        except TimeoutError:
            self._kill()
            raise Failed(TIMED_OUT, f"no answer within {self._allowed:.3g} seconds") from None
        except OSError:
            raise self._ended() from None
        finally:
            self._left = deadline - time.monotonic()
        if not isinstance(answer, dict):
            raise Failed(CRASHED, BROKEN)
        if "error" in answer:
            raise _failure(answer["error"], self.answered)
        return answer

    def _receive(self, size: int, deadline: float) -> bytes:
        found = bytearray()
        while len(found) < size:
            left = max(deadline - time.monotonic(), LOOK)
            ready = select.select([self._channel.fileno(), self._output], [], [], left)[0]
            over = time.monotonic() - deadline
            silent = self._channel.fileno() not in ready  # what it prints is no answer
            if over > 0 and not self._was_kept_waiting(over, silent):
                raise TimeoutError
            if (
                self._output in ready
                and not self._read_output()
                and self._channel.fileno() not in ready
            ):
                time.sleep(0.001)  # its output is closed; wait for the channel
            if self._channel.fileno() in ready:
                part = self._channel.recv(min(size - len(found), 1 << 20))
                if not part:
                    raise ConnectionError
                found += part
        return bytes(found)

    def _was_kept_waiting(self, over: float, silent: bool) -> bool:
        """Whether a process that is out of time has computed for less: others had the processor.

        One that has been ``silent`` must compute now; one that has just answered may sleep again.
        """
        used = self._cpu() - self._cpu_before
        if used >= self._allowed or over >= PATIENCE * self._allowed:
            return False
        return not silent or self._answering()

    def _answering(self) -> bool:
        """True while a thread of the process computes; one that sleeps or waits has had its time.

        The process's own state is that of its first thread, which may wait for the others.
        """
        threads = Path(f"/proc/{self._pid}/task").glob("*/stat")
        return any(_fields(thread)[:1] == ["R"] for thread in threads)

    def _cpu(self) -> float:
        """Seconds of processor time that the process has used; infinite where nobody says."""
        fields = self._stat()
        if len(fields) < 13:
            return float("inf")
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _stat(self) -> list[str]:
        """The fields of the process's state."""
        return _fields(Path(f"/proc/{self._pid}/stat"))

    def _read_output(self) -> bool:
        part = os.read(self._output, 1 << 16)
        self._printed += part[: PRINTED - len(self._printed)]
        return bool(part)

    def _drain(self) -> None:
        with contextlib.suppress(OSError):
            while select.select([self._output], [], [], 0)[0] and self._read_output():
                if len(self._printed) >= PRINTED:
                    break

    def _ended(self) -> Failed:
        for _ in range(60):
            if self._is_over():
                break
            time.sleep(0.005)
        else:
            self._kill()  # it closed its channel and lives on
        status = self._reap()
        self._drain()
        if os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            return Failed(CRASHED, f"the process that ran your code died of {name}")
        code = os.WEXITSTATUS(status)
        if code == OUT_OF_MEMORY_EXIT:
            return Failed(OUT_OF_MEMORY, MEMORY_SENTENCE)
        return Failed(CRASHED, f"your code ended its process (exit code {code}) before it answered")

    def _is_over(self) -> bool:
        return self._stat()[:1] in (["Z"], ["X"])

    def _reap(self) -> int:
        if not self._reaped:
            self._status = self._wait(self._pid)
            self._reaped = True
        return self._status


def _fields(stat: Path) -> list[str]:
    """The fields of a state from the third on; none where there is no such process or no /proc."""
    try:
        text = stat.read_text(errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _failure(error: Any, answered: bool = False) -> Failed:
    """The learner's exception as a sentence; every field comes from a hostile process."""
    if not isinstance(error, dict):
        return Failed(CRASHED, BROKEN)
    kind, message = str(error.get("type", ""))[:80], str(error.get("message", ""))[:1000]
    if kind == "NotImplementedError" and not answered:  # later it is a branch that is missing
        return Failed(NOT_STARTED, message or "nothing written yet")
    if kind == "MemoryError":
        return Failed(OUT_OF_MEMORY, MEMORY_SENTENCE)
    if kind == "SystemExit":
        message = "your code ends the program; return a value instead"
    return Failed(ERROR, f"{kind}: {message}".rstrip(": ") + _lines(error.get("lines")))


def _lines(lines: Any) -> str:
    told = []
    for line in lines if isinstance(lines, list) else []:
        try:
            number, name, text = int(line[0]), str(line[1])[:80], str(line[2])[:200]
        except (TypeError, ValueError, IndexError, KeyError):
            continue
        where = f" in {name}" if name and name != "<module>" else ""
        told.append(f"\n    line {number}{where}: {text}")
    return "".join(told)
