"""Waiting for processes, and a folder for the logs that failures keep."""

import tempfile
import time
from collections.abc import Callable

import psutil
import pytest


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path, monkeypatch):
    """Logs that are kept on purpose go where pytest cleans up."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


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
