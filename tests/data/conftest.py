"""A toy curriculum whose one data set comes from a wheel in a folder: no network."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

CSV = "id,kind,n,price,day,ok\na1,x,1,1.5,2020-01-01,True\na2,y,2,2.5,2020-01-02,False\n"
SCHEMA = """
id = { dtype = "str", unique = true }
kind = { dtype = "category", values = ["x", "y"] }
n = { dtype = "int64", min = 0, max = 9 }
price = { dtype = "float64", nullable = true, min = 0.5 }
day = { dtype = "datetime64", format = "%Y-%m-%d", min = 2020-01-01, max = 2020-12-31 }
ok = { dtype = "bool" }
"""
WHEEL = "toy-1.0-py3-none-any.whl"
MEMBER = "toy/data.csv"
HEAD = 'title = "Toy"\nrow = "one thing"\nrows = 2\nlicence = "CC0"\ncitation = "none"\n'


def digest(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def build_wheel(folder: Path, members: dict[str, str]) -> Path:
    info = "toy-1.0.dist-info"
    files = {
        **members,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return folder / WHEEL


@dataclass
class Toy:
    """The toy curriculum: where things lie, and how to change its datasheet."""

    home: Path
    cache: Path
    wheels: Path
    wheel: Path
    csv = CSV
    head = HEAD
    types = SCHEMA
    digest = staticmethod(digest)

    @property
    def file(self) -> Path:
        return self.cache / "toy" / "data.csv"

    def sheet(self, *, name: str = "toy", text: str | None = None, **changes: str) -> Path:
        """Write the datasheet, with some facts changed."""
        facts = {
            "file_sha": digest(CSV),
            "wheel_sha": digest(self.wheel.read_bytes()) if self.wheel.exists() else "0" * 64,
            "package": "toy",
            "version": "1.0",
            "archive": WHEEL,
            "member": MEMBER,
            "schema": SCHEMA,
            "extra": "",
            **changes,
        }
        folder = self.home / "datasets" / name
        folder.mkdir(exist_ok=True)
        default = (
            '{head}{extra}file = "data.csv"\nsha256 = "{file_sha}"\n[[source]]\n'
            'package = "{package}"\nversion = "{version}"\narchive = "{archive}"\n'
            'sha256 = "{wheel_sha}"\nmember = "{member}"\nlicence = "CC0"\n[schema]{schema}'
        )
        content = text if text is not None else default.format(head=HEAD, **facts)
        (folder / "datasheet.toml").write_text(content)
        return folder / "datasheet.toml"

    def repack(self, members: dict[str, str]) -> None:
        """Another wheel, and a datasheet that records its hash."""
        build_wheel(self.wheels, members)
        self.sheet()

    def with_csv(self, csv: str, **changes: str) -> None:
        """Other content, honestly recorded: only the schema can object."""
        self.repack({MEMBER: csv})
        self.sheet(file_sha=digest(csv), **changes)

    def left_behind(self) -> list[str]:
        """The files in the toy's cache folder, the lock aside."""
        folder = self.cache / "toy"
        found = folder.rglob("*") if folder.exists() else []
        return sorted(p.name for p in found if p.name != ".lock")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    home, wheels, cache = tmp_path / "home", tmp_path / "wheels", tmp_path / "cache"
    for folder in ("notebooks", "datasets"):
        (home / folder).mkdir(parents=True)
    wheel = build_wheel(wheels, {MEMBER: CSV})
    made = Toy(home, cache, wheels, wheel)
    made.sheet()
    for key, value in {
        "MLSD_HOME": home,
        "MLSD_DATA": cache,
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": wheels,
        "PIP_NO_CACHE_DIR": "1",
    }.items():
        monkeypatch.setenv(key, str(value))
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    return made
