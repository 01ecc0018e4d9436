"""Commands on exercises: next, check, watch, hint, solution, reset, progress, dev-check."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from mlsd_kit.curriculum.cli.interview import interview

if TYPE_CHECKING:
    from mlsd_kit.curriculum.grading import Proof

Name = Annotated[str, typer.Argument(help="An exercise, as `mlsd progress` lists them.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands, in the order in which a learner needs them."""
    app.command("next")(next_)
    for command in (check, watch, hint, solution, reset, progress):
        app.command()(command)
    app.command()(interview)
    app.command("dev-check")(dev_check)


def _judge_designs() -> None:
    """Exercises are found by one room and designs judged by another: let the first know."""
    from mlsd_kit.curriculum.checking import judge_design
    from mlsd_kit.curriculum.grading.grader import JUDGES

    JUDGES["design"] = judge_design


def next_() -> None:
    """Suggest one exercise: the easiest open one whose prerequisites are passed."""
    from mlsd_kit.curriculum.grading import suggest

    found = suggest()
    if found is None:
        print("Every exercise is passed.")
        return
    print(f"{found.id}: {found.title}\n\n{found.text('task.md').rstrip()}\n")
    print(f"Start with `mlsd check {found.id}`: it copies the file that you edit.")


def check(
    name: Annotated[str | None, typer.Argument(show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="Every exercise you have begun.")] = False,
    seed: Annotated[int | None, typer.Option(help="Replay the inputs of a verdict.")] = None,
    choice: Annotated[
        str | None, typer.Option(help="Your answer to a question of the kind `predict`.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    here: Annotated[
        bool, typer.Option("--here", help="Of a design: service times on this machine too.")
    ] = False,
) -> None:
    """Check your solution of an exercise; its file is copied to work/ the first time."""
    from mlsd_kit.curriculum.grading import GradingError, check_all, grade
    from mlsd_kit.curriculum.grading.catalogue import find

    _judge_designs()
    if every == (name is not None):
        raise GradingError("Name one exercise, or give --all.")
    if name is not None and find(name).kind == "predict":
        _predict(name, choice)
    verdicts = check_all() if name is None else [grade(name, seed=seed)]
    if as_json:
        print(json.dumps([verdict.to_json() for verdict in verdicts], indent=1))
    else:
        for verdict in verdicts:
            print(verdict)
    if here and name is not None and find(name).kind == "design":
        _here(find(name).name)
    begun = [verdict for verdict in verdicts if not every or verdict.status != "not started"]
    raise typer.Exit(0 if all(verdict.passed for verdict in begun) else 1)


def _here(name: str) -> None:
    """Measure on this machine what the graded runs take from a table; nothing is scored by it."""
    from mlsd_kit.curriculum.drills.drill import load

    for measurement in load(name).measurements:
        print(measurement)


def _predict(name: str, choice: str | None) -> NoReturn:
    """Commit to an answer, then see what the experiment says."""
    from mlsd_kit.curriculum.grading import predict
    from mlsd_kit.curriculum.grading.catalogue import find
    from mlsd_kit.curriculum.grading.prediction import question

    if choice is None:
        print(question(find(name)).text)
        choice = typer.prompt("Your choice")
    outcome = predict(name, choice)
    print(outcome)
    raise typer.Exit(0 if outcome.passed else 1)


def watch(
    name: Name,
    poll: Annotated[
        float, typer.Option(help="Seconds between two looks; works on any file system.")
    ] = 0.3,
) -> None:
    """Check again after every save, until Ctrl-C."""
    from mlsd_kit.curriculum.grading import watch as verdicts

    _judge_designs()
    try:
        for verdict in verdicts(name, every=poll):
            print(f"\n{verdict}", flush=True)
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)


def hint(name: Name) -> None:
    """Show the next of three hints."""
    from mlsd_kit.curriculum.grading import hint as next_hint

    number, text = next_hint(name)
    print(f"Hint {number} of 3\n\n{text}")


def solution(
    name: Name, force: Annotated[bool, typer.Option("--force", help="Before passing.")] = False
) -> None:
    """Show the reference solution, after passing."""
    from mlsd_kit.curriculum.grading import solution as reference

    print(reference(name, force))


def reset(name: Name) -> None:
    """Start an exercise afresh; your file is kept as a backup."""
    from mlsd_kit.curriculum.grading import reset as start_afresh

    file, backup = start_afresh(name)
    print(f"{file} is as given again" + (f"; yours is kept as {backup}" if backup else ""))


def progress() -> None:
    """Every exercise by theme, with the case study it belongs to and how it stands."""
    from mlsd_kit.curriculum.grading import progress as rows

    theme = None
    for row in rows():
        if row.theme != theme:
            theme = row.theme
            print(f"\n{theme}")
        solved = f", passed {row.solved}" if row.solved else ""
        tries = f" ({row.attempts} tries, {row.hints} hints{solved})" if row.attempts else ""
        case_study = f" [{row.case_study}]" if row.case_study else ""
        print(f"  {row.status:<12} {row.id:<36} {row.title}{case_study}{tries}")


def dev_check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Exercises at a time.")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write stubs and docs/grading.md.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Prove what is unchanged too.")] = False,
    spare: Annotated[
        bool, typer.Option("--spare", help="Name checks that no wrong solution needs.")
    ] = False,
) -> None:
    """Prove the graders: stubs, references, wrong and right solutions, mutants."""
    from mlsd_kit.curriculum.grading import dev_check as prove
    from mlsd_kit.curriculum.grading.proving import summary

    proofs = prove(names or [], jobs=jobs, write=write, fresh=fresh, spare=spare, tell=_proven)
    print(summary(proofs))
    raise typer.Exit(1 if any(proof.problems for proof in proofs) else 0)


def _proven(proof: Proof) -> None:
    kept = " (unchanged)" if proof.cached else f" ({proof.seconds:.0f} s)"
    wrong = f": {proof.always} of {len(proof.detected)} wrong ones in every run"
    told = proof.id + wrong * bool(proof.detected) + kept
    print(f"{'FAIL' if proof.problems else 'ok  '} {told}", flush=True)
    for problem in proof.problems:
        print(f"     {problem}", flush=True)
    for part in proof.spare or ():
        print(f"     could be left out: {part}", flush=True)
