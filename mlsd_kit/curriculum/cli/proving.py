"""The command ``mlsd prove``."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlsd_kit import paths
from mlsd_kit.curriculum.cli.folders import INTERRUPTED, build_folder

if TYPE_CHECKING:
    from mlsd_kit.curriculum.run.results import Result


def prove(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", show_default=False)
    ] = None,
    theme: Annotated[str | None, typer.Option(help="Only this theme.")] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Runs at a time [default: the cores].")
    ] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds for one run.")] = 600.0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run what is unchanged too.")] = False,
    warm: Annotated[
        bool | None,
        typer.Option("--warm/--plain", help="As of `mlsd run`.", show_default=False),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put the tables of what is proven in docs/claims.md.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the tables as JSON.")] = False,
    build: Annotated[
        Path | None, typer.Option(help="Where results go [default: build/ or $MLSD_BUILD].")
    ] = None,
) -> None:
    """Sabotage case studies: does every claim break under one of the sabotages of its notebook?"""
    from mlsd_kit.curriculum.run.catalogue import catalogue, select
    from mlsd_kit.curriculum.run.display import console
    from mlsd_kit.curriculum.run.prove import prove as run_proofs
    from mlsd_kit.curriculum.run.prove_table import as_record, print_proof, write_document

    everything = catalogue()
    entries = select(everything, names or [], theme)
    if not names and theme is None:
        entries = [entry for entry in entries if entry.sabotages]
    start = time.perf_counter()
    try:
        proofs = run_proofs(
            entries,
            build_folder(build),
            jobs or os.cpu_count() or 1,
            timeout,
            fresh=fresh,
            warm=warm,
            tell=_quiet if as_json else _told,
        )
    except KeyboardInterrupt:
        print("mlsd: interrupted; what had finished is kept.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)
    proven = [proof for proof in proofs if not proof.faults()]
    if write:
        write_document(paths.root() / "docs" / "claims.md", proven, everything)
    if as_json:
        print(json.dumps([as_record(proof) for proof in proofs], indent=1))
    else:
        out = console()
        for proof in proofs:
            print_proof(proof, out)
        claims = [claim for proof in proofs for claim in proof.claims]
        toothless = [claim for proof in proofs for claim in proof.toothless]
        print(
            f"{len(proven)} of {len(proofs)} case studies proven, {len(toothless)} of "
            f"{len(claims)} claims break under no sabotage ({time.perf_counter() - start:.1f} s)."
        )
    raise typer.Exit(0 if len(proven) == len(proofs) else 1)


def _told(name: str, result: Result) -> None:
    word = "unchanged, " if result.cached else ""
    why = f": {result.failure.message}" if result.failure else ""
    print(f"{result.id} [{name}]: {word}{result.status}, {result.seconds:.1f} s{why}", flush=True)


def _quiet(name: str, result: Result) -> None:
    """Says nothing (``--json``)."""
