"""Practice notebooks, generated from statement and stub into the learner's own folder.

None is kept with the exercises: a notebook that is opened there would be changed by saving it.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from mlsd_kit.curriculum.grading import state, stub
from mlsd_kit.curriculum.grading.catalogue import Exercise, exercises

CLOSING = """\
Stuck? In a terminal, `mlsd hint {name}` gives the next of three hints. The cell below folds the
reference open once you have passed. `mlsd check {name}` judges a file of your own instead."""
SOLUTION = 'from mlsd_kit.curriculum.grading.notebook import solution\n\nsolution("{name}")'


def lay_out() -> list[Path]:
    """Write the notebooks that the learner does not have yet; returns where all of them are."""
    found = []
    for exercise in [*exercises("coding"), *exercises("design")]:
        path = state.folder() / "practice" / f"{exercise.name}.ipynb"
        if not path.exists():
            state.write(path, text(exercise))
        found.append(path)
    return found


def text(exercise: Exercise) -> str:
    """The notebook as JSON: statement, stub, check; the same bytes for the same sources."""
    closing = CLOSING.format(name=exercise.name)
    cells = [
        _cell(exercise, "markdown", "task", exercise.statement.strip()),
        _cell(exercise, "code", "stub", _given(exercise).strip()),
        _cell(exercise, "code", "check", _check(exercise)),
        _cell(exercise, "markdown", "help", closing),
        _cell(exercise, "code", "solution", SOLUTION.format(name=exercise.name)),
    ]
    cells[-1]["metadata"] = {"jupyter": {"source_hidden": True}, "tags": ["solution"]}
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _given(exercise: Exercise) -> str:
    return exercise.text("exercise.py") if exercise.kind == "design" else stub.of(exercise)


def _check(exercise: Exercise) -> str:
    answer = "design" if exercise.kind == "design" else exercise.function
    return f'from mlsd_kit.curriculum import check\n\ncheck("{exercise.name}", {answer})'


def _cell(exercise: Exercise, kind: str, name: str, source: str) -> dict[str, Any]:
    """A cell whose id depends on the exercise and its place only."""
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": hashlib.sha256(f"{exercise.id}/{name}".encode()).hexdigest()[:8],
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell
