"""One run at a time in one build folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from mlsd_kit.curriculum.run.errors import BuildFolderError


@contextlib.contextmanager
def exclusive(build: Path) -> Iterator[None]:
    """Hold the build folder; two runs must not write the same files."""
    import fcntl  # Unix; on Windows the curriculum runs under WSL

    try:
        build.mkdir(parents=True, exist_ok=True)
        lock = (build / ".lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise BuildFolderError(
            f"Cannot write to the build folder {build}: {error.strerror or error}. "
            "Choose another one with --build."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            raise BuildFolderError(
                f"Another run (process {owner}) is using {build}: wait for it to end, or give "
                "this one a folder of its own with --build."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
