"""``mlsd interview``: a mock interview around a design drill, in the terminal."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from mlsd_kit.curriculum.drills.drill import Drill
    from mlsd_kit.curriculum.drills.interview import Interview
    from mlsd_kit.curriculum.drills.report import Report

IDLE = 900.0
"""A line that takes longer was a break: no more seconds of it count."""


def interview(
    name: Annotated[str, typer.Argument(help="A design drill: search_funnel.")],
    fresh: Annotated[bool, typer.Option("--fresh", help="Do not take up the last one.")] = False,
    seed: Annotated[
        int | None, typer.Option(help="Chooses the numbers; by default the day does.")
    ] = None,
) -> None:
    """A 45-minute mock interview around a design drill; Ctrl-C or `pause` puts it aside."""
    from mlsd_kit.curriculum.drills.drill import load
    from mlsd_kit.curriculum.drills.errors import DrillError
    from mlsd_kit.curriculum.drills.interview import Interview
    from mlsd_kit.curriculum.grading import GradingError, state
    from mlsd_kit.curriculum.grading.catalogue import find

    try:
        drill = load(name)
    except DrillError as error:
        raise GradingError(str(error)) from None
    file, _ = state.own_file(find(drill.id))
    kept = state.folder() / "interviews" / f"{drill.name}.json"
    if kept.exists() and not fresh:
        held = Interview.resume(kept)
        print(f"Taking up the interview; {held.clock()}.\n" if not held.over else "")
    else:
        number = int(time.strftime("%j")) if seed is None else seed
        held = Interview(drill.name, number)
    if _talk(held, file, kept):
        page, more = kept.with_suffix(".md"), 2
        while page.exists():
            page, more = kept.with_name(f"{drill.name}-{more}.md"), more + 1
        state.write(page, held.report())
        kept.unlink(missing_ok=True)
        print(f"\n{held.report()}\nKept as {state.display(page)}.")
    else:
        print(f"\nPut aside: `mlsd interview {drill.name}` takes it up again.", file=sys.stderr)


def _talk(held: Interview, file: Path, kept: Path) -> bool:
    """Line by line; True if the interview came to its end."""
    from mlsd_kit.curriculum.grading import state

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  (arrow keys in `input`)
    shown = state.display(file)
    print("\n".join(held.open(shown)), flush=True)
    while not held.over:
        start = time.monotonic()
        try:
            line = input("> ")
        except (EOFError, KeyboardInterrupt):
            line = "pause"
        took = min(time.monotonic() - start, IDLE)
        if line.strip().lower() == "pause":
            held.spent[held.step] += took
            held.save(kept)
            return False
        print("\n".join(held.say(line, took, shown, lambda d: _judge(d, file))), flush=True)
        held.save(kept)
    return True


def _judge(drill: Drill, file: Path) -> Report:
    from mlsd_kit.curriculum.drills.grade import grade_file

    return grade_file(drill, file)
