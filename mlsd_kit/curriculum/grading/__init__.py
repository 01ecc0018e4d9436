"""Exercises: find them, run a learner's file apart, judge what comes back, and say why.

Importing this package is light: NumPy, pandas and hypothesis load with the first verdict.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mlsd_kit.curriculum.grading.declare import check, require
from mlsd_kit.curriculum.grading.errors import GradingError, Wrong

if TYPE_CHECKING:
    from mlsd_kit.curriculum.grading.catalogue import Exercise, exercises
    from mlsd_kit.curriculum.grading.compare import same
    from mlsd_kit.curriculum.grading.grader import check_all, grade
    from mlsd_kit.curriculum.grading.path import Progress, hint, progress, reset, solution, suggest
    from mlsd_kit.curriculum.grading.prediction import Prediction, predict
    from mlsd_kit.curriculum.grading.proof import Proof
    from mlsd_kit.curriculum.grading.proving import dev_check
    from mlsd_kit.curriculum.grading.verdict import CheckResult, Verdict
    from mlsd_kit.curriculum.grading.watching import watch

_WHERE = {
    "CheckResult": "verdict",
    "Exercise": "catalogue",
    "Prediction": "prediction",
    "Progress": "path",
    "Proof": "proof",
    "Verdict": "verdict",
    "check_all": "grader",
    "dev_check": "proving",
    "exercises": "catalogue",
    "grade": "grader",
    "hint": "path",
    "predict": "prediction",
    "progress": "path",
    "reset": "path",
    "same": "compare",
    "solution": "path",
    "suggest": "path",
    "watch": "watching",
}
"""Which module holds a name; it is imported when the name is first used."""

__all__ = [
    "CheckResult",
    "Exercise",
    "GradingError",
    "Prediction",
    "Progress",
    "Proof",
    "Verdict",
    "Wrong",
    "check",
    "check_all",
    "dev_check",
    "exercises",
    "grade",
    "hint",
    "predict",
    "progress",
    "require",
    "reset",
    "same",
    "solution",
    "suggest",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
