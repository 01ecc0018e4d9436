"""A new case study: the template under another name."""

from __future__ import annotations

import re
from pathlib import Path

from mlsd_kit import paths
from mlsd_kit.curriculum.run.catalogue import catalogue, source_text
from mlsd_kit.curriculum.run.errors import UsageError
from mlsd_kit.files import write_atomic

TEMPLATE = "template/template.py"
_ID = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
_TITLE = re.compile(r"^#     title: .*$", re.MULTILINE)
_HEADING = re.compile(r"^# # .*$", re.MULTILINE)


def new(name: str) -> Path:
    """Copy the template to ``notebooks/<theme>/<name>.py``; its title is the name in words.

    Parameters
    ----------
    name : str
        ``<theme>/<name>``: small letters, digits and underscores.

    Returns
    -------
    Path
        The new source.

    Raises
    ------
    UsageError
        If the name is not of that form, or a notebook of that name is there already.
    """
    if not _ID.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of a case study: write <theme>/<name> in small letters, digits "
            "and underscores, as in ranking/web_search."
        )
    theme, _, short = name.partition("/")
    taken = {entry.name: entry.id for entry in catalogue()}
    if short in taken:
        raise UsageError(f"There is a notebook {taken[short]} already: choose another name.")
    folder = paths.root() / "notebooks"
    source = folder / theme / f"{short}.py"
    if source.exists() or source.with_suffix(".ipynb").exists():
        raise UsageError(f"{source} is there already: nothing was written.")
    words = short.replace("_", " ").capitalize()
    text = source_text(folder / TEMPLATE)
    text = _TITLE.sub(f"#     title: {words}", text, count=1)
    text = _HEADING.sub(f"# # {words}", text, count=1)
    source.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(source, text)
    return source
