"""Do the checks reject the mutants of a reference?"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field

from mlsd_kit.curriculum.grading import errors, wire
from mlsd_kit.curriculum.grading.catalogue import Exercise
from mlsd_kit.curriculum.grading.declare import Check
from mlsd_kit.curriculum.grading.errors import Failed, GradingError
from mlsd_kit.curriculum.grading.mutants import mutants
from mlsd_kit.curriculum.grading.process import Program
from mlsd_kit.curriculum.grading.sandbox import Sandbox

MUTANT_SECONDS = 2.0
KILLED = 0.95
"""The share of the mutants that compute something else which the checks must reject."""


@dataclass
class Mutation:
    """How many mutants there are, and how many the checks reject."""

    mutants: int = 0
    killed: int = 0
    equivalent: int = 0
    problems: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)


def run_mutants(exercise: Exercise, sandbox: Sandbox) -> Mutation:
    """Every mutant of the reference before the checks, on the inputs of one run."""
    from mlsd_kit.curriculum.grading.judge import drawn

    found = Mutation()
    declared = equivalent(exercise)
    every = mutants(exercise.text("reference.py"))
    unknown = set(declared) - {mutant.id for mutant in every}
    found.problems += [f"mutants.toml names no mutant: {each}" for each in sorted(unknown)]
    pool = [(check, drawn(check, number)) for number, check in enumerate(exercise.checks)]
    for mutant in every:
        survived = _survives(exercise, sandbox, mutant.source, pool)
        if mutant.id in declared:
            found.equivalent += 1
            if not survived:
                found.problems.append(f"mutants.toml: this one is rejected: {mutant.id}")
            continue
        found.mutants += 1
        found.killed += not survived
        if survived:
            found.survivors.append(f"line {mutant.number}: {mutant.id}")
    if found.killed < KILLED * found.mutants:
        found.problems.append(f"only {found.killed} of {found.mutants} mutants are rejected")
    return found


def _survives(
    exercise: Exercise, sandbox: Sandbox, source: str, pool: list[tuple[Check, list[bytes]]]
) -> bool:
    """True if the program passes every check on the pool of inputs."""
    from mlsd_kit.curriculum.grading.judge import Judge

    program = Program(exercise.function, source, "reference.py")
    try:
        with sandbox.child(program, MUTANT_SECONDS) as child:
            for check, inputs in pool:
                judge = Judge(check, child, exercise.function)
                for data in inputs:
                    check.body(judge.call, wire.unpack(data))
                child.refill()
    except (errors.Wrong, Failed):
        return False
    except Exception:
        return False  # the check could not read the answer
    return True


def equivalent(exercise: Exercise) -> dict[str, str]:
    """The mutants declared to compute the same: id and reason.

    ``mutants.toml`` holds ``[[equivalent]]`` tables with ``line``, ``change`` and ``reason``.
    """
    path = exercise.folder / "mutants.toml"
    if not path.exists():
        return {}
    found = {}
    for item in tomllib.loads(path.read_text(encoding="utf-8-sig")).get("equivalent", []):
        if not all(str(item.get(key, "")).strip() for key in ("line", "change", "reason")):
            raise GradingError(f"{exercise.id}: each [[equivalent]] needs line, change and reason.")
        found[f"{item['line']} | {item['change']}"] = str(item["reason"])
    return found
