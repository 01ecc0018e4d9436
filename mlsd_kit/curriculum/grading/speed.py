"""How the learner's time compares with the reference's: told, never graded."""

from __future__ import annotations

import ast
import statistics
from typing import Any

from mlsd_kit.curriculum.grading import wire
from mlsd_kit.curriculum.grading.catalogue import Exercise
from mlsd_kit.curriculum.grading.errors import Failed
from mlsd_kit.curriculum.grading.sandbox import Program, Sandbox
from mlsd_kit.curriculum.grading.verdict import Speed

RUNS = 3
BUDGET = 0.4
"""Seconds after which no further run is started."""
SLOW = 20
"""Times the reference from which on a loop is pointed out."""
LOOPS = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)


def measure(exercise: Exercise, sandbox: Sandbox, program: Program) -> Speed | None:
    """The medians on the exercise's ``speed_inputs``; None where there is none or it fails."""
    draw = getattr(exercise.checks_module, "speed_inputs", None)
    if draw is None:
        return None
    import numpy as np

    given = draw(np.random.default_rng(0))
    arguments = {name: wire.pack(value) for name, value in given.items()}
    reference = Program(exercise.function, exercise.reference, "reference.py")
    theirs = _median(sandbox, reference, arguments)
    mine = _median(sandbox, program, arguments)
    if theirs is None or mine is None:
        return None
    ratio = mine / max(theirs, 1e-9)
    return Speed(ratio, mine, theirs, _hint(ratio, program.source, exercise.function))


def _median(sandbox: Sandbox, program: Program, arguments: dict[str, bytes]) -> float | None:
    try:
        with sandbox.child(program) as child:
            return statistics.median(child.times(arguments, RUNS, BUDGET))
    except Failed:
        return None


def _hint(ratio: float, source: str, function: str) -> str:
    if ratio <= SLOW or not has_loop(source, function):
        return ""
    return "an array operation could replace the loop"


def has_loop(source: str, function: str) -> bool:
    """True if the named function, or any helper in the file, loops in Python."""
    try:
        tree: Any = ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return any(isinstance(node, LOOPS) for node in ast.walk(tree))
