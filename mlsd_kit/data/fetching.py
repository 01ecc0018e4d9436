"""From a registry's archive to one checked file in the cache, whole or not at all.

The archive is checked before anything is read from it, the file before it is used; nothing from
an archive is ever executed or unpickled, and no name from inside one becomes a path.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mlsd_kit import paths
from mlsd_kit.data import archives, registry
from mlsd_kit.data.datasheets import FILE_NAME, Datasheet, Source, datasheet
from mlsd_kit.data.errors import CacheError, DataError, FetchError, SimulatorError, WrongHashError
from mlsd_kit.data.locking import lock, orderly_termination

_WORK = ".fetching-"


def fetch(name: str) -> Path:
    """Bring a data set's file here if it is not, and return where it lies.

    A file that matches its recorded SHA-256 is used as it is, without the network. Else the
    data set's cache folder is searched for the file or its archive put there by hand, and last
    the archive is downloaded. Processes that fetch at once do the work once.

    Parameters
    ----------
    name : str
        One of `names()`. A simulator has nothing to fetch: its datasheet is returned.

    Raises
    ------
    DataError
        One sentence with the cure, including where to put the file by hand.
    """
    sheet = datasheet(name)
    if sheet.simulator:
        return sheet.folder / FILE_NAME
    target = location(sheet)
    if sheet.committed:
        _check_committed(sheet, target)
    elif sha256(target) != sheet.sha256:
        _obtain(sheet, target)
    return target


def path(name: str) -> Path:
    """Where a data set's file lies, fetched if need be.

    Raises
    ------
    DataError
        As `fetch`; and for a simulator, which has no file.
    """
    if datasheet(name).simulator:
        raise SimulatorError(f"{name} is simulated and has no file: call load({name!r}, seed=0).")
    return fetch(name)


def is_cached(name: str) -> bool:
    """True if the data set needs no download: its file is here (its content is not checked)."""
    sheet = datasheet(name)
    return bool(sheet.simulator) or location(sheet).is_file()


def location(sheet: Datasheet) -> Path:
    """Where the file lies once it is here."""
    return (sheet.folder if sheet.committed else paths.data_cache() / sheet.name) / sheet.file


def sha256(file: Path) -> str | None:
    """The file's SHA-256 in hexadecimal; None if there is no such file."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise CacheError(f"{file} cannot be read ({error.strerror}): make it readable.")


def _check_committed(sheet: Datasheet, file: Path) -> None:
    if (found := sha256(file)) != sheet.sha256:
        what = "is missing" if found is None else "is not the file its datasheet records (sha256)"
        raise WrongHashError(f"{sheet.name}: {file} {what}: restore it from the repository.")


def _obtain(sheet: Datasheet, target: Path) -> None:
    folder = target.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with orderly_termination(), lock(folder / ".lock", sheet.name):
            if sha256(target) == sheet.sha256:  # another process was faster
                return
            _sweep(folder)
            with tempfile.TemporaryDirectory(prefix=_WORK, dir=folder) as work:
                _by_hand_or_download(sheet, folder, Path(work)).replace(target)
    except OSError as error:
        raise CacheError(
            f"{sheet.name}: {folder} cannot be written ({error.strerror or error}): free it, or "
            "set MLSD_DATA to a folder that can."
        )


def _by_hand_or_download(sheet: Datasheet, folder: Path, work: Path) -> Path:
    for candidate, digest in _files_by_hand(folder):
        if digest == sheet.sha256:  # the file itself, under another name
            return Path(shutil.copyfile(candidate, work / sheet.file))
        for source in sheet.sources:
            if digest == source.sha256:
                return _extract(sheet, source, candidate, work)
    problems = []
    for source in sheet.sources:
        try:
            return _download(sheet, source, work)
        except DataError as error:
            problems.append(error)
    raise _with_cure(sheet, problems[0], folder)


def _files_by_hand(folder: Path) -> Iterator[tuple[Path, str | None]]:
    for file in sorted(folder.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            yield file, sha256(file)


def _download(sheet: Datasheet, source: Source, work: Path) -> Path:
    archive = registry.download(source, work)
    if (found := sha256(archive)) != source.sha256:
        raise WrongHashError(
            f"{archive.name} is not the archive the datasheet records "
            f"(sha256 {str(found)[:12]}… instead of {source.sha256[:12]}…)"
        )
    return _extract(sheet, source, archive, work)


def _extract(sheet: Datasheet, source: Source, archive: Path, work: Path) -> Path:
    file = work / f"member-{sheet.file}"
    archives.extract(archive, source.archive, source.member, file)
    if sha256(file) != sheet.sha256:
        raise WrongHashError(
            f"{source.member} in {source.archive} is not the file the datasheet records (sha256)"
        )
    return file


def _with_cure(sheet: Datasheet, problem: DataError, folder: Path) -> DataError:
    again = f"run `mlsd data fetch {sheet.name}` again" + (
        " with the network up" if isinstance(problem, FetchError) else ""
    )
    return type(problem)(
        f"{sheet.name}: {problem}; {again}, or put {sheet.sources[0].archive} "
        f"or {sheet.file} into {folder} by hand."
    )


def _sweep(folder: Path) -> None:
    """Remove what a killed fetch left; only the holder of the lock may call this."""
    for left in folder.glob(f"{_WORK}*"):
        shutil.rmtree(left, ignore_errors=True)
