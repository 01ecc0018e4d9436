"""Copy one named file out of a wheel, zip or tar archive, or out of an archive inside one."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import zipfile
import zlib
from contextlib import closing
from pathlib import Path

from mlsd_kit.data.errors import ArchiveError

INSIDE = "!/"  # between an archive's path and a path inside it, as in Java's jar addresses

_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError)


def extract(archive: Path, kind: str, member: str, target: Path) -> None:
    """Write ``member`` of ``archive`` to ``target``, whose path is the caller's alone.

    Parameters
    ----------
    archive : Path
        The archive's file, under whatever name.
    kind : str
        The archive's own name, whose ending tells a tar archive from a zip file (or wheel).
    member : str
        The path inside the archive. It is looked up, never made a path of this machine, and must
        be a regular file: a link could point anywhere. ``lib/inner.jar!/data.txt`` is the file
        ``data.txt`` of the archive ``lib/inner.jar``, which itself is a member.
    target : Path
        The file to write.

    Raises
    ------
    ArchiveError
        If the archive cannot be opened, or has no such regular file.
    """
    outer, nested, inner = member.partition(INSIDE)
    if nested:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            unpacked = Path(folder, "inner")
            extract(archive, kind, outer, unpacked)
            extract(unpacked, outer, inner, target)
        return
    copy = _from_tar if ".tar." in kind or kind.endswith((".tgz", ".tar")) else _from_zip
    try:
        copy(archive, member, target)
    except _DAMAGE as error:
        raise ArchiveError(f"{kind} is damaged and cannot be opened ({error})")
    except KeyError:
        raise ArchiveError(f"{kind} holds no file {member}")


def _from_zip(archive: Path, member: str, target: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        if opened.getinfo(member).is_dir():
            raise KeyError(member)
        with opened.open(member) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink)


def _from_tar(archive: Path, member: str, target: Path) -> None:
    with tarfile.open(archive) as opened:
        info = opened.getmember(member)
        source = opened.extractfile(info) if info.isreg() else None
        if source is None:
            raise KeyError(member)
        with closing(source), target.open("wb") as sink:
            shutil.copyfileobj(source, sink)
