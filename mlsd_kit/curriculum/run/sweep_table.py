"""What a sweep shows and writes: a table of claims, and the same as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mlsd_kit.curriculum.claims import show
from mlsd_kit.curriculum.run.results import Result
from mlsd_kit.curriculum.run.sweep import (
    ClaimRow,
    Sweep,
    claim_rows,
    label,
    named_claims,
    unfinished,
)
from mlsd_kit.files import write_atomic

NAMED = 5  # runs that the table names in one row; the files name them all


def write_table(plan: Sweep, results: Sequence[Result]) -> Path:
    """Write ``<build>/sweeps/<theme>/<name>.csv`` and ``.json``; return the path of the CSV file.

    The CSV has a row for every run and claim; the JSON has a record for every claim, and one for
    every run that did not finish.
    """
    stem = plan.build / "sweeps" / plan.entry.id
    names = list(plan.values)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*names, "status", "seconds", "claim", "value", "bound", "held", "undecided"])
    for result in results:
        start = [result.parameters[name] for name in names] + [result.status, result.seconds]
        for name, claim in named_claims(result):
            verdict = claim.held if claim.undecided is None else ""
            found = [name, claim.value, claim.bound, verdict, claim.undecided or ""]
            writer.writerow([*start, *found])
        if not result.claims:
            writer.writerow([*start, "", "", "", "", ""])
    write_atomic(stem.with_suffix(".csv"), text.getvalue())
    write_atomic(stem.with_suffix(".json"), json.dumps(as_record(plan, results), indent=1) + "\n")
    return stem.with_suffix(".csv")


def as_record(plan: Sweep, results: Sequence[Result]) -> dict[str, Any]:
    """The sweep as one JSON-ready mapping; a figure that is not finite becomes null."""
    return {
        "id": plan.entry.id,
        "title": plan.entry.title,
        "parameters": {name: list(values) for name, values in plan.values.items()},
        "runs": len(results),
        "passed": sum(result.passed for result in results),
        "claims": [_finite(asdict(row)) for row in claim_rows(results)],
        "unfinished": [
            {
                "parameters": result.parameters,
                "status": result.status,
                "message": result.failure.message if result.failure else "",
            }
            for result in unfinished(results)
        ],
    }


def _finite(record: dict[str, Any]) -> dict[str, Any]:
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in record.items()
    }


def print_table(results: Sequence[Result], out: Console) -> None:
    """Every claim with the share of runs in which it holds, then the runs that did not finish."""
    table = Table(box=SIMPLE, title="Claims over all runs", title_justify="left")
    table.add_column("claim")
    table.add_column("bound")
    table.add_column("holds in", justify="right", no_wrap=True)
    table.add_column("share, 95 % interval", justify="right", no_wrap=True)
    for column in ("lowest", "median", "highest"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("does not hold at")
    for row in claim_rows(results):
        table.add_row(*_cells(row))
    out.print(table)
    for result in unfinished(results):
        out.print(f"[red]{result.status}[/red]: {escape(label(result))}:", end=" ")
        out.print(result.failure.message if result.failure else "", markup=False, soft_wrap=True)


def _cells(row: ClaimRow) -> list[str]:
    low, high = (round(100 * end) for end in row.interval)
    decided = row.runs - row.undecided
    colour = "green" if row.held == decided else "red"
    apart = f", [yellow]{row.undecided} undecided[/yellow]" if row.undecided else ""
    share = f"{100 * row.held / decided:.0f} %" if decided else "none decided"
    more = f" and {len(row.broken) - NAMED} more" if len(row.broken) > NAMED else ""
    return [
        escape(row.name),
        escape(row.bound),
        f"[{colour}]{row.held} of {decided}[/{colour}]{apart}",
        f"{share} ({low} to {high})",
        *(show(value) for value in (row.minimum, row.median, row.maximum)),
        escape("; ".join(row.broken[:NAMED]) + more),
    ]
