"""Commands on case studies: list, run, sweep, prove, build, lint, lab."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from mlsd_kit.curriculum.cli.folders import INTERRUPTED, build_folder
from mlsd_kit.curriculum.cli.lab import lab
from mlsd_kit.curriculum.cli.proving import prove
from mlsd_kit.curriculum.cli.sweeping import sweep

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Register the commands, in the order in which a newcomer needs them."""
    app.command("list")(list_)
    app.command()(run)
    app.command()(sweep)
    app.command()(prove)
    app.command()(new)
    app.command()(build)
    app.command()(lint)
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(lab)


def list_(
    theme: Annotated[str | None, typer.Option(help="Only this theme.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Every case study: theme, title, the question asked, its data, extras and last result."""
    from mlsd_kit.curriculum.run.listing import as_records, print_listing

    records = as_records(theme, build_folder(None))
    if as_json:
        print(json.dumps(records, indent=1))
    else:
        print_listing(records)


def run(
    names: Names = None,
    theme: Annotated[str | None, typer.Option(help="Only this theme.")] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Notebooks at a time [default: the cores].")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="KEY VALUE", help="Set a notebook parameter."),
    ] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds for one notebook.")] = 600.0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run what is unchanged too.")] = False,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDR", help="Run on this Dask cluster.")
    ] = None,
    warm: Annotated[
        bool | None,
        typer.Option(
            "--warm/--plain",
            help="Fork kernels from a process that has imported the libraries, or start each "
            "afresh [default: warm on Linux for several notebooks, plain where $CI is set].",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    build: Annotated[
        Path | None, typer.Option(help="Where results go [default: build/ or $MLSD_BUILD].")
    ] = None,
) -> None:
    """Run case studies headlessly and print the table of results."""
    from mlsd_kit.curriculum.run import display
    from mlsd_kit.curriculum.run.catalogue import catalogue, select
    from mlsd_kit.curriculum.run.results import too_many_undecided
    from mlsd_kit.curriculum.run.runner import Plan
    from mlsd_kit.curriculum.run.runner import run as run_plan

    entries = select(catalogue(), names or [], theme)
    plan = Plan(
        entries=entries,
        build=build_folder(build),
        jobs=jobs or os.cpu_count() or 1,
        timeout=timeout,
        fresh=fresh,
        scheduler=scheduler,
        warm=warm,
        parameters=_parameters(parameter or []),
    )
    start = time.perf_counter()
    out = display.console()
    try:
        if as_json:
            results = run_plan(plan)
        elif out.is_terminal:
            with display.Rows(out) as rows:
                results = run_plan(plan, rows)
        else:
            results = run_plan(plan, display.Lines(out))
    except KeyboardInterrupt:
        print("mlsd: interrupted; what had finished is kept.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)
    if as_json:
        print((plan.build / "results.json").read_text(encoding="utf-8"), end="")
    else:
        display.print_results(results, out)
        out.print(display.summary(results, time.perf_counter() - start))
        display.print_undecided(results, out)
        print(f"Report: {plan.build / 'report' / 'index.html'}")
    objection = too_many_undecided(results) if os.environ.get("CI") else None
    if objection:
        print(f"mlsd: {objection}", file=sys.stderr)
    raise typer.Exit(0 if all(result.passed for result in results) and not objection else 1)


def new(
    name: Annotated[str, typer.Argument(metavar="THEME/NAME", show_default=False)],
) -> None:
    """Begin a case study: the template notebook under another name."""
    from mlsd_kit.curriculum.run.new import new as begin

    source = begin(name)
    print(f"Written: {source}")
    print(f"Fill in its header and cells, then `mlsd build {source.stem}`.")


def build(
    names: Names = None,
    theme: Annotated[str | None, typer.Option(help="Only this theme.")] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds for one notebook.")] = 600.0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Record machine-dependent outputs anew.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only compare each .ipynb with its .py.")
    ] = False,
) -> None:
    """Make the committed notebooks: .py source to executed, normalised .ipynb."""
    from mlsd_kit.curriculum.run.build import build as build_one
    from mlsd_kit.curriculum.run.build import disagreements
    from mlsd_kit.curriculum.run.catalogue import catalogue, select

    entries = select(catalogue(), names or [], theme)
    if check:
        sentences = disagreements(entries)
        for sentence in sentences:
            print(sentence)
        raise typer.Exit(1 if sentences else 0)
    failed = False
    for entry in entries:
        result = build_one(entry, timeout, fresh=fresh)
        failed |= not result.passed
        why = f": {result.failure.message}" if result.failure else ""
        print(f"{entry.id}: {result.status}, {result.seconds:.1f} s{why}", flush=True)
        if result.failure:
            print(result.failure.last_lines)
    raise typer.Exit(1 if failed else 0)


def lint(
    names: Names = None,
    theme: Annotated[str | None, typer.Option(help="Only this theme.")] = None,
    advice: Annotated[
        bool, typer.Option("--advice", help="Print what is only advised, too: it never fails.")
    ] = False,
) -> None:
    """Check the sources of the notebooks: names, reasons of claims, the parts of a case study."""
    from mlsd_kit.curriculum.run import lint as rules
    from mlsd_kit.curriculum.run.catalogue import catalogue, select

    everything = catalogue()
    entries = select(everything, names or [], theme)
    found = [str(finding) for finding in rules.lint(entries)]
    if entries == everything:
        found += rules.strangers(everything)
    for sentence in found:
        print(sentence)
    for entry in entries if advice else []:
        for sentence in rules.advice(entry):
            print(f"advice: {sentence}")
    print(f"{len(entries)} notebooks, {len(found)} findings.")
    raise typer.Exit(1 if found else 0)


def _parameters(pairs: list[str]) -> dict[str, Any]:
    """``KEY=VALUE`` words; each notebook's own default says what a value is."""
    from mlsd_kit.curriculum.run.errors import UsageError
    from mlsd_kit.curriculum.run.values import Word

    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise UsageError(f"-p takes a name and a value, as in `-p seed 3`; got {pair!r}.")
        found[key] = Word(value)
    return found
