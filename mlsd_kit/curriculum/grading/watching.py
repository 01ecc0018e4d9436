"""Re-check on save: the files' times are looked at a few times a second, on any file system."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from mlsd_kit.curriculum.grading import state
from mlsd_kit.curriculum.grading.catalogue import find
from mlsd_kit.curriculum.grading.errors import GradingError
from mlsd_kit.curriculum.grading.grader import grade
from mlsd_kit.curriculum.grading.verdict import Verdict

EVERY = 0.3
"""Seconds between two looks."""


def watch(name: str, *, every: float = EVERY, seconds: float | None = None) -> Iterator[Verdict]:
    """A verdict now, and one after each save of the learner's file, until interrupted.

    Looking at the file's time needs no file events, so this also works on network drives and in
    containers.

    Parameters
    ----------
    name : str
        The exercise.
    every : float
        Seconds between two looks.
    seconds : float, default=None
        Stop after this long.
    """
    exercise = find(name)
    path, _ = state.own_file(exercise)
    end = float("inf") if seconds is None else time.monotonic() + seconds
    seen: tuple[int, int] | None = (-1, -1)
    while time.monotonic() < end:
        now = stamp(path)
        if now is not None and now != seen:
            seen = now
            try:
                verdict = grade(exercise.id)
            except GradingError:  # saved by delete and rename: it is back in a moment
                seen = None
            else:
                yield verdict
        time.sleep(every)


def stamp(path: Path) -> tuple[int, int] | None:
    """Time and size of ``path``; None while it does not exist."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
