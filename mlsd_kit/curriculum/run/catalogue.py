"""The catalogue: every notebook of the curriculum, read from its own header."""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mlsd_kit import paths
from mlsd_kit.curriculum.run.errors import CatalogueError, UsageError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the compiled one is five times faster
_NEEDED = {"title", "question", "asked", "datasets", "extras", "seconds"}
_OPTIONAL = {"headline", "sabotages", "services"}
_CELL = re.compile(r"^# %%(?P<options>.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Sabotage:
    """A change to a notebook that must make a claim fail: it proves that the claim has teeth."""

    name: str
    """What it imitates, in words: a constant model, shuffled labels, a dropped feature."""
    replace: str = ""
    """Text of a code cell, which must occur exactly once in the notebook's code."""
    by: str = ""
    """What stands there instead (``with`` in the header)."""
    parameter: str = ""
    """Or a parameter of the notebook that is set to ``value``."""
    value: Any = None


@dataclass(frozen=True)
class Entry:
    """One notebook: ``notebooks/<theme>/<name>.py`` and what its header says of it."""

    name: str
    theme: str
    source: Path
    """The py:percent file that people edit."""
    title: str
    question: str
    asked: tuple[str, ...]
    datasets: tuple[str, ...]
    extras: tuple[str, ...]
    seconds: int
    """How long it takes on two cores, about: the longest start first."""
    headline: tuple[str, ...] = ()
    """Names of the claims that a reader would quote, at most three."""
    sabotages: tuple[Sabotage, ...] = ()
    services: tuple[str, ...] = ()
    """Functions of `mlsd_kit.services` whose programs do not exist for every system."""

    @property
    def id(self) -> str:
        """``theme/name``."""
        return f"{self.theme}/{self.name}"

    @property
    def notebook(self) -> Path:
        """The executed, committed ``.ipynb`` beside the source."""
        return self.source.with_suffix(".ipynb")


def source_text(source: Path) -> str:
    """What a notebook's source says; a byte order mark, which some editors write, is no text."""
    return source.read_text(encoding="utf-8-sig")


def header(text: str) -> dict[str, Any]:
    """The ``jupyter`` mapping of a py:percent file's header, ``{}`` if it has none.

    >>> header("# ---\\n# jupyter:\\n#   mlsd: {title: Churn}\\n# ---\\n# %%\\n1")
    {'mlsd': {'title': 'Churn'}}
    """
    lines = text.splitlines()
    if not lines or lines[0] != "# ---" or "# ---" not in lines[1:]:
        return {}
    end = lines.index("# ---", 1)
    text = "\n".join(line[2:] for line in lines[1:end])
    return (yaml.load(text, Loader=_Loader) or {}).get("jupyter", {})


def code_cells(text: str) -> list[tuple[str, str]]:
    """``(options, source)`` of every code cell of a py:percent file; options hold its tags.

    >>> code_cells('# %% [markdown]\\n# Hello\\n\\n# %% tags=["parameters"]\\nseed = 0\\n')
    [('tags=["parameters"]', 'seed = 0')]
    """
    spans = code_spans(text)
    return [(options, text[start:end].strip()) for options, start, end in spans]


def code_spans(text: str) -> list[tuple[str, int, int]]:
    """``(options, start, end)`` of every code cell: where its source lies in the file's text."""
    marks = list(_CELL.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [
        (mark["options"].strip(), mark.end(), end)
        for mark, end in zip(marks, ends, strict=False)
        if "[markdown]" not in mark["options"] and "[raw]" not in mark["options"]
    ]


def parameter_defaults(text: str) -> dict[str, Any]:
    """The values that the cell tagged ``parameters`` assigns, as far as they are literals.

    >>> cell = '# %% tags=["parameters"]\\nseed: int = 0\\nGAP, HORIZON = 1, 7\\nB = f()\\n'
    >>> parameter_defaults(cell)
    {'seed': 0, 'GAP': 1, 'HORIZON': 7}
    """
    found: dict[str, Any] = {}
    for line in _parameter_lines(text):
        targets = line.targets if isinstance(line, ast.Assign) else [line.target]
        for target in targets:
            try:
                value = ast.literal_eval(line.value) if line.value is not None else None
            except (ValueError, TypeError):
                continue
            if isinstance(target, ast.Name):
                found[target.id] = value
            elif isinstance(target, ast.Tuple) and isinstance(value, tuple):
                names = [each.id for each in target.elts if isinstance(each, ast.Name)]
                found |= dict(zip(names, value, strict=False))
    return found


def _parameter_lines(text: str) -> list[ast.Assign | ast.AnnAssign]:
    """The assignments in the cell tagged ``parameters``; none if it is not Python."""
    sources = [source for options, source in code_cells(text) if '"parameters"' in options]
    try:
        lines = ast.parse("\n".join(sources)).body
    except SyntaxError:  # the run will say so, with the line
        return []
    return [line for line in lines if isinstance(line, ast.Assign | ast.AnnAssign)]


def parameter_names(text: str) -> set[str]:
    """Names assigned in the cell tagged ``parameters``; none if that cell is not Python.

    >>> cell = '# %% tags=["parameters"]\\nseed: int = 0\\nGAP, HORIZON = 1, 7\\n'
    >>> sorted(parameter_names(cell))
    ['GAP', 'HORIZON', 'seed']
    """
    lines = _parameter_lines(text)
    targets = [target for line in lines if isinstance(line, ast.Assign) for target in line.targets]
    targets += [line.target for line in lines if isinstance(line, ast.AnnAssign)]
    nodes = [node for target in targets for node in ast.walk(target)]
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def read_entry(source: Path) -> Entry:
    """The entry of one notebook source.

    Raises
    ------
    CatalogueError
        If its header lacks something: named, with the file.
    """
    try:
        about = header(source_text(source)).get("mlsd")
    except yaml.YAMLError as error:
        where = " ".join(str(error).split())
        raise CatalogueError(f"{source}: its header is not YAML: {where}") from None
    if not isinstance(about, dict):
        raise CatalogueError(f"{source}: its header has no 'mlsd:' section; copy the template's.")
    if not _NEEDED <= about.keys() <= _NEEDED | _OPTIONAL:
        missing, unknown = (
            sorted(_NEEDED - about.keys()),
            sorted(about.keys() - _NEEDED - _OPTIONAL),
        )
        raise CatalogueError(
            f"{source}: its 'mlsd:' header must have {', '.join(sorted(_NEEDED))}, and may have "
            f"{', '.join(sorted(_OPTIONAL))} (missing: {missing}, unknown: {unknown})."
        )
    return Entry(
        name=source.stem,
        theme=source.parent.name,
        source=source,
        title=str(about["title"]),
        question=str(about["question"]).strip(),
        asked=tuple(about["asked"]),
        datasets=tuple(about["datasets"]),
        extras=tuple(about["extras"]),
        seconds=int(about["seconds"]),
        headline=tuple(about.get("headline") or ()),
        sabotages=tuple(_sabotage(source, item) for item in about.get("sabotages") or ()),
        services=tuple(about.get("services") or ()),
    )


def _sabotage(source: Path, item: Any) -> Sabotage:
    """One entry of ``sabotages:``, with a sentence for what it lacks."""
    keys = set(item) if isinstance(item, dict) else set()
    if keys == {"name", "replace", "with"}:
        return Sabotage(str(item["name"]), replace=str(item["replace"]), by=str(item["with"]))
    if keys == {"name", "parameter", "value"}:
        name = str(item["name"])
        return Sabotage(name, parameter=str(item["parameter"]), value=item["value"])
    raise CatalogueError(
        f"{source}: a sabotage has name, replace and with, or name, parameter and value; "
        f"got {item!r}."
    )


def _place(source: Path) -> tuple[int, str, bool, str]:
    """The path through the curriculum: framework, concepts, case studies, and the template last."""
    theme, name = source.parent.name, source.stem
    return {"foundations": 0, "template": 2}.get(theme, 1), theme, name != "framework", name


def catalogue() -> list[Entry]:
    """Every notebook of the curriculum, in the order in which one would learn from them.

    Raises
    ------
    CatalogueError
        If a header is incomplete or two notebooks share a name.
    """
    sources = sorted((paths.root() / "notebooks").glob("*/*.py"), key=_place)
    entries = [read_entry(source) for source in sources]
    seen: dict[str, Entry] = {}
    for entry in entries:
        if entry.name in seen:
            raise CatalogueError(
                f"{entry.source} and {seen[entry.name].source} share a name: rename one of them."
            )
        seen[entry.name] = entry
    return entries


def select(entries: list[Entry], names: list[str], theme: str | None = None) -> list[Entry]:
    """The entries asked for: by name or ``theme/name``, by theme, or all of them.

    Raises
    ------
    UsageError
        If a name or the theme is unknown; the sentence offers the nearest ones.
    """
    themes = sorted({entry.theme for entry in entries})
    if theme is not None and theme not in themes:
        raise UsageError(f"No theme {theme!r}: there are {', '.join(themes) or 'none yet'}.")
    chosen = [entry for entry in entries if theme in (None, entry.theme)]
    if not names:
        return chosen
    by_name = {entry.name: entry for entry in chosen} | {entry.id: entry for entry in chosen}
    picked: list[Entry] = []
    for name in names:
        if name not in by_name:
            near = difflib.get_close_matches(name, by_name, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "`mlsd list` shows them all."
            raise UsageError(f"No notebook {name!r}: {hint}")
        if by_name[name] not in picked:
            picked.append(by_name[name])
    return picked
