"""The command ``mlsd sweep``."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlsd_kit.curriculum.cli.folders import INTERRUPTED, build_folder

if TYPE_CHECKING:
    from mlsd_kit.curriculum.run.results import Result


def sweep(
    name: Annotated[str, typer.Argument(help="A case study, as `mlsd list` shows them.")],
    parameter: Annotated[
        list[str],
        typer.Option(
            "-p",
            "--parameter",
            metavar="KEY VALUES",
            help="A parameter's values: 1:50 (both ends), 0:100:10, or 1,2,5. Several -p give all "
            "combinations.",
        ),
    ],
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Runs at a time [default: the cores].")
    ] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds for one run.")] = 600.0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run what is unchanged too.")] = False,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDR", help="Run on this Dask cluster.")
    ] = None,
    warm: Annotated[
        bool | None,
        typer.Option("--warm/--plain", help="As of `mlsd run`.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
    build: Annotated[
        Path | None, typer.Option(help="Where results go [default: build/ or $MLSD_BUILD].")
    ] = None,
) -> None:
    """Run one case study over many seeds: in what share of them does each claim hold?"""
    from mlsd_kit.curriculum.run.catalogue import catalogue, select
    from mlsd_kit.curriculum.run.display import console
    from mlsd_kit.curriculum.run.sweep import Sweep
    from mlsd_kit.curriculum.run.sweep import sweep as run_sweep
    from mlsd_kit.curriculum.run.sweep_table import as_record, print_table, write_table

    (entry,) = select(catalogue(), [name])
    plan = Sweep(
        entry=entry,
        values=_values(parameter),
        build=build_folder(build),
        jobs=jobs or os.cpu_count() or 1,
        timeout=timeout,
        fresh=fresh,
        scheduler=scheduler,
        warm=warm,
    )
    start = time.perf_counter()
    try:
        results = run_sweep(plan, _quiet if as_json else _told)
    except KeyboardInterrupt:
        print("mlsd: interrupted; what had finished is kept.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)
    table = write_table(plan, results)
    passed = sum(result.passed for result in results)
    if as_json:
        print(json.dumps(as_record(plan, results), indent=1))
    else:
        print_table(results, console())
        print(
            f"{passed} of {len(results)} runs of {entry.id} passed "
            f"({time.perf_counter() - start:.1f} s). Every value: {table}"
        )
    raise typer.Exit(0 if passed == len(results) else 1)


def _told(result: Result) -> None:
    from mlsd_kit.curriculum.run.sweep import label

    word = "unchanged, " if result.cached else ""
    why = f": {result.failure.message}" if result.failure else ""
    print(f"{label(result)}: {word}{result.status}, {result.seconds:.1f} s{why}", flush=True)


def _quiet(result: Result) -> None:
    """Says nothing (``--json``)."""


def _values(pairs: list[str]) -> dict[str, list[Any]]:
    """``KEY=VALUES`` words."""
    from mlsd_kit.curriculum.run.errors import UsageError
    from mlsd_kit.curriculum.run.values import values_of

    found: dict[str, list[Any]] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key.isidentifier():
            raise UsageError(f"-p takes a name and values, as in `-p seed 1:50`; got {pair!r}.")
        if key in found:
            raise UsageError(f"-p {key} is given twice: write its values as one list, 1,2,5:9.")
        found[key] = values_of(text)
    return found
