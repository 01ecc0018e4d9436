"""Generates the committed notebooks: py:percent source to executed, normalised ``.ipynb``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlsd_kit import paths
from mlsd_kit.curriculum.run.catalogue import Entry, source_text
from mlsd_kit.curriculum.run.execute import Job, execute
from mlsd_kit.curriculum.run.normalise import keep_volatile, normalise
from mlsd_kit.curriculum.run.results import Result
from mlsd_kit.data import fetch
from mlsd_kit.files import write_atomic


def build(entry: Entry, timeout: float, *, fresh: bool = False) -> Result:
    """Execute ``entry`` and write its ``.ipynb`` if it passed.

    Parameters
    ----------
    entry : Entry
        The notebook.
    timeout : float
        Seconds for the whole notebook.
    fresh : bool
        Record machine-dependent outputs anew, even where the code cells are the recorded ones.
    """
    import nbformat

    for name in entry.datasets:
        fetch(name)
    text = as_jupyterlab_saves(entry)
    if text != entry.source.read_text(encoding="utf-8"):
        write_atomic(entry.source, text)
    folder, home = str(entry.source.parent), str(paths.root())
    result, executed = execute(Job(entry.id, entry.title, text, folder, home, "", timeout))
    if executed is None or not result.passed:
        return result
    notebook = normalise(nbformat.reads(executed, as_version=4))
    earlier = _earlier(entry)
    if earlier is not None and not fresh and _code(earlier) == _code(notebook):
        keep_volatile(notebook, earlier)
    write_atomic(entry.notebook, nbformat.writes(notebook) + "\n")
    return result


def as_jupyterlab_saves(entry: Entry) -> str:
    """The source as a save in JupyterLab would write it: same cells, header keys sorted.

    Kept in that form, opening and saving a notebook changes no file.
    """
    import jupytext
    from jupytext.config import load_jupytext_config

    config = load_jupytext_config(str(entry.source))
    notebook = jupytext.reads(source_text(entry.source), fmt="py:percent", config=config)
    for cell in notebook.cells:  # blank lines of one's own between cells are not kept in an .ipynb
        cell.metadata.pop("lines_to_next_cell", None)
    return jupytext.writes(notebook, fmt="py:percent", config=config)


def disagreements(entries: Sequence[Entry]) -> list[str]:
    """A sentence for every notebook whose ``.ipynb`` is absent or not made from its source."""
    import jupytext

    found = []
    for entry in entries:
        earlier = _earlier(entry)
        cure = f"run `mlsd build {entry.name}`"
        if earlier is None:
            found.append(f"{entry.id} has no .ipynb: {cure}.")
            continue
        source = normalise(jupytext.reads(source_text(entry.source), fmt="py:percent"))
        if _cells(earlier) != _cells(source) or earlier.metadata != source.metadata:
            found.append(f"{entry.id}: its .ipynb is not made from its .py: {cure}.")
    return found


def _earlier(entry: Entry) -> Any:
    """The committed notebook, None if there is none."""
    import nbformat

    if not entry.notebook.is_file():
        return None
    return nbformat.read(entry.notebook, as_version=4)


def _code(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _cells(notebook: Any) -> list[tuple[str, str, str, Any]]:
    return [(cell["id"], cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]
