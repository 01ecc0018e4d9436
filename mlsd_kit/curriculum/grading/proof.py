"""Is a grader to be trusted? Everything that is known to be right or wrong is put before it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from mlsd_kit.curriculum.grading import errors
from mlsd_kit.curriculum.grading.bench import Bench
from mlsd_kit.curriculum.grading.catalogue import Exercise
from mlsd_kit.curriculum.grading.errors import Failed, GradingError
from mlsd_kit.curriculum.grading.process import Program
from mlsd_kit.curriculum.grading.sandbox import Sandbox

SEEDS = 20
"""Runs that the reference must pass."""
NAMED_SEEDS = 3
"""Runs in each of which a misconception must be rejected and named."""
LEAST = {"coding": (4, 3, 2), "estimates": (2, 0, 0)}
"""Of each kind: misconceptions, solutions in other styles, and wrong solutions without a name."""
ZOO = {
    "no answer": ("def {f}(*a, **k):\n    while True: pass\n", {errors.TIMED_OUT}),
    "ends its process": ("import os\ndef {f}(*a, **k):\n    os._exit(0)\n", {errors.CRASHED}),
    "leaves": ("import sys\ndef {f}(*a, **k):\n    sys.exit()\n", {errors.ERROR}),
    "calls itself": ("def {f}(*a, **k):\n    return {f}(*a, **k)\n", {errors.ERROR}),
    "returns nothing": ("def {f}(*a, **k):\n    pass\n", {errors.WRONG, errors.ERROR}),
    "returns nan": ("def {f}(*a, **k):\n    return float('nan')\n", {errors.WRONG}),
    "empty": ("", {errors.ERROR}),
    "no Python": ("def {f}(:\n", {errors.ERROR}),
}
"""Files that get the same word in every exercise."""


@dataclass
class Proof:
    """The counts for one exercise, and what is not as it should be."""

    id: str
    seeds: int = 0
    misconceptions: int = 0
    alternatives: int = 0
    mutants: int = 0
    killed: int = 0
    equivalent: int = 0
    zoo: int = 0
    detected: dict[str, int] = field(default_factory=dict)
    """Of each wrong solution: in how many of `SEEDS` runs it is rejected."""
    spare: list[str] | None = None
    """What of the checks no wrong solution needs; None if that was not asked."""
    problems: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cached: bool = False

    @property
    def always(self) -> int:
        """How many of the wrong solutions every run rejects."""
        return sum(runs >= SEEDS for runs in self.detected.values())

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def prove(exercise: Exercise) -> Proof:
    """Put stub, reference, misconceptions, alternatives, mutants and the zoo before the checks."""
    start = time.perf_counter()
    proof = Proof(exercise.id)
    try:
        if exercise.kind == "predict":
            _prediction(exercise, proof)
        else:
            with Sandbox() as sandbox:
                for step in STEPS[exercise.kind]:
                    step(exercise, sandbox, proof)
    except GradingError as error:
        proof.problems.append(str(error))
    except Exception as error:
        proof.problems.append(f"{type(error).__name__}: {error}"[:300])
    proof.seconds = time.perf_counter() - start
    return proof


def _files(exercise: Exercise, sandbox: Sandbox, proof: Proof) -> None:
    from mlsd_kit.curriculum.grading import stub
    from mlsd_kit.curriculum.grading.path import hints

    if not exercise.statement.lstrip().startswith("# "):
        proof.problems.append("task.md does not begin with a title")
    hints(exercise)
    if stub.stale(exercise):
        proof.problems.append("exercise.py is not what reference.py gives: mlsd dev-check --write")
    if both := set(exercise.misconceptions) & set(exercise.wrong):
        proof.problems.append(f"two wrong solutions are called {min(both)}")
    for number, what in zip(
        LEAST[exercise.kind], ("misconceptions", "alternatives", "wrong"), strict=True
    ):
        if len(getattr(exercise, what)) < number:
            told = "wrong solutions" if what == "wrong" else what
            proof.problems.append(f"fewer than {number} {told}")


def _status(
    exercise: Exercise, sandbox: Sandbox | Bench, program: Program, seed: int = 0, until: str = ""
) -> tuple[str, list[str], str]:
    """Status, names of misconceptions and messages of one run."""
    from mlsd_kit.curriculum.grading.grader import overall, run_checks

    checks = run_checks(exercise, sandbox, program, seed, shrink=False, until=until)
    names = [name for check in checks for name, _ in check.misconceptions]
    said = " ".join(check.message for check in checks if check.status != errors.PASSED)
    return overall(checks, len(checks)), names, " ".join(said.split())[:200]


def _stub(exercise: Exercise, sandbox: Sandbox, proof: Proof) -> None:
    from mlsd_kit.curriculum.grading import stub

    program = Program(exercise.function, stub.of(exercise), "exercise.py")
    status = _status(exercise, sandbox, program)[0]
    if status not in (errors.NOT_STARTED, errors.WRONG):
        proof.problems.append(f"the stub is {status}")


def _reference(exercise: Exercise, sandbox: Sandbox, proof: Proof) -> None:
    program = Program(exercise.function, exercise.text("reference.py"), "reference.py")
    bench = Bench({exercise.function: getattr(exercise.module("reference"), exercise.function)})
    for seed in range(SEEDS):
        # the first run as a learner's file, the others without the processes between
        where = bench if seed else sandbox
        status, _, said = _status(exercise, where, program, 1000 * seed)
        if status == errors.PASSED:
            proof.seeds += 1
        else:
            proof.problems.append(f"the reference is {status} for seed {1000 * seed}: {said}")
            return


def _misconceptions(exercise: Exercise, sandbox: Sandbox, proof: Proof) -> None:
    source = _text(exercise, "misconceptions.py")
    bench = Bench(exercise.misconceptions)
    for name in exercise.misconceptions:
        for seed in range(NAMED_SEEDS):
            program = Program(name, source, "misconceptions.py")
            where = bench if seed else sandbox
            status, names, said = _status(exercise, where, program, 77 + 1000 * seed, name)
            if status != errors.WRONG or name not in names:
                found = f"named {', '.join(dict.fromkeys(names)) or 'nothing'}"
                proof.problems.append(f"misconception {name} is {status}, {found}: {said}")
                break
        else:
            proof.misconceptions += 1


def _detection(exercise: Exercise, sandbox: Sandbox, proof: Proof) -> None:
    """Every wrong solution, named or not, is rejected in every run: not by luck."""
    from mlsd_kit.curriculum.grading.detection import detection, wrong_solutions

    seeds = [77 + 1000 * number for number in range(SEEDS)]
    proof.detected = detection(exercise, wrong_solutions(exercise), seeds)
    for name, runs in proof.detected.items():
        if runs < SEEDS:
            proof.problems.append(f"{name} is rejected in {runs} of {SEEDS} runs")


def _alternatives(exercise: Exercise, sandbox: Sandbox, proof: Proof) -> None:
    source = _text(exercise, "alternatives.py")
    for name in exercise.alternatives:
        status, _, said = _status(exercise, sandbox, Program(name, source, "alternatives.py"), 5)
        if status == errors.PASSED:
            proof.alternatives += 1
        else:
            proof.problems.append(f"alternative {name} is {status}: {said}")


def _text(exercise: Exercise, name: str) -> str:
    return exercise.text(name) if (exercise.folder / name).exists() else ""


def _mutants(exercise: Exercise, sandbox: Sandbox, proof: Proof) -> None:
    from mlsd_kit.curriculum.grading.mutation import run_mutants

    found = run_mutants(exercise, sandbox)
    proof.mutants, proof.killed = found.mutants, found.killed
    proof.equivalent, proof.survivors = found.equivalent, found.survivors
    proof.problems += found.problems


def _zoo(exercise: Exercise, sandbox: Sandbox, proof: Proof) -> None:
    from mlsd_kit.curriculum.grading.judge import Judge

    check = exercise.judged_by.checks[0]
    function = exercise.judged_by.function
    for animal, (source, expected) in ZOO.items():
        program = Program(function, source.replace("{f}", function), "mine.py")
        try:
            with sandbox.child(program, 0.3) as child:
                status = Judge(check, child, function).run(0, 0.0).status
        except Failed as failed:
            status = failed.status
        if status in expected:
            proof.zoo += 1
        else:
            proof.problems.append(f"a file that {animal} is {status}")


def _broken(exercise: Exercise, sandbox: Sandbox, proof: Proof) -> None:
    """A debug variant: the broken code is rejected, and its bug has a name."""
    from mlsd_kit.curriculum.grading.path import hints

    hints(exercise)
    function = exercise.judged_by.function
    for seed in range(NAMED_SEEDS):
        program = Program(function, exercise.text("broken.py"), "broken.py")
        status, names, said = _status(exercise, sandbox, program, 1000 * seed)
        if status != errors.WRONG or not names:
            proof.problems.append(f"broken.py is {status}, named {names or 'nothing'}: {said}")
            return
    proof.misconceptions = 1


def _fixed(exercise: Exercise, sandbox: Sandbox, proof: Proof) -> None:
    """The reference of a debug variant: its own, or that of the exercise it belongs to."""
    program = Program(exercise.judged_by.function, exercise.solution_text, "reference.py")
    for seed in range(NAMED_SEEDS):
        status, _, said = _status(exercise, sandbox, program, 1000 * seed)
        if status != errors.PASSED:
            proof.problems.append(f"the reference is {status}: {said}")
            return
        proof.seeds += 1


def _prediction(exercise: Exercise, proof: Proof) -> None:
    from mlsd_kit.curriculum.grading.prediction import measure, question

    options = question(exercise).options
    answers = {measure(exercise).answer for _ in range(2)}
    proof.seeds = 2
    if len(options) < 2:
        proof.problems.append("a prediction needs at least two options")
    if len(answers) != 1 or not answers <= set(options):
        proof.problems.append(
            f"the experiment answers {sorted(answers)}, the options are {options}"
        )


Step = Callable[[Exercise, Sandbox, Proof], None]
STEPS: dict[str, list[Step]] = {
    "coding": [
        _files,
        _stub,
        _reference,
        _misconceptions,
        _detection,
        _alternatives,
        _zoo,
        _mutants,
    ],
    "estimates": [_files, _stub, _reference, _misconceptions, _detection, _alternatives, _zoo],
    "debug": [_broken, _fixed, _detection, _zoo],
}
