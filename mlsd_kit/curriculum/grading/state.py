"""The learner's own folder: copies of the exercises, backups, and one readable file of progress.

Everything lies in ``work/`` beside the curriculum (or ``$MLSD_WORK``), which git ignores: an
exercise is never edited in place, so pulling updates meets no edited file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from mlsd_kit import paths
from mlsd_kit.curriculum.grading.catalogue import Exercise
from mlsd_kit.curriculum.grading.errors import PASSED, GradingError
from mlsd_kit.files import write_atomic as write

HEADER = "# exercise  status  attempts  hints  solved  (one line an exercise; edit it if you like)"


@dataclass(frozen=True)
class Row:
    """What is kept about one exercise."""

    id: str
    status: str = "not started"
    attempts: int = 0
    hints: int = 0
    solved: str = ""
    """The day it was first passed, as YYYY-MM-DD."""

    def line(self) -> str:
        """The row as text."""
        status = self.status.replace(" ", "-")
        return f"{self.id}  {status}  {self.attempts}  {self.hints}  {self.solved or '-'}"


def folder() -> Path:
    """The learner's folder; it ignores itself in git."""
    override = os.environ.get("MLSD_WORK")
    found = Path(override).expanduser().resolve() if override else paths.root() / "work"
    with _writing(found):
        found.mkdir(parents=True, exist_ok=True)
        ignore = found / ".gitignore"
        if not ignore.exists():
            write(ignore, "*\n")
    return found


@contextlib.contextmanager
def _writing(where: Path) -> Iterator[None]:
    """One sentence where the system does not let the learner's folder be written."""
    try:
        yield
    except OSError as error:
        raise GradingError(
            f"Cannot write your exercises to {where}: {error.strerror or error}. "
            "Set MLSD_WORK to a folder of your own."
        ) from None


def display(path: Path) -> str:
    """``path`` as one would type it from here."""
    with contextlib.suppress(ValueError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)


def own_path(exercise: Exercise) -> Path:
    """Where the learner's copy lies."""
    return folder() / exercise.kind / f"{exercise.name}.py"


def given_text(exercise: Exercise) -> str:
    """What the learner starts from: the stub, or for a debug variant the broken code."""
    return exercise.text("broken.py" if exercise.kind == "debug" else "exercise.py")


def own_file(exercise: Exercise) -> tuple[Path, bool]:
    """The learner's copy, and whether it was made just now."""
    if not exercise.has_file:
        raise GradingError(
            f"{exercise.id} is a prediction: answer it with `mlsd check {exercise.id}`."
        )
    path = own_path(exercise)
    if path.exists():
        return path, False
    with _writing(path.parent):
        write(path, given_text(exercise))
    return path, True


def reset(exercise: Exercise) -> Path | None:
    """Start afresh; returns where the old copy was kept, if there was one."""
    path = own_path(exercise)
    backup = None
    if path.exists():
        stamp = time.strftime("%Y%m%dT%H%M%S")
        backup = folder() / ".backup" / exercise.kind / f"{exercise.name}.{stamp}.py"
        number = 1
        while backup.exists():
            number += 1
            backup = backup.with_name(f"{exercise.name}.{stamp}-{number}.py")
        with _writing(backup.parent):
            backup.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, backup)
    with _writing(path.parent):
        write(path, given_text(exercise))
    return backup


def rows() -> dict[str, Row]:
    """The kept rows by exercise; a line that cannot be read is passed over."""
    path = folder() / "progress.txt"
    found = {}
    with contextlib.suppress(FileNotFoundError):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            words = line.split()
            with contextlib.suppress(ValueError):
                name, status, attempts, hints, solved = words
                if name.startswith("#"):
                    continue
                day = "" if solved == "-" else solved
                found[name] = Row(name, status.replace("-", " "), int(attempts), int(hints), day)
    return found


def row(exercise: Exercise) -> Row:
    """The row of one exercise."""
    return rows().get(exercise.id, Row(exercise.id))


def update(exercise: Exercise, **changes: object) -> Row:
    """Change the row of one exercise."""
    with _writing(folder()), _lock():
        found = rows()
        new = replace(found.get(exercise.id, Row(exercise.id)), **changes)  # type: ignore[arg-type]
        found[exercise.id] = new
        lines = [HEADER, *(found[name].line() for name in sorted(found))]
        write(folder() / "progress.txt", "\n".join(lines) + "\n")
    return new


def settle(exercise: Exercise, status: str, attempts: int) -> None:
    """Keep how an exercise ended that is answered once."""
    solved = time.strftime("%Y-%m-%d") if status == PASSED else ""
    update(exercise, status=status, attempts=attempts, solved=solved)


class Judged(Protocol):
    """What is kept of a verdict, of whatever kind the exercise is."""

    @property
    def status(self) -> str: ...

    @property
    def passed(self) -> bool: ...


def record(exercise: Exercise, verdict: Judged) -> None:
    """Keep a verdict: the best status stays, attempts are counted."""
    old = row(exercise)
    solved = old.solved or (time.strftime("%Y-%m-%d") if verdict.passed else "")
    status = PASSED if solved else verdict.status
    update(exercise, status=status, attempts=old.attempts + 1, solved=solved)


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    import fcntl

    with (folder() / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
