"""What a run shows: live rows in a terminal, plain lines elsewhere, then the tables."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from mlsd_kit.curriculum.run.catalogue import Entry
from mlsd_kit.curriculum.run.results import PASSED, Result
from mlsd_kit.curriculum.run.watching import Watcher

PLAIN_WIDTH = 160


def console() -> Console:
    """A console as wide as the terminal, or of a fixed width where there is none."""
    made = Console(highlight=False)
    return made if made.is_terminal else Console(highlight=False, width=PLAIN_WIDTH)


class Quiet(Watcher):
    """Shows nothing (``--json``)."""


class Lines(Watcher):
    """One line a notebook as it ends: for logs and pipes."""

    def __init__(self, out: Console) -> None:
        self.out = out

    def finished(self, result: Result) -> None:
        self.out.print(_line(result), soft_wrap=True, markup=False)


class Rows(Watcher):
    """A row a notebook with its current cell, redrawn four times a second."""

    def __init__(self, out: Console) -> None:
        self.results: dict[str, Result] = {}
        self.entries: Sequence[Entry] = ()
        self.progress: dict[str, Path] = {}
        self.live = Live(
            get_renderable=self._table, console=out, refresh_per_second=4, transient=True
        )

    def __enter__(self) -> Rows:
        self.start = time.monotonic()
        self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.live.stop()

    def started(self, entries: Sequence[Entry], progress: dict[str, Path]) -> None:
        self.entries, self.progress = entries, progress

    def finished(self, result: Result) -> None:
        self.results[result.id] = result

    def _table(self) -> Table:
        table = Table(box=None, show_header=False, padding=(0, 1))
        for entry in self.entries:
            result = self.results.get(entry.id)
            table.add_row(entry.id, _status(result) if result else self._cell(entry))
        table.add_row("", f"[dim]{time.monotonic() - self.start:.0f} s[/dim]")
        return table

    def _cell(self, entry: Entry) -> str:
        try:
            return f"cell {self.progress[entry.id].read_text(encoding='utf-8')}"
        except (OSError, KeyError):
            return "[dim]waiting[/dim]"


def _status(result: Result) -> str:
    colour = "green" if result.status == PASSED else "red"
    word = "unchanged" if result.cached else result.status
    return f"[{colour}]{word}[/{colour}]"


def _line(result: Result) -> str:
    word = "unchanged" if result.cached else result.status
    text = f"{result.id}: {word}, {result.seconds:.1f} s"
    return f"{text}: {result.failure.message}" if result.failure else text


def print_results(results: Sequence[Result], out: Console) -> None:
    """The table of notebooks, the table of claims, and what failed with its last lines."""
    table = Table(box=SIMPLE, title="Case studies", title_justify="left")
    for column in ("case study", "title", "result", "claims held"):
        table.add_column(column)
    table.add_column("seconds", justify="right")
    for result in results:
        held = sum(claim.held for claim in result.claims)
        counts = f"{held} of {len(result.claims)}"
        counts += f", {len(result.undecided)} undecided" if result.undecided else ""
        table.add_row(
            result.id, escape(result.title), _status(result), counts, f"{result.seconds:.1f}"
        )
    out.print(table)
    print_claims(results, out)
    for result in results:
        if result.failure:
            out.print(f"[red]{result.id}[/red]:", end=" ")
            out.print(result.failure.message, markup=False, soft_wrap=True)
            for title, text in (
                ("the cell", result.failure.source),
                ("its last lines", result.failure.last_lines),
            ):
                if text:
                    out.print(f"  [dim]{title}[/dim]")
                    indented = "\n".join("    " + line for line in text.splitlines()[-15:])
                    out.print(indented, markup=False, soft_wrap=True)


_HELD = {
    "held": "[green]yes[/green]",
    "failed": "[red]NO[/red]",
    "undecided": "[yellow]undecided[/yellow]",
}


def print_claims(results: Sequence[Result], out: Console) -> None:
    """Every claim: case study, name, value, bound, source, and whether it held."""
    if not any(result.claims for result in results):
        return
    table = Table(box=SIMPLE, title="Claims", title_justify="left")
    table.add_column("case study")
    table.add_column("claim")
    table.add_column("value", justify="right", no_wrap=True)
    for column in ("bound", "source", "held"):
        table.add_column(column)
    for result in results:
        for claim in result.claims:
            held = _HELD[claim.outcome]
            name = result.id.rpartition("/")[2]
            words = (escape(text) for text in (claim.bound, claim.why))
            table.add_row(name, escape(claim.name), claim.shown, *words, held)
    out.print(table)


def summary(results: Sequence[Result], seconds: float) -> str:
    """The closing sentence.

    >>> summary([], 1.0)
    '0 of 0 case studies passed, 0 of 0 claims held, 0 undecided (1.0 s).'
    """
    claims = [claim for result in results for claim in result.claims]
    return (
        f"{sum(result.passed for result in results)} of {len(results)} case studies passed, "
        f"{sum(claim.held for claim in claims)} of {len(claims)} claims held, "
        f"{sum(claim.undecided is not None for claim in claims)} undecided ({seconds:.1f} s)."
    )


def print_undecided(results: Sequence[Result], out: Console) -> None:
    """Which claims are undecided, and what was measured that leaves them open."""
    for result in results:
        for claim in result.undecided:
            out.print("[yellow]undecided[/yellow]:", end=" ")
            words = f"{result.id}: {claim.name}: {claim.undecided}"
            out.print(words, markup=False, soft_wrap=True)
