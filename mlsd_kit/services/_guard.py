"""A small process that stands between a service and the process that started it.

It is run as a file of its own, with nothing but the standard library. Its standard input is a pipe
that the starter holds open: one letter is an order (T terminate, K kill), the end of the pipe means
that the starter is gone, however it died, and the service follows it. On Linux the kernel also
ends the service if this process should be killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys

NOT_STARTED = 127
LEAVINGS = "leavings"
"""A file beside the log: paths, one a line, to be removed if the starter cannot do it any more."""
PR_SET_PDEATHSIG = 1


def main(log: str, command: list[str]) -> int:
    """Run ``command`` with its output in ``log`` until it ends; its exit code, 128 + signal."""
    starter, guard = os.getppid(), os.getpid()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # so that the wake-up pipe is written to
    failed, failure = os.pipe()  # both close when the service's program takes over
    child = os.fork()
    if child == 0:
        _become(log, command, failure, guard)
    os.close(failure)
    if reason := os.read(failed, 200):
        sys.stdout.buffer.write(b"!" + reason + b"\n")
        sys.stdout.buffer.flush()
        return NOT_STARTED
    print(child, flush=True)
    try:
        return _watch(child, woken, starter, log)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)  # what the service started ends with it


def _watch(child: int, woken: int, starter: int, log: str) -> int:
    while True:
        ready, _, _ = select.select([0, woken], [], [], 0.5)
        if woken in ready:
            os.read(woken, 100)
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        order = os.read(0, 1) if 0 in ready else b"."
        gone = order == b"" or os.getppid() != starter
        if gone or order == b"K":
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            if gone:
                _tidy(log)
            return 128 + signal.SIGKILL
        if order == b"T":
            os.kill(child, signal.SIGTERM)


def _tidy(log: str) -> None:
    """Remove what the service leaves behind beside its log."""
    import shutil  # only here: these take longer to import than all the rest
    from pathlib import Path

    with contextlib.suppress(OSError):
        for each in Path(log).with_name(LEAVINGS).read_text().split("\n"):
            shutil.rmtree(each, ignore_errors=True)
            with contextlib.suppress(OSError):
                Path(each).unlink()


def _become(log: str, command: list[str], failure: int, guard: int) -> None:
    """In the new process: its own group, its output to the log, then the service's program."""
    try:
        os.setpgid(0, 0)
        _die_with(guard)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.execvp(command[0], command)
    except OSError as error:
        os.write(failure, (error.strerror or "it cannot be started").encode()[:200])
    finally:
        os._exit(NOT_STARTED)


def _die_with(guard: int) -> None:
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:  # it died before the line above
        os._exit(NOT_STARTED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
