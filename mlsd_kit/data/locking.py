"""One process at a time, and an orderly end when asked to stop."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mlsd_kit.data.errors import CacheError

PATIENCE = 1200.0  # seconds to wait for another process's fetch, whose own time is bounded

try:
    import fcntl
except ImportError:  # Windows: the work may be done twice, the rename keeps it right
    fcntl = None  # type: ignore[assignment]


@contextmanager
def lock(file: Path, what: str) -> Iterator[None]:
    """Hold an exclusive lock on ``file``; the system frees it if this process dies.

    Raises
    ------
    CacheError
        If another process keeps it for longer than `PATIENCE`.
    """
    with file.open("ab") as opened:
        end = time.monotonic() + PATIENCE
        while not _acquired(opened):
            if time.monotonic() > end:
                raise CacheError(
                    f"{what}: another process has been fetching it for {PATIENCE:.0f} s: "
                    "wait for it or end it, then try again."
                )
            time.sleep(0.05)
        yield  # closing the file frees the lock


def _acquired(opened: IO[bytes]) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: as on Windows
        return True
    return True


@contextmanager
def orderly_termination() -> Iterator[None]:
    """Within, SIGTERM raises SystemExit, so that temporary files go and children end.

    A handler that someone else installed stays; signals are the main thread's business only.
    """
    mine = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if mine:
        signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        if mine:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _leave(*_: object) -> None:
    sys.exit(128 + signal.SIGTERM)
