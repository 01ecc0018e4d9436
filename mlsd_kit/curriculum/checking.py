"""Where exercises and designs meet: one ``check`` for all, in a notebook and on the command line.

The rooms below know nothing of each other: `grading` finds and judges exercises, `drills` judges
designs by simulation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsd_kit.curriculum.grading import GradingError, notebook, state
from mlsd_kit.curriculum.grading.catalogue import Exercise, find

if TYPE_CHECKING:
    from mlsd_kit.curriculum.drills.report import Report


def check(name: str, answer: Callable[..., Any] | str | Any, *, seed: int | None = None) -> Any:
    """Judge what a notebook has made: a function, the letter of a prediction, or a design.

    Parameters
    ----------
    name : str
        The exercise: ``"knn"``.
    answer : callable, str or design
        Your function; for a prediction the letter of your option; for a drill your design.
    seed : int, default=None
        Replays a run.

    Returns
    -------
    Verdict, Prediction or Report
        Shown as HTML in a notebook, as text elsewhere.

    Raises
    ------
    GradingError
        If there is no such exercise, or the answer is not of its kind.
    """
    exercise = find(name)
    if exercise.kind != "design":
        return notebook.check(name, answer, seed=seed)
    from mlsd_kit.curriculum.drills.drill import load
    from mlsd_kit.curriculum.drills.grade import grade

    if getattr(answer, "drill", None) != exercise.name:
        raise GradingError(f'Pass your design: check("{exercise.name}", design).')
    report = grade(load(exercise.name), answer)
    state.record(exercise, report)
    return report


def judge_design(exercise: Exercise, path: Path, note: str) -> Report:
    """Judge the design in a file by simulation: what `mlsd check` does with it."""
    from mlsd_kit.curriculum.drills.drill import load
    from mlsd_kit.curriculum.drills.errors import DrillError
    from mlsd_kit.curriculum.drills.grade import grade_file

    try:
        report = grade_file(load(exercise.name), path, state.display(path))
    except DrillError as error:
        raise GradingError(str(error)) from None
    except OSError as error:
        raise GradingError(f"Cannot read {path}: {error.strerror}.") from None
    return replace(report, note=note, file=state.display(path))
