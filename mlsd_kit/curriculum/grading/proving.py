"""``mlsd dev-check``: prove every exercise's grader, skip what is unchanged, print the counts."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mlsd_kit import paths
from mlsd_kit.curriculum.grading import state
from mlsd_kit.curriculum.grading.catalogue import Exercise, exercises, find
from mlsd_kit.curriculum.grading.errors import GradingError
from mlsd_kit.curriculum.grading.proof import Proof, prove

ENGINE = Path(__file__).parent
SOURCES = {".py", ".md", ".toml", ".sql", ".csv"}


def dev_check(
    names: Sequence[str] = (),
    *,
    jobs: int | None = None,
    write: bool = False,
    fresh: bool = False,
    spare: bool = False,
    tell: Callable[[Proof], None] | None = None,
) -> list[Proof]:
    """A proof for each exercise: stub, reference, misconceptions, alternatives, mutants, zoo.

    Parameters
    ----------
    names : sequence of str
        Only these; by default every exercise.
    jobs : int, default=None
        Exercises at a time; by default the cores, at most 8.
    write : bool
        First write the stubs; at the end, if every exercise was proven, the table
        ``docs/grading.md``.
    fresh : bool
        Prove what is unchanged too.
    spare : bool
        Also name the checks and fixed inputs that no wrong solution needs: `detection.spare`.
    tell : callable, default=None
        Called with each proof as it is done.
    """
    every = [find(name) for name in names] if names else exercises()
    chosen = [each for each in every if each.kind != "design"]
    if every and not chosen:
        raise GradingError(
            "Design drills are proven by the test suite: pytest tests/curriculum/drills."
        )
    if write:
        for exercise in chosen:
            write_generated(exercise)
    found = {e.id: None if fresh or spare else _kept(e) for e in chosen}
    todo = [exercise for exercise in chosen if found[exercise.id] is None]
    for kept in filter(None, found.values()):
        _tell(tell, kept)
    for proof in _proofs(todo, jobs, spare):
        found[proof.id] = proof
        _tell(tell, proof)
    proofs = [done for exercise in chosen if (done := found[exercise.id]) is not None]
    if write and not names:
        state.write(paths.root() / "docs" / "grading.md", table(proofs))
    return proofs


def _tell(tell: Callable[[Proof], None] | None, proof: Proof) -> None:
    if tell is not None:
        tell(proof)


def _proofs(todo: list[Exercise], jobs: int | None, spare: bool) -> Iterator[Proof]:
    if not todo:
        return
    import os

    from joblib import Parallel, delayed

    workers = jobs or min(8, os.cpu_count() or 1)
    # the slow ones first: estimates and predictions fill the gaps
    order = sorted(todo, key=lambda e: (e.kind != "coding", e.name))
    if workers == 1 or len(todo) == 1:
        yield from (_prove_and_keep(exercise.id, spare) for exercise in order)
        return
    work = (delayed(_prove_and_keep)(exercise.id, spare) for exercise in order)
    run = Parallel(n_jobs=workers, batch_size=1, return_as="generator_unordered")
    yield from run(work)


def _prove_and_keep(name: str, spare: bool) -> Proof:
    exercise = find(name)
    proof = prove(exercise)
    if spare and exercise.kind in ("coding", "debug"):
        from mlsd_kit.curriculum.grading import detection

        proof.spare = detection.spare(exercise, detection.wrong_solutions(exercise))
    if not proof.problems:
        state.write(_cache(exercise), json.dumps(proof.to_json(), indent=1) + "\n")
    return proof


def _cache(exercise: Exercise) -> Path:
    folder = paths.root() / "build" / "dev-check"
    return folder / f"{exercise.kind}-{exercise.name}-{key(exercise)}.json"


def _kept(exercise: Exercise) -> Proof | None:
    try:
        data = json.loads(_cache(exercise).read_text(encoding="utf-8"))
        return Proof(**{**data, "cached": True})
    except (OSError, ValueError, TypeError):
        return None


def key(exercise: Exercise) -> str:
    """A hash of everything a proof rests on: the exercise's files, the engine, pins, Python."""
    digest = hashlib.sha256(".".join(map(str, sys.version_info[:2])).encode())
    pins = paths.root() / "constraints.txt"
    if pins.exists():
        digest.update(pins.read_bytes())
    folders = {exercise.folder, exercise.judged_by.folder, ENGINE}
    for folder in sorted(folders):
        for path in sorted(folder.rglob("*")):
            if path.suffix in SOURCES and path.is_file():
                digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def write_generated(exercise: Exercise) -> list[Path]:
    """Write the stub where it is not what the reference gives."""
    from mlsd_kit.curriculum.grading import stub

    if exercise.kind not in ("coding", "estimates"):
        return []
    path, text = exercise.folder / "exercise.py", stub.of(exercise)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return []
    state.write(path, text)
    return [path]


HEAD = """# How the graders are proven

`mlsd dev-check` puts everything that is known to be right or wrong before each grader. Every stub
is *not started* or *wrong*; every reference passes 20 seeds; every misconception is rejected with
its own name in the message, three times out of three; every wrong solution, named or not, is
rejected in 20 of 20 runs with other inputs, or the proof fails; solutions written in other styles
pass; small errors planted into the reference (mutants) are rejected, unless they compute the same;
hostile files get the right word. `mlsd dev-check --spare` turns the question round: it names the
checks and inputs that could be left out without any of the wrong solutions passing.

## What a learner's process cannot do
The judge draws the inputs and compares the answers; it never runs a learner's code, and reads all
files of an exercise before such code first runs. A verdict is *passed* only if every declared check
was run and passed. Each check has a process of its own, and that process cannot

| | by Python's audit hook, everywhere | by the kernel, on Linux (Landlock, seccomp) |
|---|---|---|
| write outside its folder | by path, by a folder's descriptor, by SQLite | in any way |
| start programs or processes | through `os` and `subprocess` | in any way; threads stay |
| signal other processes | through `os` and `signal` | in any way |
| read another process's memory | – | in any way |
| use the network | through Python's modules | an empty network, where permitted |
| take more than 2 GiB, or 10 s a check | by the system's limits | by the system's limits |

Reading files is allowed, the reference included: it is public, and `mlsd solution` shows it after
a pass. What only the audit hook refuses, C code can get around: that is why the verdict does not
rest on it.

## The counts
| exercise | seeds | misconceptions named | in every run | styles | mutants rejected | same | zoo |
|---|---|---|---|---|---|---|---|
"""


def _always(proofs: Sequence[Proof]) -> str:
    """How many of all wrong solutions every run rejects."""
    return f"{sum(p.always for p in proofs)} of {sum(len(p.detected) for p in proofs)}"


def summary(proofs: Sequence[Proof]) -> str:
    """The counts of all proofs in two sentences."""
    killed, mutants = sum(p.killed for p in proofs), sum(p.mutants for p in proofs)
    share = f" ({100 * killed / mutants:.1f} %)" if mutants else ""
    bad = sum(bool(p.problems) for p in proofs)
    return (
        f"{len(proofs) - bad} of {len(proofs)} exercises proven: "
        f"{sum(p.misconceptions for p in proofs)} misconceptions rejected by name, "
        f"{_always(proofs)} wrong solutions rejected in every run, "
        f"{sum(p.alternatives for p in proofs)} other solutions accepted, "
        f"{killed} of {mutants} mutants rejected{share}, "
        f"{sum(p.equivalent for p in proofs)} more are equivalent."
    )


def table(proofs: Sequence[Proof]) -> str:
    """The proofs as a Markdown page."""
    lines = []
    for p in sorted(proofs, key=lambda p: p.id):
        mutants = f"{p.killed} of {p.mutants}" if p.mutants else "–"
        lines.append(
            f"| `{p.id}` | {p.seeds} | {p.misconceptions} "
            f"| {_always([p]) if p.detected else '–'} "
            f"| {p.alternatives} | {mutants} "
            f"| {p.equivalent or '–'} | {p.zoo or '–'} |"
        )
    killed, total = sum(p.killed for p in proofs), sum(p.mutants for p in proofs)
    share = f"{100 * killed / total:.1f} %" if total else "–"
    lines.append(
        f"| **{len(proofs)} exercises** | {sum(p.seeds for p in proofs)} "
        f"| {sum(p.misconceptions for p in proofs)} | {_always(proofs)} "
        f"| {sum(p.alternatives for p in proofs)} "
        f"| {killed} of {total} ({share}) | {sum(p.equivalent for p in proofs)} "
        f"| {sum(p.zoo for p in proofs)} |"
    )
    text = HEAD + "\n".join(lines) + "\n"
    survivors = [(p.id, each) for p in proofs for each in p.survivors]
    if survivors:
        text += "\n## Mutants that no check rejects\n\n"
        text += "".join(f"- `{name}` {each}\n" for name, each in survivors)
    return text
