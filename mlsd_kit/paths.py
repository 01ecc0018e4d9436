"""Where things are: the curriculum's root, and the user's cache."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import platformdirs


class CurriculumNotFoundError(RuntimeError):
    """No curriculum at or above the working folder."""


def is_root(folder: Path) -> bool:
    """True if ``folder`` holds a curriculum: both ``notebooks/`` and ``datasets/``."""
    return (folder / "notebooks").is_dir() and (folder / "datasets").is_dir()


def root() -> Path:
    """The curriculum's root folder.

    ``$MLSD_HOME`` if it is set, else the first folder with ``notebooks/`` and ``datasets/`` from
    the working folder upwards.

    Raises
    ------
    CurriculumNotFoundError
        With one sentence saying what was looked for, and the cure.
    """
    return _root(os.environ.get("MLSD_HOME"), Path.cwd())


@cache
def _root(home: str | None, cwd: Path) -> Path:
    if home:
        folder = Path(home).expanduser().resolve()
        if is_root(folder):
            return folder
        raise CurriculumNotFoundError(
            f"MLSD_HOME points to {folder}, which has no notebooks/ and datasets/: "
            "set it to the folder that holds both, or unset it."
        )
    for folder in (cwd, *cwd.parents):
        if is_root(folder):
            return folder
    raise CurriculumNotFoundError(
        f"No curriculum found at or above {cwd}: go to the cloned folder (the one with "
        "notebooks/ and datasets/), or set MLSD_HOME to it."
    )


def data_cache() -> Path:
    """The folder that keeps fetched data: ``$MLSD_DATA``, else the user's cache folder.

    Raises
    ------
    CacheError
        If the user has no home folder to keep it in.
    """
    override = os.environ.get("MLSD_DATA")
    if override:
        return Path(override).expanduser().resolve()
    folder = Path(platformdirs.user_cache_dir("mlsd"))
    if not folder.is_absolute():  # "~" stays what it is: it would be made in the working folder
        from mlsd_kit.data.errors import CacheError

        raise CacheError(
            "This user has no home folder to keep data in (HOME is not set): set MLSD_DATA to a "
            "folder that you may write to."
        )
    return folder / "data"
