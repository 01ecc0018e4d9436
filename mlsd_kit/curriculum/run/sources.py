"""Which of the kit's sources, and which libraries, a piece of code uses: read from code alone.

Imports are followed through the kit, those inside functions and the packages' ``__init__`` files
included. So is what is named in words: ``import_module("mlsd_kit.data.simulators.flows")``, a
module that is started as a process, and the names that a package loads only when they are asked
for. Imports for type checkers alone are left out: they never run.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import mlsd_kit

KIT = "mlsd_kit"
PACKAGE = Path(mlsd_kit.__file__).parent
_QUOTED = re.compile(rf"['\"]{KIT}\.")
_MODULE = re.compile(rf"{KIT}(?:\.\w+)+\.?")


@dataclass(frozen=True)
class Uses:
    """What one file or cell uses by itself."""

    imports: tuple[tuple[str, str | None], ...] = ()
    """``(module, name)`` of every absolute import; the name is None for a whole module."""
    words: tuple[str, ...] = ()
    """Modules of the kit that stand in its strings; one that ends in a dot is any of a package."""
    lazy: tuple[tuple[str, str], ...] = ()
    """Of a package with ``__getattr__``: each name that its tables have, and the module in it."""


@dataclass(frozen=True)
class Closure:
    """What a piece of code uses, with what that uses in turn."""

    files: frozenset[Path]
    """Source files of the kit."""
    libraries: frozenset[tuple[str, str | None]]
    """``(module, name)`` of every import from outside the kit."""


def closure(codes: Iterable[str], *, words: bool) -> Closure:
    """Everything that running ``codes`` may use.

    Parameters
    ----------
    codes : iterable of str
        Python sources; what is no plain Python uses nothing.
    words : bool
        Follow what is named in strings, too: what may run in another process.

    Examples
    --------
    >>> found = closure(["from mlsd_kit.metrics import f1_score"], words=True)
    >>> sorted(file.name for file in found.files if file.parent == PACKAGE)
    ['__init__.py', '_threads.py', '_vector.py']
    """
    todo: list[tuple[str, str | None]] = []
    asked: set[tuple[str, str | None]] = set()
    files: set[Path] = set()
    libraries: set[tuple[str, str | None]] = set()

    def add(uses: Uses) -> None:
        todo.extend(uses.imports)
        if words:
            todo.extend((word, None) for word in uses.words)

    for code in codes:
        add(uses_of(code))
    while todo:
        wish = module, name = todo.pop()
        if wish in asked:
            continue
        asked.add(wish)
        if module.partition(".")[0] != KIT:
            libraries.add(wish)
        elif module.endswith("."):
            todo += [(each, None) for each in _modules_in(module[:-1])]
        else:
            for file in kit_files(module, name):
                if file not in files:
                    files.add(file)
                    add(_file_uses(file))
            todo += [
                (home, None)
                for file in kit_files(module)[-1:]
                for key, home in _file_uses(file).lazy
                if name in (key, None, "*")
            ]
    return Closure(frozenset(files), frozenset(libraries))


@functools.cache
def kit_files(module: str, name: str | None = None) -> tuple[Path, ...]:
    """Source files that importing ``name`` from a module of the kit runs, packages included.

    >>> [file.name for file in kit_files("mlsd_kit.paths")]
    ['__init__.py', 'paths.py']
    """
    found = []
    parts = [*module.split(".")[1:], *([name] if name else [])]
    for length in range(len(parts) + 1):
        stem = PACKAGE.joinpath(*parts[:length])
        for file in (stem.with_suffix(".py") if length else stem, stem / "__init__.py"):
            if file.is_file():
                found.append(file)
    return tuple(found)


def uses_of(code: str, package: str = "") -> Uses:
    """What ``code`` uses by itself; ``package`` is where it lies, for tables of lazy names."""
    try:
        tree = ast.parse(code)
    except SyntaxError:  # a magic, or a cell that shows an error
        return Uses()
    found: list[tuple[str, str | None]] = []
    words: list[str] = []
    lazy: list[tuple[str, str]] = []
    loads = any(
        isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in tree.body
    )
    deep = loads or _QUOTED.search(code) is not None
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and _name(node.test) == "TYPE_CHECKING":
            todo += node.orelse
            continue
        todo += ast.iter_child_nodes(node) if deep else _statements(node)
        if isinstance(node, ast.Import):
            found += [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [(node.module, alias.name) for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words += _named(node.value, dots=not loads)
        elif isinstance(node, ast.Dict) and loads:
            pairs = zip(node.keys, node.values, strict=True)
            lazy += [
                (str(key.value), f"{package}.{value.value!s}")
                for key, value in pairs
                if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)
            ]
    return Uses(tuple(found), tuple(words), tuple(lazy))


def _named(text: str, *, dots: bool) -> list[str]:
    """Modules of the kit that a string names: whole, as ``module:function``, or as a beginning."""
    whole = text.partition(":")[0]
    if not _MODULE.fullmatch(whole) or (whole.endswith(".") and not dots):
        return []
    return [whole]


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """What lies in a statement's blocks: all imports do, and most of a file's nodes do not."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        yield from getattr(node, field, [])


def _name(node: ast.expr) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


@functools.cache
def _read(file: Path, stamp: tuple[int, int]) -> Uses:
    package = ".".join(file.parent.relative_to(PACKAGE.parent).parts)
    return uses_of(file.read_text(encoding="utf-8-sig"), package)


def _file_uses(file: Path) -> Uses:
    about = file.stat()
    return _read(file, (about.st_mtime_ns, about.st_size))


def _modules_in(package: str) -> list[str]:
    folder = PACKAGE.joinpath(*package.split(".")[1:])
    return [
        ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
        for file in sorted(folder.rglob("*.py"))
    ]
