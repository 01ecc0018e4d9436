"""What a proof shows and writes: the table of claims and sabotages, as text, JSON and Markdown."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mlsd_kit.curriculum.run.catalogue import Entry
from mlsd_kit.curriculum.run.key import proof_key
from mlsd_kit.curriculum.run.prove import BREAKS, HOLDS, NOT_REACHED, UNDECIDED, Proof
from mlsd_kit.files import write_atomic

_COLOURS = {HOLDS: "dim", BREAKS: "green", UNDECIDED: "yellow", NOT_REACHED: "dim"}
_MARKS = {HOLDS: "", BREAKS: "breaks", UNDECIDED: "undecided", NOT_REACHED: "not reached"}
_SECTION = re.compile(r"^## \S+/\S+$", re.MULTILINE)
_HEAD = """\
# Which sabotage breaks which claim

A claim proves something only if it can fail. Each notebook below declares *sabotages*: changes that
imitate a mistake. `mlsd prove` runs the notebook once under each, and records which claims break.
Every claim breaks under at least one, and every sabotage breaks at least one. An error is no proof:
where a sabotage stops the notebook, the claims behind it are *not reached*.

This file is written by `mlsd prove --write NAME`. The key stands for the code cells, the sabotages
and the datasheets that the table was made from. Headline claims are in bold.
"""


def letters(count: int) -> list[str]:
    """Short names of sabotages: A to Z, then A1, B1 and so on.

    >>> letters(3)
    ['A', 'B', 'C']
    """
    names = string.ascii_uppercase
    return [names[i % 26] + (str(i // 26) if i >= 26 else "") for i in range(count)]


def as_record(proof: Proof) -> dict[str, Any]:
    """A proof as one JSON-ready mapping."""
    base, faults = proof.base, proof.faults()
    return {
        "id": proof.entry.id,
        "title": proof.entry.title,
        "key": proof_key(proof.entry),
        "proven": not faults,
        "faults": faults,
        "status": base.status if base else "not run",
        "claims": [
            {
                "name": name,
                "bound": claim.bound,
                "why": claim.why,
                "headline": name in proof.entry.headline,
                "outcomes": proof.outcomes(name),
            }
            for name, claim in proof.claims.items()
        ],
        "sabotages": [
            {
                "name": name,
                "status": run.status,
                "seconds": run.seconds,
                "message": run.failure.message if run.failure else "",
            }
            for name, run in proof.runs.items()
        ],
    }


def print_proof(proof: Proof, out: Console) -> None:
    """The table of one notebook, its sabotages by letter, and what is wrong with it."""
    short = letters(len(proof.runs))
    if proof.base is not None:
        table = Table(box=SIMPLE, title=proof.entry.id, title_justify="left")
        table.add_column("claim")
        for letter in short:
            table.add_column(letter)
        for name in proof.claims:
            words = proof.outcomes(name).values()
            cells = [f"[{_COLOURS[word]}]{word}[/{_COLOURS[word]}]" for word in words]
            table.add_row(escape(name), *cells)
        out.print(table)
    for letter, (name, run) in zip(short, proof.runs.items(), strict=True):
        early = run.failure.message if run.failure and run.status != "claim failed" else ""
        out.print(f"  {letter}: {name}{f' ({run.status}: {early})' if early else ''}", markup=False)
    for sentence in proof.faults():
        out.print("[red]no proof[/red]", end=" ")
        out.print(f"{proof.entry.id}: {sentence}", markup=False, soft_wrap=True)


def write_document(path: Path, proofs: Sequence[Proof], entries: Sequence[Entry]) -> None:
    """Put the sections of ``proofs`` into the document; the other notebooks' stay as they are.

    Sections stand in the order of the catalogue (``entries``); those of notebooks that declare no
    sabotages any more are dropped.
    """
    sections = read_sections(path)
    sections |= {proof.entry.id: section(proof) for proof in proofs}
    kept = [sections[e.id] for e in entries if e.sabotages and e.id in sections]
    write_atomic(path, "\n".join([_HEAD, *kept]))


def read_sections(path: Path) -> dict[str, str]:
    """The document's sections by notebook, ``{}`` if there is none."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    starts = [mark.start() for mark in _SECTION.finditer(text)]
    parts = [
        text[start:end].strip() + "\n" for start, end in itertools.pairwise([*starts, len(text)])
    ]
    return {part.split()[1]: part for part in parts}


def section(proof: Proof) -> str:
    """One notebook's part of the document."""
    short = letters(len(proof.runs))
    lines = [
        f"## {proof.entry.id}",
        f"Key `{proof_key(proof.entry)}`. Sabotages:",
        "",
        *(f"- {letter}: {name}" for letter, name in zip(short, proof.runs, strict=True)),
        "",
        "| claim | " + " | ".join(short) + " |",
        "|---|" + "---|" * len(short),
    ]
    for name in proof.claims:
        shown = name.replace("|", "\\|")
        shown = f"**{shown}**" if name in proof.entry.headline else shown
        cells = [_MARKS[word] for word in proof.outcomes(name).values()]
        lines.append(f"| {shown} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def outdated(path: Path, entries: Sequence[Entry]) -> list[str]:
    """A sentence for every notebook whose section is absent, of other code, or too many."""
    sections = read_sections(path)
    declared = {entry.id: entry for entry in entries if entry.sabotages}
    found = [
        f"{path.name} has a section for {name}, which declares no sabotages: "
        "`mlsd prove --write` of any notebook drops it."
        for name in sections
        if name not in declared
    ]
    for name, entry in declared.items():
        if f"Key `{proof_key(entry)}`." not in sections.get(name, ""):
            found.append(f"{path.name} is not current for {name}: `mlsd prove --write {name}`.")
    return found
