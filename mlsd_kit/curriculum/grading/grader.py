"""From an exercise's name and a file to a verdict."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlsd_kit.curriculum.grading import errors
from mlsd_kit.curriculum.grading.bench import Bench
from mlsd_kit.curriculum.grading.catalogue import Exercise, exercises, find
from mlsd_kit.curriculum.grading.sandbox import Program, Sandbox
from mlsd_kit.curriculum.grading.verdict import CheckResult, Verdict

JUDGES: dict[str, Callable[[Exercise, Path, str], Any]] = {}
"""Judges of kinds that are no functions, set by the roof: exercise, file and note → verdict."""
AT_ONCE = {errors.WRONG, errors.PASSED}
"""After any other status the remaining checks would only repeat it."""


def grade(name: str, *, file: Path | str | None = None, seed: int | None = None) -> Verdict:
    """Judge a learner's file.

    Parameters
    ----------
    name : str
        The exercise: ``"mape"`` or ``"coding/mape"``.
    file : path, default=None
        The learner's file; by default the copy in the working folder, made on first use.
    seed : int, default=None
        Replays a run; by default every run draws other inputs.

    Returns
    -------
    Verdict

    Raises
    ------
    GradingError
        If there is no such exercise or file.
    """
    from mlsd_kit.curriculum.grading import state

    exercise = find(name)
    note = ""
    if file is None:
        path, copied = state.own_file(exercise)
        note = f"Copied the exercise to {state.display(path)}: write your solution there." * copied
    else:
        path = Path(file)
    if exercise.kind in JUDGES:
        verdict = JUDGES[exercise.kind](exercise, path, note)
        if file is None:
            state.record(exercise, verdict)
        return verdict
    try:
        source = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise errors.GradingError(f"Cannot read {path}: {error.strerror}.") from None
    function = exercise.judged_by.function
    program = Program(function, source, state.display(path))
    verdict = judge(exercise, program, seed=seed, note=note)
    if file is None:
        state.record(exercise, verdict)
    return verdict


def judge(
    exercise: Exercise, program: Program, *, seed: int | None = None, note: str = ""
) -> Verdict:
    """Judge a program: a file's text, or a notebook's function."""
    start = time.perf_counter()
    seed = new_seed() if seed is None else seed
    exercise.load()
    with Sandbox() as sandbox:
        checks = run_checks(exercise, sandbox, program, seed)
        status = overall(checks, len(exercise.judged_by.checks))
        speed = None
        if status == errors.PASSED:
            from mlsd_kit.curriculum.grading.speed import measure

            speed = measure(exercise.judged_by, sandbox, program)
    seconds = time.perf_counter() - start
    return Verdict(
        exercise.id, status, checks, speed, seed, seconds, file=program.filename, note=note
    )


def check_all(kind: str | None = None) -> list[Verdict]:
    """Judge every exercise that the learner has begun; the others are reported as not started."""
    from mlsd_kit.curriculum.grading import state

    verdicts = []
    rows = state.rows()
    for exercise in exercises(kind):
        if exercise.has_file and state.own_path(exercise).exists():
            verdicts.append(grade(exercise.id))
        else:
            row = rows.get(exercise.id)
            verdicts.append(Verdict(exercise.id, row.status if row else errors.NOT_STARTED))
    return verdicts


def new_seed() -> int:
    """A seed that no other run has: time and process mixed, short enough to type."""
    return hash((time.time_ns(), os.getpid())) % 1_000_000


def overall(checks: tuple[CheckResult, ...], declared: int) -> str:
    """The first status that is not passed; never passed unless every declared check was run."""
    found = next((c.status for c in checks if c.status != errors.PASSED), errors.PASSED)
    if found == errors.PASSED and len(checks) != max(declared, 1):
        return errors.ERROR
    return found


def run_checks(
    exercise: Exercise,
    sandbox: Sandbox | Bench,
    program: Program,
    seed: int,
    *,
    shrink: bool = True,
    until: str = "",
) -> tuple[CheckResult, ...]:
    """Every check in a process of its own; after a crash or a time-out the rest is not run.

    With ``until`` no further check is run once the misconception of that name is named.
    """
    from mlsd_kit.curriculum.grading.judge import SHRINKING, Judge

    judged_by = exercise.judged_by
    results: list[CheckResult] = []
    judges: list[Judge | None] = []
    shrinking = SHRINKING if shrink else 0.0
    for number, check in enumerate(judged_by.checks):
        if results and results[-1].status not in AT_ONCE:
            results.append(CheckResult(check.name, check.sentence, errors.NOT_RUN))
            judges.append(None)
            continue
        try:
            child = sandbox.child(program)
        except errors.Failed as failed:
            results.append(CheckResult(check.name, check.sentence, failed.status, failed.message))
            judges.append(None)
            continue
        child.answered = any(result.status in AT_ONCE for result in results)
        with child:
            judge = Judge(check, child, judged_by.function)
            results.append(judge.run(seed + number, shrinking))
            if results[-1].status == errors.WRONG and not judge.changed_input:
                judge.ask_on(seed + number)
            judges.append(judge)
        if results[-1].status == errors.WRONG:
            shrinking = min(shrinking, 0.2)  # one small counterexample is enough
            if until and until in dict(_named(exercise, results, judges)[-1].misconceptions):
                break
    return tuple(_named(exercise, results, judges))


def _named(exercise: Exercise, results: list[CheckResult], judges: list[Any]) -> list[CheckResult]:
    """The results with the misconceptions that explain them."""
    from dataclasses import replace

    from mlsd_kit.curriculum.grading.diagnose import diagnose

    run = [judge.calls for judge in judges if judge is not None]
    few = any(judge.few for judge in judges if judge is not None)
    right = None if few else exercise.judged_by.right
    named = []
    for result, judge in zip(results, judges, strict=True):
        if result.status == errors.WRONG and judge is not None and not judge.changed_input:
            wrong = {**exercise.judged_by.misconceptions, **exercise.misconceptions}
            names = diagnose(wrong, judge.failing_calls, run, exercise.judged_by.reading, right)
            result = replace(result, misconceptions=names)
        named.append(result)
    return named
