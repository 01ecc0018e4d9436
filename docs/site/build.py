"""Builds the site: the executed notebooks, the kit's reference, exercises, drills and data sets.

``python docs/site/build.py [FOLDER]`` (``make site``) writes ``build/site/index.html``. The pages
are laid out like the repository, so that links between its files hold; any warning is an error.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import pages  # noqa: E402

import mlsd_kit  # noqa: E402
from mlsd_kit import data, paths  # noqa: E402
from mlsd_kit.curriculum.grading.catalogue import Exercise, exercises  # noqa: E402
from mlsd_kit.curriculum.run.catalogue import Entry, catalogue  # noqa: E402
from mlsd_kit.curriculum.run.figures import key_figure, thumbnail  # noqa: E402

WORKERS = 2
BEHIND_THE_COMMANDS = {"cli", "doctor", "drills"}
"""Not for import by a reader: what ``mlsd`` calls."""


def render(sources: Path, folder: Path) -> int:
    """Build the pages under ``sources`` into ``folder``; Sphinx's exit code."""
    from sphinx.cmd.build import main as sphinx

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
    for entry in entries:
        wanted[f"notebooks/{entry.id}.ipynb"] = entry.notebook.read_bytes()
        card, picture = _card(entry)
        cards.append(card)
        if card.thumbnail:
            wanted[card.thumbnail] = picture
    wanted["index.md"] = pages.front(cards, found).encode()
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
        yield f"api/{name}.md", pages.api_module(name)
    for note in sorted((paths.root() / "docs").glob("*.md")):
        yield f"docs/{note.name}", note.read_text(encoding="utf-8")


def public_modules() -> Iterator[tuple[str, str]]:
    """What a reader imports: the kit's packages and modules that name their public parts.

    Yields each name with the first line of its docstring.
    """
    for info in pkgutil.iter_modules(mlsd_kit.__path__):
        if info.name.startswith("_") or info.name in BEHIND_THE_COMMANDS:
            continue
        module = importlib.import_module(f"mlsd_kit.{info.name}")
        if hasattr(module, "__all__") or not info.ispkg:
            yield module.__name__, (module.__doc__ or "").strip().splitlines()[0]


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
