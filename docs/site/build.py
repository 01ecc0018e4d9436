"""Builds the site: the executed notebooks, the kit's reference, exercises, drills and data sets.

``python docs/site/build.py [FOLDER]`` (``make site``) writes ``build/site/index.html``. The pages
are laid out like the repository, so that links between its files hold; any warning is an error.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import inspect
import json
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import pages  # noqa: E402

import mlsd_kit  # noqa: E402
from mlsd_kit import data, paths  # noqa: E402
from mlsd_kit.curriculum.grading.catalogue import Exercise, exercises  # noqa: E402
from mlsd_kit.curriculum.run.catalogue import Entry, catalogue  # noqa: E402
from mlsd_kit.curriculum.run.figures import key_figure, thumbnail  # noqa: E402

WORKERS = 2
BEHIND_THE_COMMANDS = ("mlsd_kit.curriculum.cli", "mlsd_kit.curriculum.run")
"""Not for import by a reader: what ``mlsd`` calls."""


def render(sources: Path, folder: Path) -> int:
    """Build the pages under ``sources`` into ``folder``; Sphinx's exit code."""
    from sphinx.cmd.build import main as sphinx

    public_modules()  # Sphinx would import them with TYPE_CHECKING set: FastAPI's models break
    options = ["-b", "html", "-c", str(HERE), "-W", "--keep-going", "-q", "-j", str(WORKERS)]
    options += ["-d", str(folder.with_name(f"{folder.name}-doctrees"))]
    return sphinx([*options, str(sources), str(folder)])


def assemble(
    sources: Path, entries: Sequence[Entry] | None = None, modules: Sequence[str] | None = None
) -> None:
    """Write every page's source under ``sources``; pages whose text is unchanged stay as they are.

    Parameters
    ----------
    sources : Path
        The folder, emptied of what is no longer a page.
    entries : sequence of Entry, default=None
        The notebooks; all of them by default.
    modules : sequence of str, default=None
        What the reference describes; every public module by default.
    """
    entries = catalogue() if entries is None else entries
    absent = [entry.name for entry in entries if not entry.notebook.is_file()]
    if absent:
        raise SystemExit(f"No .ipynb of {', '.join(absent)}: run `mlsd build {' '.join(absent)}`.")
    found = exercises()
    wanted = {name: text.encode() for name, text in _texts(entries, found, modules)}
    cards = []
    names = [entry.name for entry in entries]
    for entry in entries:
        wanted[f"notebooks/{entry.id}.ipynb"] = pages.linked(entry.notebook.read_bytes(), names)
        card, picture = _card(entry)
        cards.append(card)
        if card.thumbnail:
            wanted[card.thumbnail] = picture
    wanted["index.md"] = pages.front(cards, found, [note.stem for note in _notes()]).encode()
    _write(sources, wanted)


def _texts(
    entries: Sequence[Entry], found: Sequence[Exercise], modules: Sequence[str] | None
) -> Iterator[tuple[str, str]]:
    """Every page that is text: its path and its Markdown."""
    known = {name: pages.document(each) for each in found for name in (each.name, each.id)}
    for exercise in found:
        yield f"{pages.document(exercise)}.md", pages.statement(exercise, known)
    for kind in pages.KINDS:
        yield f"practice/{kind}.md", pages.practice(kind, found, entries)
    yield "data.md", pages.data_sets([data.datasheet(name) for name in data.names()])
    shown = [(name, line) for name, line in public_modules() if modules is None or name in modules]
    yield "api/index.md", pages.api_index(shown)
    for name, _ in shown:
        yield f"api/{name}.md", pages.api_module(name, list(left_out(name)))
    for note in _notes():
        yield f"docs/{note.name}", note.read_text(encoding="utf-8")


def _notes() -> list[Path]:
    """The pages under ``docs/``; of the catalogue the site's own pages take the place."""
    found = sorted((paths.root() / "docs").glob("*.md"))
    return [note for note in found if note.name != "catalogue.md"]


@functools.cache
def public_modules() -> tuple[tuple[str, str], ...]:
    """What a reader imports, by name, each with the first line of its docstring.

    Public is a module without an underscore before its name, or the name of a folder above it, that
    lies directly in the kit, or says in ``__all__`` what it offers, or is imported from by a
    notebook or an exercise.
    """
    used, found = {module for module, _ in imported()}, []
    for info in pkgutil.walk_packages(mlsd_kit.__path__, "mlsd_kit."):
        parts = info.name.split(".")
        if info.name.startswith(BEHIND_THE_COMMANDS) or any(p.startswith("_") for p in parts):
            continue
        module = importlib.import_module(info.name)
        in_the_kit = len(parts) == 2 and not info.ispkg
        if in_the_kit or hasattr(module, "__all__") or info.name in used:
            found.append((info.name, (module.__doc__ or "").strip().splitlines()[0]))
    return tuple(found)


@functools.cache
def imported() -> set[tuple[str, str]]:
    """What notebooks and exercises import from the kit: (module, name); (module, "") as a whole."""
    root, found = paths.root(), set()
    for file in [*root.glob("notebooks/*/*.py"), *root.glob("exercises/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mlsd_kit."):
                for name in (alias.name for alias in node.names):
                    whole = _is_module(str(node.module), name)
                    found.add((f"{node.module}.{name}", "") if whole else (str(node.module), name))
    return found


def public_names(name: str) -> set[str]:
    """What a module offers: its ``__all__``, and what notebooks and exercises import from it."""
    offered = getattr(importlib.import_module(name), "__all__", ())
    return {*offered, *(each for module, each in imported() if module == name and each)}


def left_out(name: str) -> Iterator[pages.Member]:
    """Public names that Sphinx does not find by itself in a module.

    It sees no function or class that loads when it is first asked for, none of another module that
    ``__all__`` does not name, and no constant without a text of its own in the same file. What has
    a page where it lives is described there alone.
    """
    module = importlib.import_module(name)
    here, listed = vars(module), getattr(module, "__all__", ())
    homes = {public for public, _ in public_modules()}
    for each in sorted(public_names(name)):
        value = getattr(module, each)
        if not inspect.isroutine(value) and not inspect.isclass(value):
            if not (text := _text_below(module, each)) or each in listed:
                yield pages.Member(each, "py:data", text)
        elif each not in here or (each not in listed and value.__module__ not in {name, *homes}):
            yield pages.Member(each, "autoclass" if inspect.isclass(value) else "autofunction")


def _text_below(module: ModuleType, name: str) -> str:
    """The string under a constant's assignment, here or where it is imported from."""
    body = ast.parse(inspect.getsource(module)).body
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.ImportFrom) and name in {each.name for each in node.names}:
            return _text_below(importlib.import_module(str(node.module)), name)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        named = any(isinstance(each, ast.Name) and each.id == name for each in targets)
        if named and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            return inspect.cleandoc(str(after.value.value))
    return ""


def _is_module(package: str, name: str) -> bool:
    """Whether ``from package import name`` gives a module; a function may hide one of its name."""
    module = importlib.import_module(package)
    return inspect.ismodule(getattr(module, name, None)) or (
        not hasattr(module, name) and importlib.util.find_spec(f"{package}.{name}") is not None
    )


def _card(entry: Entry) -> tuple[pages.Card, bytes]:
    """The notebook's card, and its picture if it has one."""
    notebook = json.loads(entry.notebook.read_text(encoding="utf-8"))
    figure = key_figure(notebook)
    if figure is None:
        return pages.Card(entry, None, ""), b""
    path = f"thumbnails/{entry.theme}-{entry.name}.webp"
    return pages.Card(entry, path, figure.caption or entry.title), thumbnail(figure.png)[0]


def _write(folder: Path, wanted: dict[str, bytes]) -> None:
    """Make ``folder`` hold exactly these files; Sphinx reads again only what changed."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    for name, content in wanted.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def main(folder: Path) -> int:
    """Assemble the pages beside ``folder`` and build them there; Sphinx's exit code."""
    sources = folder.with_name(f"{folder.name}-sources")
    assemble(sources)
    code = render(sources, folder)
    if code == 0:
        print(f"The site: {folder / 'index.html'}")
    return code


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else paths.root() / "build" / "site"
    raise SystemExit(main(target.resolve()))
