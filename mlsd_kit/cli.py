"""The command line: every command is one call into the packages below.

Exit codes: 0 all good; 1 a notebook, a claim or a check failed; 2 usage or surroundings;
130 interrupted.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from mlsd_kit import __version__, paths

app = typer.Typer(
    name="mlsd",
    help="The ML System Design curriculum: list, run and build its case studies.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(help="The data sets: list, fetch, verify, or show where they lie.")
app.add_typer(data_app, name="data", no_args_is_help=True)

INTERRUPTED = 130

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", show_default=False)]


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


@app.command("list")
def list_(
    theme: Annotated[str | None, typer.Option(help="Only this theme.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Every case study: theme, title, the question asked, its data, extras and last result."""
    from mlsd_kit.curriculum.listing import as_records, print_listing

    records = as_records(theme, _build_folder(None))
    if as_json:
        print(json.dumps(records, indent=1))
    else:
        print_listing(records)


@app.command()
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    build: Annotated[
        Path | None, typer.Option(help="Where results go [default: build/ or $MLSD_BUILD].")
    ] = None,
) -> None:
    """Run case studies headlessly and print the table of results."""
    from mlsd_kit.curriculum import display
    from mlsd_kit.curriculum.catalogue import catalogue, select
    from mlsd_kit.curriculum.runner import Plan
    from mlsd_kit.curriculum.runner import run as run_plan

    entries = select(catalogue(), names or [], theme)
    plan = Plan(
        entries=entries,
        build=_build_folder(build),
        jobs=jobs or os.cpu_count() or 1,
        timeout=timeout,
        fresh=fresh,
        scheduler=scheduler,
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
    raise typer.Exit(0 if all(result.passed for result in results) else 1)


@app.command()
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
    from mlsd_kit.curriculum.build import build as build_one
    from mlsd_kit.curriculum.build import disagreements
    from mlsd_kit.curriculum.catalogue import catalogue, select

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


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab on the notebooks; further options go to `jupyter lab`."""
    options = (
        f"--ServerApp.root_dir={paths.root()}",
        "--LabApp.default_url=/lab/tree/notebooks",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    )
    command = [sys.executable, "-m", "jupyter", "lab", *options, *context.args]
    environment = {**os.environ, "MLSD_HOME": str(paths.root())}
    with subprocess.Popen(command, env=environment) as server:
        try:
            code = server.wait()
        except KeyboardInterrupt:  # JupyterLab gets Ctrl-C too and asks what to do; SIGTERM not
            server.terminate()
            code = server.wait()
    raise typer.Exit(code)


@app.command()
def doctor() -> None:
    """Check this machine: one line each, ok or the cure."""
    from mlsd_kit.doctor import examine

    checks = examine(_build_folder(None))
    for check in checks:
        print(f"{'ok  ' if check.ok else 'MEND'} {check.what}: {check.says}", flush=True)
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)


@data_app.command("list")
def data_list() -> None:
    """Every data set: its size, licence, and whether it is here."""
    from mlsd_kit.data import datasheet, is_cached, names

    for name in names():
        sheet = datasheet(name)
        here = "here" if is_cached(name) else "not fetched"
        print(f"{name}: {sheet.title} ({sheet.rows:,} rows; {sheet.licence}; {here})")


@data_app.command("fetch")
def data_fetch(names: Names = None) -> None:
    """Fetch data sets into the cache (all of them if none is named)."""
    from mlsd_kit.data import fetch
    from mlsd_kit.data import names as all_names

    for name in names or all_names():
        print(f"{name}: {fetch(name)}", flush=True)


@data_app.command("verify")
def data_verify(names: Names = None) -> None:
    """Compare cached data with its recorded hash and schema."""
    from mlsd_kit.data import DataError, verify
    from mlsd_kit.data import names as all_names

    failed = False
    for name in names or all_names():
        try:
            verify(name)
        except DataError as error:
            failed = True
            print(f"{name}: {error}")
        else:
            print(f"{name}: ok")
    raise typer.Exit(1 if failed else 0)


@data_app.command("path")
def data_path(name: str) -> None:
    """Where a data set's file lies, fetched if need be."""
    from mlsd_kit.data import path

    print(path(name))


def _build_folder(given: Path | None) -> Path:
    """``--build``, else ``$MLSD_BUILD``, else ``build/`` in the curriculum's root."""
    chosen = given or os.environ.get("MLSD_BUILD")
    return Path(chosen).resolve() if chosen else paths.root() / "build"


def _parameters(pairs: list[str]) -> dict[str, Any]:
    """``KEY=VALUE`` words; a value is read as YAML, so 3 is a number and [1, 2] a list."""
    import yaml

    from mlsd_kit.curriculum.errors import UsageError

    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise UsageError(f"-p takes a name and a value, as in `-p seed 3`; got {pair!r}.")
        try:
            found[key] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise UsageError(f"-p {key}: {value!r} is not a value (a YAML scalar or list).")
    return found


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
    from mlsd_kit.curriculum.errors import CurriculumError
    from mlsd_kit.data.errors import DataError
    from mlsd_kit.paths import CurriculumNotFoundError

    words = _join_pairs(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app(words, prog_name="mlsd")
    except (CurriculumError, DataError, CurriculumNotFoundError) as error:
        if os.environ.get("MLSD_TRACEBACK"):
            raise
        print(f"mlsd: {error}", file=sys.stderr)
        sys.exit(2)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
