"""Did a notebook come to its end? Every cell ran, and every claim of its source shows an outcome.

``sys.exit(0)`` in a cell, a cleared output or a claim whose error is swallowed leaves a notebook
that looks as if it had passed. What must show is read from the source:

- a cell's own claims, those in its ``for`` loops, ``with`` and ``try`` blocks included, must show
  in that cell's outputs, each call at least once; a loop without a turn makes no claim;
- a claim inside a function must show somewhere: a function that nobody calls makes no claim;
- a claim under a condition (``if``, ``while``, ``match``, ``except``, ``and``) need not show.

A name that is computed is compared by its fixed parts.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

from mlsd_kit.curriculum.claims import MIME

_CONDITIONS = (ast.If, ast.IfExp, ast.While, ast.Match, ast.ExceptHandler, ast.BoolOp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
MAGIC = re.compile(r"^[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Site:
    """One call of `claim` in the source of a cell."""

    words: str
    """Its first argument as the source has it."""
    pattern: str
    """What the names that it may give look like, as a regular expression."""
    line: int
    in_function: bool = False
    conditional: bool = False

    @property
    def fixed(self) -> int:
        """How much of the name is fixed: the more, the fewer names fit."""
        return len(self.pattern.replace(".*", ""))


def sites(source: str) -> list[Site]:
    """The calls of `claim` in one cell, in the order of their lines.

    >>> [(site.words, site.pattern) for site in sites('claim(f"{n} gain", x, at_least=1)')]
    [("f'{n} gain'", '.*\\\\ gain')]
    """
    try:
        tree = ast.parse(MAGIC.sub("", source))
    except SyntaxError:  # the cell itself will say so
        return []
    found: list[Site] = []
    _visit(tree, False, False, found)
    return sorted(found, key=lambda site: site.line)


def _visit(node: ast.AST, in_function: bool, conditional: bool, found: list[Site]) -> None:
    if isinstance(node, ast.Call) and "claim" in (
        getattr(node.func, "id", ""),
        getattr(node.func, "attr", ""),
    ):
        name = next((k.value for k in node.keywords if k.arg == "name"), None)
        name = node.args[0] if node.args else name
        words = ast.unparse(name) if name is not None else ""
        found.append(Site(words, _pattern(name), node.lineno, in_function, conditional))
    in_function |= isinstance(node, _FUNCTIONS)
    conditional |= isinstance(node, _CONDITIONS)
    for child in ast.iter_child_nodes(node):
        _visit(child, in_function, conditional, found)


def _pattern(name: ast.expr | None) -> str:
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        return re.escape(name.value)
    if isinstance(name, ast.JoinedStr):
        return "".join(_pattern(part) for part in name.values)
    return ".*"


def gaps(notebook: dict[str, Any]) -> list[str]:
    """A sentence for every cell that did not run and every claim that is missing.

    Parameters
    ----------
    notebook : dict
        An executed notebook (nbformat 4).
    """
    found: list[str] = []
    spare: list[str] = []
    elsewhere: list[tuple[int, Site]] = []
    for number, cell in enumerate(notebook["cells"], start=1):
        source = "".join(cell["source"])
        if cell["cell_type"] != "code" or not source.strip():
            continue
        if cell.get("execution_count") is None:
            found.append(f"cell {number} did not run")
        names = [
            str(output["data"][MIME]["name"])
            for output in cell.get("outputs", [])
            if MIME in output.get("data", {})
        ]
        demanded = [site for site in sites(source) if not site.conditional]
        elsewhere += [(number, site) for site in demanded if site.in_function]
        own = [(number, site) for site in demanded if not site.in_function]
        found += _missing(own, names)
        spare += names
    return found + _missing(elsewhere, spare)


def _missing(demanded: list[tuple[int, Site]], names: list[str]) -> list[str]:
    """A sentence for each call that no name is left for; the names that fit are taken out."""
    found = []
    for number, site in sorted(demanded, key=lambda each: -each[1].fixed):
        fitting = [name for name in names if re.fullmatch(site.pattern, name, re.DOTALL)]
        if fitting:
            names.remove(fitting[0])
        else:
            found.append(f"the claim {site.words} of cell {number} is missing")
    return found
