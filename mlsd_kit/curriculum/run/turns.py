"""Cells that measure under load have the machine for themselves, as far as this run can see to it.

Notebooks of one run compute side by side, and would be each other's outside work. So each takes a
turn for every cell: any number of ordinary cells at once, or a single one with the tag `ALONE`.
"""

from __future__ import annotations

import fcntl  # Unix; on Windows the curriculum runs under WSL
import os
from pathlib import Path

ALONE = "alone"
"""Tag of a cell during which no other notebook of the run computes."""


class Turns:
    """The turns of one notebook; those of a run share a folder.

    Two locks make it fair: whoever waits for the machine holds the first one, so that new cells
    queue up behind and do not overtake for ever. Both end with their process, however it dies.

    Parameters
    ----------
    folder : str or None
        Where the locks lie; None, or a folder that is not there, takes no turns.
    """

    def __init__(self, folder: str | None) -> None:
        self._files: list[int] = []
        if folder and Path(folder).is_dir():
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._files = [os.open(Path(folder, n), flags, 0o600) for n in ("queue", "machine")]

    def take(self, alone: bool) -> None:
        """End the present turn and wait for the next one."""
        if not self._files:
            return
        queue, machine = self._files
        fcntl.flock(machine, fcntl.LOCK_UN)
        fcntl.flock(queue, fcntl.LOCK_EX)
        try:
            fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        finally:
            fcntl.flock(queue, fcntl.LOCK_UN)

    def close(self) -> None:
        """End the present turn for good."""
        for file in self._files:
            os.close(file)
        self._files = []
