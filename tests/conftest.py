"""Settings that all tests share."""

import os
import signal
import time
from collections.abc import Callable

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
