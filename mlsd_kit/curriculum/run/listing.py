"""What ``mlsd list`` shows: the catalogue with each case study's last result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from mlsd_kit.curriculum.run.catalogue import catalogue, select
from mlsd_kit.curriculum.run.display import console
from mlsd_kit.curriculum.run.results import ResultStore


def as_records(theme: str | None, build: Path) -> list[dict[str, Any]]:
    """One mapping a case study; ``last`` is None where it has not been run here."""
    store = ResultStore(build)
    records = []
    for entry in select(catalogue(), [], theme):
        last = store.load(entry.id, {})
        records.append(
            {
                "theme": entry.theme,
                "name": entry.name,
                "title": entry.title,
                "question": entry.question,
                "asked": list(entry.asked),
                "datasets": list(entry.datasets),
                "extras": list(entry.extras),
                "last": last.status if last else None,
            }
        )
    return records


def print_listing(records: list[dict[str, Any]]) -> None:
    """The records as a table."""
    table = Table(box=SIMPLE)
    for column in ("theme", "case study", "title", "question asked", "data", "extras", "last run"):
        table.add_column(column, no_wrap=column in ("theme", "case study"))
    for record in records:
        table.add_row(
            record["theme"],
            record["name"],
            escape(record["title"]),
            escape(record["question"]),
            ", ".join(record["datasets"]),
            ", ".join(record["extras"]) or "-",
            record["last"] or "not run",
        )
    console().print(table)
