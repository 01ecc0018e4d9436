"""Commit to an answer first, then run the experiment that decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mlsd_kit.curriculum.grading import state
from mlsd_kit.curriculum.grading.catalogue import Exercise, find
from mlsd_kit.curriculum.grading.errors import PASSED, WRONG, GradingError

LETTERS = "abcdefgh"


@dataclass(frozen=True)
class Question:
    """What is asked, and the options by letter."""

    text: str
    options: dict[str, str]


@dataclass(frozen=True)
class Measured:
    """What the experiment said."""

    answer: str
    """The letter of the option that came true."""
    shown: str
    """The figures, in a sentence or a small table."""


@dataclass(frozen=True)
class Prediction:
    """A choice and what came out."""

    exercise: str
    choice: str
    answer: str
    status: str
    shown: str
    explanation: str

    @property
    def passed(self) -> bool:
        """True if the choice came true."""
        return self.status == PASSED

    def __str__(self) -> str:
        verdict = "right" if self.passed else f"the experiment says {self.answer}"
        parts = [f"You chose {self.choice}: {verdict}.", self.shown, self.explanation]
        return "\n\n".join(part for part in parts if part)


def question(exercise: Exercise) -> Question:
    """The question of a prediction: ``question.md`` with its options «- a) …»."""
    text = exercise.text("question.md")
    options = dict(re.findall(r"^[-*] *\(?([a-h])\) *(.+)$", text, flags=re.MULTILINE))
    if len(options) < 2 or list(options) != list(LETTERS[: len(options)]):
        raise GradingError(f"{exercise.id}: question.md needs options, lines such as «- a) rises».")
    return Question(text, options)


def measure(exercise: Exercise) -> Measured:
    """Run ``experiment.py``: its ``answer()`` gives the letter, or the letter and the figures."""
    module = exercise.module("experiment")
    if not hasattr(module, "answer"):
        raise GradingError(f"{exercise.id}: experiment.py needs a function answer().")
    found: Any = module.answer()
    letter, shown = found if isinstance(found, tuple) else (found, "")
    return Measured(str(letter), str(shown))


def predict(name: str, choice: str) -> Prediction:
    """Keep ``choice``, run the experiment, and compare.

    The first choice counts: it is kept before the experiment runs.

    Parameters
    ----------
    name : str
        The exercise: ``"predict/smote_before_split"``.
    choice : str
        The letter of an option.

    Raises
    ------
    GradingError
        If there is no such exercise or option.
    """
    exercise = find(name)
    if exercise.kind != "predict":
        raise GradingError(f"{exercise.id} is no prediction: check it with `mlsd check`.")
    options = question(exercise).options
    choice = choice.strip().lower().strip("()")
    if choice not in options:
        raise GradingError(f"Choose one of {', '.join(options)}; got {choice!r}.")
    before = state.row(exercise)
    first = before.attempts == 0
    if first:
        state.update(exercise, status=f"chose-{choice}", attempts=1)
    measured = measure(exercise)
    status = PASSED if choice == measured.answer else WRONG
    if first or before.status.startswith("chose"):
        state.settle(exercise, status, before.attempts or 1)
    explanation = exercise.folder / "explanation.md"
    told = explanation.read_text(encoding="utf-8").strip() if explanation.exists() else ""
    return Prediction(exercise.id, choice, measured.answer, status, measured.shown, told)
