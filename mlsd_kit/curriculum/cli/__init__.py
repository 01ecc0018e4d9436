"""The command line: every command is one call into the packages beside it.

Exit codes: 0 all good; 1 a notebook, a claim or a check failed; 2 usage or surroundings;
130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated

import typer

from mlsd_kit import __version__
from mlsd_kit.curriculum.cli import case_studies, data_sets, practice
from mlsd_kit.curriculum.cli.folders import build_folder

app = typer.Typer(
    name="mlsd",
    help="The ML System Design curriculum: work through it, practise, and check it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # "[default: ...]" is no markup, and the help is there sooner
)
case_studies.add_to(app)
practice.add_to(app)
app.add_typer(data_sets.app(), name="data", no_args_is_help=True)


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="On an error show where it came from.")
    ] = False,
) -> None:
    if version:
        print(__version__)
        raise typer.Exit
    if traceback:
        os.environ["MLSD_TRACEBACK"] = "1"


@app.command("doctor")
def doctor_() -> None:
    """Check this machine: one line each, ok or the cure."""
    from mlsd_kit.curriculum.cli.doctor import examine

    checks = examine(build_folder(None))
    for check in checks:
        print(f"{'ok  ' if check.ok else 'MEND'} {check.what}: {check.says}", flush=True)
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)


def _join_pairs(words: list[str]) -> list[str]:
    """``-p KEY VALUE`` as ``-p KEY=VALUE``: typer's options take one word each.

    >>> _join_pairs(["run", "churn", "-p", "seed", "3", "--fresh"])
    ['run', 'churn', '-p', 'seed=3', '--fresh']
    """
    joined: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        joined.append(word)
        if word in ("-p", "--parameter") and rest:
            key = rest.pop(0)
            joined.append(key if "=" in key or not rest else f"{key}={rest.pop(0)}")
    return joined


def main(arguments: list[str] | None = None) -> None:
    """Entry point: known errors are one sentence and exit code 2."""
    from mlsd_kit.curriculum.grading.errors import GradingError
    from mlsd_kit.curriculum.run.errors import CurriculumError
    from mlsd_kit.data.errors import DataError
    from mlsd_kit.paths import CurriculumNotFoundError

    words = _join_pairs(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app(words, prog_name="mlsd")
    except (CurriculumError, DataError, GradingError, CurriculumNotFoundError) as error:
        if os.environ.get("MLSD_TRACEBACK"):
            raise
        print(f"mlsd: {error}", file=sys.stderr)
        sys.exit(2)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
