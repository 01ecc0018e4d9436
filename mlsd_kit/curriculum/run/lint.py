"""The lint of notebooks: what must hold, and what is only advised.

A limit on length that is enforced makes halves of whole ideas, so lengths are advice. What must
hold has a name; a notebook that does not keep to a rule yet stands in
``notebooks/lint-exceptions.toml``, and an exception that is not needed any more is itself a
finding: the list can only shrink.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlsd_kit import paths
from mlsd_kit.curriculum.claims import Claim, claims_of
from mlsd_kit.curriculum.run.catalogue import Entry, code_cells, source_text
from mlsd_kit.curriculum.run.complete import MAGIC
from mlsd_kit.curriculum.run.errors import CatalogueError
from mlsd_kit.curriculum.run.sweep import numbered

MOST_CLAIMS, MOST_HEADLINES = 15, 3
CELL_LINES, CELLS, WORDS = 12, 60, 2000
REUSABLE = {"_", "ax", "rng"}
NO_SYSTEM = {"foundations"}
"""Themes whose notebooks settle a question by experiment: they design no system."""
PARTS = {
    "diagram": "no cell calls plots.diagram: a case study shows its components",
    "contract": "no cell calls contract: a case study shows its interface as the code has it",
    "capacity-table": "no cell calls capacity_table: each estimate is met by a measured figure",
    "defence": "no cell calls defence: a case study ends with the page that defends it",
}
RULES = ("bound-twice", "why-sentence", "claims", "headline", *PARTS)
EXCEPTIONS = "lint-exceptions.toml"


@dataclass(frozen=True)
class Finding:
    """What does not hold in one notebook."""

    notebook: str
    rule: str
    says: str

    def __str__(self) -> str:
        return f"{self.notebook}: {self.says} ({self.rule})"


def lint(entries: Sequence[Entry]) -> list[Finding]:
    """What must hold and does not, less the exceptions; and exceptions that are not needed.

    Raises
    ------
    CatalogueError
        If the file of exceptions cannot be read.
    """
    allowed = exceptions(paths.root() / "notebooks" / EXCEPTIONS)
    found = []
    for entry in entries:
        own = findings(entry)
        spared = allowed.get(entry.id, [])
        found += [finding for finding in own if finding.rule not in spared]
        for rule in spared:
            if rule not in RULES:
                says = f"{EXCEPTIONS} names a rule that there is not; there are {', '.join(RULES)}"
                found.append(Finding(entry.id, rule, says))
            elif rule not in {finding.rule for finding in own}:
                says = f"its exception is not needed any more: take it out of {EXCEPTIONS}"
                found.append(Finding(entry.id, rule, says))
    return found


def strangers(entries: Sequence[Entry]) -> list[str]:
    """Notebooks of the exceptions that the whole catalogue does not have."""
    known = {entry.id for entry in entries}
    allowed = exceptions(paths.root() / "notebooks" / EXCEPTIONS)
    return [f"{EXCEPTIONS}: there is no notebook {name}." for name in allowed if name not in known]


def exceptions(path: Path) -> dict[str, list[str]]:
    """The rules that each notebook does not keep to yet; ``{}`` without a file."""
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8-sig")) if path.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path} is not TOML: {error}") from None
    for name, rules in read.items():
        if not isinstance(rules, list):
            raise CatalogueError(f'{path}: {name} takes a list of rules, as in ["claims"].')
    return read


def findings(entry: Entry) -> list[Finding]:
    """Everything in one notebook that does not hold, exceptions or not.

    Claims are read from the executed notebook: there, computed names and reasons are what a
    reader sees.
    """
    cells = [source for _, source in code_cells(source_text(entry.source))]
    trees = [tree for source in cells if (tree := _parsed(source)) is not None]
    found = [("bound-twice", says) for says in bound_twice(trees)]
    claims = _claims(entry)
    for claim in claims:
        if problem := not_a_sentence(claim.why):
            found.append(("why-sentence", f"the why of {claim.name!r} {problem}: {claim.why!r}"))
    if len(claims) > MOST_CLAIMS:
        found.append(("claims", f"{len(claims)} claims; at most {MOST_CLAIMS}"))
    found += [("headline", says) for says in _headline(entry, claims)]
    if entry.theme not in NO_SYSTEM:
        called = {_called(node) for tree in trees for node in ast.walk(tree)}
        found += [
            (rule, says) for rule, says in PARTS.items() if rule.replace("-", "_") not in called
        ]
    return [Finding(entry.id, rule, says) for rule, says in found]


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(MAGIC.sub("", source))
    except SyntaxError:  # the run says so, with the line
        return None


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def _claims(entry: Entry) -> list[Claim]:
    if not entry.notebook.is_file():
        raise CatalogueError(f"{entry.id} has no .ipynb: run `mlsd build {entry.name}`.")
    return claims_of(json.loads(entry.notebook.read_text(encoding="utf-8")))


def _headline(entry: Entry, claims: Sequence[Claim]) -> Iterator[str]:
    if not 1 <= len(entry.headline) <= MOST_HEADLINES:
        yield f"its header names {len(entry.headline)} headline claims; one to {MOST_HEADLINES}"
    names = {name for name, _ in numbered(claims)}
    for name in entry.headline:
        if name not in names:
            yield f"its header names {name!r} as a headline, and no claim has that name"


def not_a_sentence(why: str) -> str | None:
    """What keeps ``why`` from being a sentence, or None.

    That it has a subject and a verb no rule can tell; that it begins and ends like a sentence and
    has four words or more, one can.

    >>> not_a_sentence("Published models reach this figure.")
    >>> not_a_sentence("half rich?")
    'is no sentence: begin with a capital, use four words or more, end with a full stop'
    """
    first = why.strip()[:1]
    begins = first.isupper() or first.isdigit()
    if begins and why.strip().endswith(".") and len(why.split()) >= 4:
        return None
    return "is no sentence: begin with a capital, use four words or more, end with a full stop"


def bound_twice(trees: Sequence[ast.Module]) -> list[str]:
    """A sentence for every name that the cells bind more than once at their top level.

    ``_``, ``ax`` and ``rng`` may be, and so may the targets of ``for`` and ``with`` that begin
    with an underscore. The branches of an ``if`` or ``try`` are alternatives: they count once. An
    augmented assignment builds a value up in the cell that has bound it; in a later cell it gives
    the name another meaning. Repeating the same import binds nothing new.

    >>> cells = [ast.parse(text) for text in ("a = 1", "for a in b: pass", "c = 1; c += 1")]
    >>> bound_twice(cells)
    ["'a' is bound in cells 1 and 2 of its code: one name, one meaning"]
    """
    places: dict[str, list[int]] = {}
    imported: set[tuple[str, str]] = set()
    for number, tree in enumerate(trees, start=1):
        for name, times in sorted(_bindings(tree.body, imported).items()):
            places.setdefault(name, []).extend([number] * times)
        for name in _augmented(tree):
            if number not in places.get(name, []):
                places.setdefault(name, []).append(number)
    return [
        f"{name!r} is bound in {_places(where)} of its code: one name, one meaning"
        for name, where in places.items()
        if len(where) > 1 and name not in REUSABLE
    ]


def _places(where: Sequence[int]) -> str:
    """Numbers of cells in words; a cell that binds twice is named once.

    >>> _places([2, 2]), _places([1, 4, 4, 9])
    ('cell 2 twice or more', 'cells 1, 4 and 9')
    """
    *cells, last = sorted(set(where))
    if not cells:
        return f"cell {last} twice or more"
    return f"cells {', '.join(map(str, cells))} and {last}"


def _bindings(body: Sequence[ast.stmt], imported: set[tuple[str, str]]) -> Counter[str]:
    """How often the statements bind each name of their scope."""
    found: Counter[str] = Counter()
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[node.name] += 1
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                origin = f"{getattr(node, 'module', '')}.{alias.name if alias.asname else ''}"
                if (name, origin) not in imported:
                    imported.add((name, origin))
                    found[name] += 1
            continue
        loose = isinstance(node, (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith))
        for name in _targets(node):
            found[name] += not (loose and name.startswith("_"))
        found += _alternatives(node, imported)
    return found


def _targets(node: ast.stmt) -> list[str]:
    """Names that one statement binds itself, walrus assignments in its expressions included."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif (isinstance(node, ast.AnnAssign) and node.value is not None) or isinstance(
        node, (ast.For, ast.AsyncFor)
    ):
        targets = [node.target]
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        targets = [item.optional_vars for item in node.items if item.optional_vars is not None]
    stored = [name for target in targets for name in ast.walk(target)]
    stored += [expr.target for expr in _own_expressions(node) if isinstance(expr, ast.NamedExpr)]
    return [n.id for n in stored if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def _own_expressions(node: ast.stmt) -> Iterator[ast.AST]:
    """Everything below a statement but the statements in its blocks and the bodies of lambdas."""
    todo = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
    while todo:
        each = todo.pop()
        if isinstance(each, (ast.Lambda, ast.ExceptHandler, ast.match_case)):
            continue
        yield each
        todo += ast.iter_child_nodes(each)


def _alternatives(node: ast.stmt, imported: set[tuple[str, str]]) -> Counter[str]:
    """What the blocks of a statement bind: of alternatives, the one that binds a name most."""
    if isinstance(node, ast.If):
        ways = [node.body, node.orelse]
    elif isinstance(node, (ast.Try, ast.TryStar)):
        ways = [node.body + node.orelse, *(handler.body for handler in node.handlers)]
    elif isinstance(node, ast.Match):
        ways = [case.body for case in node.cases]
    else:
        return _bindings([*getattr(node, "body", []), *getattr(node, "orelse", [])], imported)
    found: Counter[str] = Counter()
    for way in ways:
        found |= _bindings(way, imported)
    return found + _bindings(getattr(node, "finalbody", []), imported)


def _augmented(tree: ast.Module) -> Iterator[str]:
    """Names at the top level of a cell that an augmented assignment changes."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            todo += ast.iter_child_nodes(node)


def advice(entry: Entry) -> list[str]:
    """What might be better in one notebook: lengths, and figures in prose and titles."""
    notebook = json.loads(entry.notebook.read_text(encoding="utf-8"))
    cells: list[tuple[int, str, str]] = [
        (number, cell["cell_type"], "".join(cell["source"]))
        for number, cell in enumerate(notebook["cells"], start=1)
    ]
    prose = [(number, text) for number, kind, text in cells if kind == "markdown"]
    code = [(number, text) for number, kind, text in cells if kind == "code"]
    found = []
    if len(cells) > CELLS:
        found.append(f"{len(cells)} cells; about {CELLS} are one sitting")
    if (words := sum(len(text.split()) for _, text in prose)) > WORDS:
        found.append(f"{words:,} words; about {WORDS:,} are one sitting")
    for number, text in code:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > CELL_LINES:
            found.append(f"cell {number} has {len(lines)} lines; {CELL_LINES} can be taken in")
        for title in _titles(text):
            if re.search(r"(?<![A-Za-z])\d", title):
                found.append(f"cell {number} has a figure in a title: {title!r}")
    for number, text in prose:
        if figures := _figures(text):
            found.append(f"cell {number} has figures in its prose: {', '.join(figures[:6])}")
    return [f"{entry.id}: {says}" for says in found]


def _figures(text: str) -> list[str]:
    """Words of a Markdown cell with a number; code, links, formulas and headings' numbers aside."""
    plain = re.sub(r"`[^`]*`|\]\([^)]*\)|\$[^$]*\$|^#+ \d+\.", " ", text, flags=re.MULTILINE)
    return [word.strip(".,;:()*") for word in plain.split() if re.search(r"(?<![A-Za-z])\d", word)]


def _titles(source: str) -> Iterator[str]:
    """Fixed parts of what a cell gives as a title."""
    tree = _parsed(source)
    for node in ast.walk(tree) if tree else ():
        given: list[Any] = []
        if isinstance(node, ast.Call):
            given = [each.value for each in node.keywords if each.arg in ("title", "suptitle")]
            if _called(node) in ("set_title", "suptitle"):
                given += node.args[:1]
        for part in (each for value in given for each in ast.walk(value)):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value
