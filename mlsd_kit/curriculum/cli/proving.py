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
    from collections.abc import Sequence

    from mlsd_kit.curriculum.run.catalogue import Entry
    from mlsd_kit.curriculum.run.results import Result
    from mlsd_kit.curriculum.run.sweep import Sweep


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
    seeds: Annotated[
        str | None,
        typer.Option(
            metavar="VALUES",
            help="Instead: run each notebook as it is over these values of its parameter `seed`, "
            "as in 0:19, and name the claims that hold on fewer than 19 of 20 (9 of 10 where a "
            "run takes over 40 s).",
            show_default=False,
        ),
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
    folder, workers = build_folder(build), jobs or os.cpu_count() or 1
    start = time.perf_counter()
    try:
        if seeds is not None:
            plans = _sweeps(entries, seeds, folder, workers, timeout, fresh, warm)
            raise typer.Exit(_over_seeds(plans, as_json))
        proofs = run_proofs(
            entries,
            folder,
            workers,
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
        write_document(paths.root() / "docs" / "claims.md", proven, catalogue())
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


def _sweeps(
    entries: Sequence[Entry],
    seeds: str,
    build: Path,
    jobs: int,
    timeout: float,
    fresh: bool,
    warm: bool | None,
) -> list[Sweep]:
    """One sweep a notebook, made before any is run: a notebook without a seed is told at once."""
    from mlsd_kit.curriculum.run.sweep import Sweep
    from mlsd_kit.curriculum.run.values import values_of

    values = {"seed": values_of(seeds)}
    return [Sweep(entry, values, build, jobs, timeout, fresh=fresh, warm=warm) for entry in entries]


def _over_seeds(plans: Sequence[Sweep], as_json: bool) -> int:
    """Run the sweeps and print their tables; 1 if a claim owes too much to its seed."""
    from mlsd_kit.curriculum.run.display import console
    from mlsd_kit.curriculum.run.sweep import label, sweep, unsteady
    from mlsd_kit.curriculum.run.sweep_table import as_record, print_table, write_table

    records, bad = [], 0
    for plan in plans:
        results = sweep(plan, (lambda _: None) if as_json else lambda r: _told(label(r), r))
        write_table(plan, results)
        sentences = unsteady(plan.entry, results)
        bad += len(sentences)
        records.append({**as_record(plan, results), "faults": sentences})
        if not as_json:
            print_table(results, console())
            for sentence in sentences:
                print(f"unsteady {plan.entry.id}: {sentence}")
    if as_json:
        print(json.dumps(records, indent=1))
    else:
        print(f"{bad} faults over the seeds of {len(plans)} case studies.")
    return 1 if bad else 0


def _told(name: str, result: Result) -> None:
    word = "unchanged, " if result.cached else ""
    why = f": {result.failure.message}" if result.failure else ""
    print(f"{result.id} [{name}]: {word}{result.status}, {result.seconds:.1f} s{why}", flush=True)


def _quiet(name: str, result: Result) -> None:
    """Says nothing (``--json``)."""
