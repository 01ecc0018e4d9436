"""The side that runs the learner's code: a nursery that forks one process for each check.

Started as ``python -I``; imports NumPy and pandas once, then forks a child per request, so that a
check costs milliseconds. A child loads the learner's code, answers calls over its channel with
plain data, and has no say in the verdict.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import linecache
import os
import resource
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

from mlsd_kit.curriculum.grading import guard, kernel, wire

MEMORY = 2 * 2**30
SECONDS_OF_CPU = 60
OUT_OF_MEMORY_EXIT = 77
CLONE_NEWUSER, CLONE_NEWNET, PR_SET_PDEATHSIG = 0x10000000, 0x40000000, 1


def nursery(control_fd: int) -> None:
    """Fork a child for each request on the control socket until it closes."""
    with contextlib.suppress(ImportError):
        import pandas  # noqa: F401  (once, before the forks)
    libc = _libc()
    _leave_the_network(libc)
    gc.freeze()
    control = socket.socket(fileno=control_fd)
    alive: set[int] = set()
    while True:
        message, fds, _, _ = socket.recv_fds(control, 8192, 2)
        if not message:
            break
        word, _, rest = message.decode().partition(" ")
        if word == "fork":
            pid = os.fork()
            if pid == 0:
                control.close()
                _child(fds, rest, libc)
            alive.add(pid)
            for fd in fds:
                os.close(fd)
            control.sendall(struct.pack("<q", pid))
        elif word == "wait":
            pid = int(rest)
            status = os.waitpid(pid, 0)[1] if pid in alive else 0
            alive.discard(pid)
            control.sendall(struct.pack("<q", status))
    for pid in alive:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def _libc() -> Any:
    try:
        return ctypes.CDLL(None, use_errno=True)
    except OSError:  # pragma: no cover - not on Linux
        return None


def _leave_the_network(libc: Any) -> None:
    """An empty network of its own, where the system permits it; the guard stands either way."""
    if sys.platform == "linux" and libc is not None and libc.unshare(CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _child(fds: list[int], folder: str, libc: Any) -> None:
    try:
        channel = socket.socket(fileno=fds[0])
        os.setsid()
        if sys.platform == "linux" and libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.chdir(folder)
        _redirect(fds[1])
        _limit()
        kernel.confine(folder, libc)
        guard.install(folder)
        _serve(channel)
    except MemoryError:
        os._exit(OUT_OF_MEMORY_EXIT)
    except BaseException:
        os._exit(1)
    os._exit(0)


def _redirect(output: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115


def _limit() -> None:
    # data, not address space: libraries reserve addresses by the gigabyte and never touch them
    which = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    limits = [(which, MEMORY), (resource.RLIMIT_CPU, SECONDS_OF_CPU), (resource.RLIMIT_CORE, 0)]
    for limit, most in limits:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))


def _serve(channel: socket.socket) -> None:
    function: Callable[..., Any] | None = None
    filename = ""
    while (data := receive(channel)) is not None:
        request = wire.unpack(data)
        answer: dict[str, Any]
        if "filename" in request:
            filename = request["filename"]
            try:
                function = _load(request)
                answer = {"loaded": True}
            except BaseException as error:
                answer = {"error": _explain(error, filename)}
        else:
            assert function is not None
            timed = "runs" in request
            answer = (
                _timed(function, request, filename)
                if timed
                else _answer(function, request["arguments"], filename)
            )
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
        reply = wire.pack(answer)
        del answer
        channel.sendall(struct.pack("<Q", len(reply)) + reply)


def receive(channel: socket.socket) -> bytes | None:
    """One length-prefixed message; None when the other side is gone."""
    head = _exactly(channel, 8)
    return None if head is None else _exactly(channel, struct.unpack("<Q", head)[0])


def _exactly(channel: socket.socket, size: int) -> bytes | None:
    found = bytearray()
    while len(found) < size:
        part = channel.recv(min(size - len(found), 1 << 20))
        if not part:
            return None
        found += part
    return bytes(found)


def _load(request: dict[str, Any]) -> Callable[..., Any]:
    name, filename, source = request["function"], request["filename"], request["source"]
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    if request["pickled"] is not None:
        import pickle

        return pickle.loads(request["pickled"])
    module = ModuleType("exercise")
    module.__file__ = filename
    sys.modules["exercise"] = module  # where dataclasses and pickle look up the file's own classes
    space = vars(module)
    exec(compile(source, filename, "exec", dont_inherit=True), space)
    if not callable(space.get(name)):
        defined = sorted(key for key, item in space.items() if callable(item) and key[0] != "_")
        raise NameError(
            f"the file defines no function `{name}`"
            + (f"; it defines {', '.join(defined[:5])}" if defined else "")
        )
    return space[name]


def _answer(
    function: Callable[..., Any], arguments: dict[str, bytes], filename: str
) -> dict[str, Any]:
    given = {name: wire.unpack(data) for name, data in arguments.items()}
    try:
        result = wire.pack(function(**given))
        return {"result": result, "after": {name: wire.pack(v) for name, v in given.items()}}
    except BaseException as error:
        return {"error": _explain(error, filename)}


def _timed(function: Callable[..., Any], request: dict[str, Any], filename: str) -> dict[str, Any]:
    """Seconds of some calls on fresh copies; the first warms up and is dropped."""
    times: list[float] = []
    while len(times) <= request["runs"] and sum(times) <= request["budget"]:
        given = {name: wire.unpack(data) for name, data in request["arguments"].items()}
        start = time.perf_counter()
        try:
            function(**given)
        except BaseException as error:
            return {"error": _explain(error, filename)}
        times.append(time.perf_counter() - start)
    return {"times": times[1:] or times}


def _explain(error: BaseException, filename: str) -> dict[str, Any]:
    """The exception in plain data: type, message, and the learner's own lines only."""
    if isinstance(error, MemoryError):
        traceback.clear_frames(error.__traceback__)
        return {"type": "MemoryError", "message": "", "lines": []}
    lines = []
    if isinstance(error, SyntaxError) and error.filename == filename:
        lines = [(error.lineno or 0, "", (error.text or "").strip()[:200])]
        return {"type": type(error).__name__, "message": str(error.msg)[:500], "lines": lines}
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == filename:
            lines.append((frame.lineno or 0, frame.name[:80], (frame.line or "").strip()[:200]))
    try:
        message = str(error)[:1000]
    except BaseException:
        message = ""
    return {"type": type(error).__name__[:80], "message": message, "lines": lines[-3:]}
