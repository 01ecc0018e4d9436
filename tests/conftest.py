"""Settings that all tests share."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import psutil
import pytest
from hypothesis import settings

# The same examples on every run; HYPOTHESIS_PROFILE=explore draws new ones.
settings.register_profile("reproducible", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "reproducible"))

# A shell starts what it sends to the background deaf to Ctrl-C, and children inherit that: tests
# that interrupt a child would fail there.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def wait_for() -> Callable[..., bool]:
    """Wait until something holds; False if it does not."""

    def wait(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    return wait


@pytest.fixture
def running() -> Callable[[int], bool]:
    """True while a process with that id runs; a dead one that nobody has reaped does not."""

    def is_running(pid: int) -> bool:
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return is_running


@pytest.fixture
def another_user() -> list[str]:
    """What a command begins with to run as a user who is not root; nothing for such a user."""
    if os.geteuid() != 0:
        return []
    nobody = "65534"
    become = ["setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups"]
    # the interpreter may lie in root's own folder: to read there is allowed, to write is not
    reads = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    bounded = "--bounding-set=-all,+dac_read_search"
    for begin in ([*become, *reads, bounded], become):
        begun = [*begin, sys.executable, "-c", "import numpy"]
        with suppress(OSError):
            if subprocess.run(begun, check=False, capture_output=True).returncode == 0:
                return begin
    pytest.skip("no other user may read this Python here, and root cannot lend the right to")


@pytest.fixture
def half_open() -> Iterator[Callable[[int, int], list[socket.socket]]]:
    """Connections to a port of this machine whose client says nothing; closed after the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    with ExitStack() as stack:
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

        def connect(port: int, count: int) -> list[socket.socket]:
            if count + 200 > max(soft, wanted):
                pytest.skip(f"this user may open {wanted} files only")
            at = ("127.0.0.1", port)
            return [
                stack.enter_context(socket.create_connection(at, timeout=30)) for _ in range(count)
            ]

        yield connect
