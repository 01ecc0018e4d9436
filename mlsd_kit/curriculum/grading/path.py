"""The learner's path: hints, solutions, a fresh start, what comes next, how far along."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from mlsd_kit.curriculum.grading import state, stub
from mlsd_kit.curriculum.grading.catalogue import KINDS, Exercise, exercises, find
from mlsd_kit.curriculum.grading.errors import PASSED, GradingError

HINTS = 3


@dataclass(frozen=True)
class Progress:
    """One exercise on the way: what it is, and how it stands."""

    id: str
    title: str
    theme: str
    case_study: str
    level: int
    status: str
    attempts: int
    hints: int
    solved: str


def hint(name: str) -> tuple[int, str]:
    """The next of three hints, and its number; after the third, the third again."""
    exercise = find(name)
    texts = hints(exercise)
    number = min(state.row(exercise).hints + 1, len(texts))
    state.update(exercise, hints=number)
    return number, texts[number - 1]


def hints(exercise: Exercise) -> list[str]:
    """The hints of an exercise, from a nudge to almost the code."""
    parts = re.split(r"^## *(\d+) *$", exercise.text("hints.md"), flags=re.MULTILINE)
    numbers, texts = parts[1::2], [part.strip() for part in parts[2::2]]
    if numbers != ["1", "2", "3"] or not all(texts):
        raise GradingError(f"{exercise.id}: hints.md needs the sections ## 1, ## 2 and ## 3.")
    return texts


def solution(name: str, force: bool = False) -> str:
    """The reference solution, once the exercise is passed.

    Raises
    ------
    GradingError
        If it is not passed yet and ``force`` is not given.
    """
    exercise = find(name)
    if exercise.kind == "predict":
        raise GradingError(f"{exercise.id} shows its answer once you have chosen yours.")
    if not force and state.row(exercise).status != PASSED:
        raise GradingError(
            f"Pass {exercise.id} first (`mlsd hint {exercise.id}` helps), "
            "or see the solution now with --force."
        )
    return stub.solved(exercise.solution_text)


def reset(name: str) -> tuple[Path, Path | None]:
    """Start afresh: the learner's file, and where the old one was kept."""
    exercise = find(name)
    if not exercise.has_file:
        state.update(exercise, status="not started", solved="")
        return state.folder() / "progress.txt", None
    return state.own_path(exercise), state.reset(exercise)


def suggest() -> Exercise | None:
    """The next exercise: the easiest open one whose prerequisites are passed; None at the end.

    An exercise begun and not passed comes first.
    """
    rows = state.rows()
    passed = {name for name, row in rows.items() if row.status == PASSED}
    begun = {name for name, row in rows.items() if row.attempts and name not in passed}
    every = exercises()
    passed |= {e.id for e in every if e.kind == "predict" and e.id in begun}  # answered once
    open_ = [each for each in every if each.id not in passed]
    ready = [each for each in open_ if all(is_in(name, passed) for name in each.requires)]
    order = {kind: rank for rank, kind in enumerate(KINDS)}
    ready.sort(key=lambda e: (e.id not in begun, e.level, order[e.kind], e.theme, e.name))
    return next(iter(ready or open_), None)


def is_in(name: str, ids: set[str]) -> bool:
    """True if ``name``, with or without its kind, is among ``ids``."""
    return name in ids or any(f"{kind}/{name}" in ids for kind in KINDS)


def progress() -> list[Progress]:
    """Every exercise with how it stands, by theme."""
    rows = state.rows()
    found = []
    for each in exercises():
        row = rows.get(each.id, state.Row(each.id))
        found.append(
            Progress(
                each.id,
                each.title,
                each.theme,
                each.case_study,
                each.level,
                row.status,
                row.attempts,
                row.hints,
                row.solved,
            )
        )
    return sorted(found, key=lambda p: (p.theme, p.level, p.id))
