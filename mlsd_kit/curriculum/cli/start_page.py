"""The page on which JupyterLab opens: the path through the curriculum, and how far one is.

Only the roof knows both case studies and exercises, so the page is written here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from mlsd_kit import paths
from mlsd_kit.curriculum.grading import progress, state, suggest
from mlsd_kit.curriculum.grading.catalogue import KINDS, Exercise, exercises
from mlsd_kit.curriculum.grading.errors import NOT_STARTED, PASSED
from mlsd_kit.curriculum.run.catalogue import Entry, catalogue
from mlsd_kit.curriculum.run.results import Result, ResultStore
from mlsd_kit.files import write_atomic

TITLES = {
    "coding": "Coding questions",
    "estimates": "Estimates",
    "debug": "Bugs to find",
    "predict": "Outcomes to predict",
    "design": "Design drills",
}


def write(build: Path) -> Path | None:
    """Write ``start.md`` into the learner's folder.

    Parameters
    ----------
    build : Path
        The build folder, which knows each case study's last result.

    Returns
    -------
    Path or None
        None if that folder lies outside the curriculum, where JupyterLab does not look.
    """
    folder = state.folder()
    if not folder.is_relative_to(paths.root()):
        return None
    page = folder / "start.md"
    write_atomic(page, text(folder, build))
    return page


def text(folder: Path, build: Path) -> str:
    """The page as Markdown, with links that hold from ``folder``."""
    found = exercises()
    status = {row.id: row.status for row in progress()}
    entries, store = catalogue(), ResultStore(build)
    parts = [OPENING, *_next(folder)]
    for theme, group in groupby(entries, key=lambda entry: entry.theme):
        shown = list(group)
        parts.append(f"## {theme.replace('_', ' ').capitalize()}\n")
        parts.append("| | notebook | the question |\n|:---|:---|:---|")
        for entry in shown:
            mark = _ran(store.load(entry.id, {}))
            parts.append(f"| {mark} | {_title(entry, folder)} | {entry.question} |")
        names = {entry.name for entry in shown}
        mine = [exercise for exercise in found if exercise.case_study in names]
        links = " · ".join(_mark(status[each.id]) + _link(each, folder) for each in mine)
        parts.append(f"\nPractise with {links}\n" if links else "")
    return "\n".join([*parts, *_practice(found, status, folder)]) + "\n"


def _next(folder: Path) -> Iterator[str]:
    exercise = suggest()
    if exercise is not None:
        yield f"**Your next exercise:** {_link(exercise, folder)}\n"


def _practice(found: Sequence[Exercise], status: dict[str, str], folder: Path) -> Iterator[str]:
    """Every exercise once, by kind: statement or practice notebook, and how it stands."""
    yield "## All exercises\n"
    for kind in KINDS:
        each = sorted((e for e in found if e.kind == kind), key=lambda e: (e.level, e.name))
        done = sum(status[e.id] == PASSED for e in each)
        links = " · ".join(f"{_mark(status[e.id])}{_link(e, folder)}" for e in each)
        yield f"**{TITLES[kind]}** ({done} of {len(each)} passed): {links}\n"


def _ran(last: Result | None) -> str:
    return "○" if last is None else ("✓" if last.passed else "✗")


def _mark(status: str) -> str:
    return {PASSED: "✓ ", NOT_STARTED: ""}.get(status, "… ")


def _title(entry: Entry, folder: Path) -> str:
    target = entry.notebook if entry.notebook.exists() else entry.source  # one being written
    return f"[{entry.title}]({_path(target, folder)})"


def _link(exercise: Exercise, folder: Path) -> str:
    """To the practice notebook where there is one, else to the statement."""
    notebook = folder / "practice" / f"{exercise.name}.ipynb"
    name = "question.md" if exercise.kind == "predict" else "task.md"
    target = notebook if notebook.exists() else exercise.folder / name
    return f"[{exercise.title}]({_path(target, folder)})"


def _path(target: Path, folder: Path) -> str:
    return Path(os.path.relpath(target, folder)).as_posix()


OPENING = """\
# Start here

Begin with the first notebook of the list; then settle the concept questions by experiment, and
build the systems. In every notebook: read the question, predict, run the cell (Shift+Enter), and
compare. Unfold the answers to the interviewer's questions only after your own.

Marks: ✓ passed, … begun, ✗ failed when last run here, ○ not run here yet. Coding questions and
design drills open as notebooks; everything else is a statement here, and `mlsd check NAME` in a
terminal (File → New → Terminal). Each `mlsd lab` writes this page anew.
"""
