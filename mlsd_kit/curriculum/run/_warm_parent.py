"""The parent of warm kernels: it has imported what notebooks import, and forks each kernel.

It is run as a file of its own. It imports nothing of the kit: a notebook must find the kit's
modules as fresh as in a plain kernel. It keeps to one thread, so that forking it is safe.

Its standard input is a pipe that the run holds open: at its end, however the run ended, the parent
ends and takes its kernels along. Requests come over a listening Unix socket, one connection a
kernel: a line of JSON in, the kernel's pid out, later its exit code. A connection that closes early
means that whoever asked for the kernel is gone: the kernel is killed.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
OWN = ("from ipykernel import kernelapp",)


class Parent:
    """Forks kernels, tells how each ended, and kills those that nobody waits for."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.selector = selectors.DefaultSelector()
        self.received: dict[socket.socket, bytes] = {}
        self.pids: dict[socket.socket, int] = {}
        self.woken, self.wake = os.pipe()
        os.set_blocking(self.wake, False)

    def serve(self) -> None:
        """Answer until standard input ends."""
        signal.set_wakeup_fd(self.wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that the wake-up pipe is written to
        for what in (0, self.woken, self.listener):
            self.selector.register(what, selectors.EVENT_READ)
        try:
            while True:
                for key, _ in self.selector.select():
                    if key.fileobj == 0 and not os.read(0, 100):
                        return
                    self._answer(key.fileobj)
        finally:
            for pid in self.pids.values():
                _kill(pid)

    def _answer(self, what: Any) -> None:
        if what == self.woken:
            os.read(self.woken, 100)
            self._reap()
        elif what == self.listener:
            connection, _ = self.listener.accept()
            self.received[connection] = b""
            self.selector.register(connection, selectors.EVENT_READ)
        elif what != 0:
            self._receive(what)

    def _receive(self, connection: socket.socket) -> None:
        if connection not in self.received:
            return  # ended a moment ago
        try:
            data = connection.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            if connection in self.pids:
                _kill(self.pids[connection])  # its end comes as a signal, and is told to nobody
                self.selector.unregister(connection)
            else:
                self._forget(connection)
            return
        self.received[connection] += data
        if self.received[connection].endswith(b"\n"):
            self._fork(connection)

    def _fork(self, connection: socket.socket) -> None:
        request = json.loads(self.received[connection])
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                self._let_go()
                _become_kernel(request, parent)
            except BaseException:  # nothing of the parent's stack may run here
                traceback.print_exc()
            finally:
                os._exit(1)
        self.pids[connection] = pid
        _tell(connection, pid)

    def _let_go(self) -> None:
        """In the new kernel: nothing of the parent's own stays open."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.selector.close()
        for fd in (self.woken, self.wake):
            os.close(fd)
        for each in (self.listener, *self.received):
            each.close()

    def _reap(self) -> None:
        waiting = {pid: connection for connection, pid in self.pids.items()}
        for pid, connection in waiting.items():
            ended, code = os.waitpid(pid, os.WNOHANG)
            if ended:
                _tell(connection, os.waitstatus_to_exitcode(code))
                self._forget(connection)

    def _forget(self, connection: socket.socket) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self.selector.unregister(connection)
        self.received.pop(connection, None)
        self.pids.pop(connection, None)
        connection.close()


def _tell(connection: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):  # whoever asked is gone
        connection.sendall(f"{number}\n".encode())


def _kill(pid: int) -> None:
    """The kernel and what it started; it has not been waited for, so the pid is still its own."""
    for kill in (os.killpg, os.kill):  # it may not have become a group yet
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _become_kernel(request: dict[str, Any], parent: int) -> None:
    """What differs between this process and a kernel that was started afresh; then the kernel."""
    os.setsid()
    if sys.platform == "linux":
        # The signal comes when the *thread* that forked ends: the parent has but one.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            return
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(request["env"])
    os.environ["JPY_PARENT_PID"] = str(parent)
    os.chdir(request["cwd"])
    sys.argv = request["argv"]
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # as a fresh start does; the standard library reseeds itself
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(parent_handle=parent)


def _threads() -> int:
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


def _preload(statements: list[str]) -> str | None:
    """Run the import statements; the first that starts a thread, None if none does."""

    class Shell:  # some look for a notebook while they are imported: pandas chooses its width by it
        kernel = None
        config: dict[str, Any] = {}

    setattr(builtins, "get_ipython", Shell)  # noqa: B010 - no attribute that a checker knows
    for statement in statements:
        with contextlib.suppress(Exception):  # the notebook will say it better
            exec(statement, {})
        if _threads() > 1:
            return statement
    delattr(builtins, "get_ipython")
    return None


def main(listener: int, statements: list[str]) -> None:
    """Import, then serve on the inherited socket number ``listener``."""
    del sys.path[0]  # this file's folder
    bad = _preload([*OWN, *statements])
    if bad is not None:  # a thread cannot be taken back: begin again without that import
        rest = [statement for statement in statements if statement != bad]
        words = [sys.executable, __file__, str(listener), json.dumps(rest)]
        if len(rest) < len(statements):
            os.execv(sys.executable, words)
        sys.exit(f"{bad} starts a thread: no warm kernels")
    gc.collect()
    gc.freeze()  # kernels share these pages until they write to them
    Parent(socket.socket(fileno=listener)).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
