"""Read a file by its datasheet, and compare a table with its schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from mlsd_kit.data import json_records, svmlight
from mlsd_kit.data.datasheets import Column, Datasheet
from mlsd_kit.data.errors import SchemaError

# Datasheets state what marks a missing value; pandas' own list would swallow "None" and "NA".
_READER = {"keep_default_na": False, "na_values": [""], "encoding": "utf-8"}
_MISFIT = (ValueError, TypeError, OverflowError)


def read(sheet: Datasheet, file: Path) -> pd.DataFrame:
    """The file as a DataFrame with the schema's columns, order and types.

    Raises
    ------
    SchemaError
        Naming the column and the first value that does not fit.
    """
    try:
        table = _table(sheet, file)
    except (ValueError, TypeError, EOFError, OSError) as error:
        _fail(sheet, f"{file.name} cannot be read as a table ({' '.join(str(error).split())})")
    check_columns(sheet, table)
    return pd.DataFrame({column.name: _convert(sheet, column, table) for column in sheet.schema})


def _table(sheet: Datasheet, file: Path) -> pd.DataFrame:
    """The file as its reader's format has it: comma-separated, if the datasheet names no other."""
    options = {**_READER, **sheet.reader}
    match options.pop("format", "csv"):
        case "csv":
            types = {column.name: _read_as(column) for column in sheet.schema}
            try:
                return pd.read_csv(file, dtype=types, **options)
            except _MISFIT:
                # pandas does not say which column: read it all as text and look
                return pd.read_csv(file, dtype=str, **options)
        case "svmlight":
            return svmlight.read(file, [column.name for column in sheet.schema])
        case "json":
            return json_records.read(file, [column.name for column in sheet.schema])
        case other:
            raise ValueError(f"its reader has the unknown format {other!r}")


def check(sheet: Datasheet, table: pd.DataFrame, *, rows: bool = True) -> None:
    """Raise a SchemaError naming the first thing in which the table differs from the schema."""
    check_columns(sheet, table)
    if rows and len(table) != sheet.rows:
        _fail(sheet, f"there are {len(table):,} rows instead of {sheet.rows:,}")
    for column in sheet.schema:
        _check_column(sheet, column, table[column.name])


def check_columns(sheet: Datasheet, table: pd.DataFrame) -> None:
    """Raise a SchemaError if the table's columns are not the schema's."""
    expected = [column.name for column in sheet.schema]
    found = list(table.columns)
    if missing := [name for name in expected if name not in found]:
        _fail(sheet, f"the column {missing[0]!r} is missing")
    if extra := [name for name in found if name not in expected]:
        _fail(sheet, f"there is an unknown column {extra[0]!r}")


def _read_as(column: Column) -> str:
    return {"category": "str", "datetime64": "str"}.get(column.dtype, column.dtype)


def _convert(sheet: Datasheet, column: Column, table: pd.DataFrame) -> pd.Series[Any]:
    """One column in its type; the first value that does not convert is named."""
    values = table[column.name]
    try:
        if column.dtype == "datetime64":
            return pd.to_datetime(values, format=column.format)
        if column.dtype == "category":
            _check_values(sheet, column, values.dropna())
            return values.astype(
                pd.CategoricalDtype(list(column.values) if column.values else None)
            )
        if column.dtype == "bool" and values.dtype != bool:
            return values.map({"True": True, "False": False}).astype("boolean").astype(bool)
        return values.astype(column.dtype)  # type: ignore[call-overload]
    except _MISFIT:
        row, value = _first_misfit(column, values)
        if pd.isna(value):
            _fail(sheet, f"{column.name!r} has a missing value in row {row}")
        _fail(sheet, f"{column.name!r} is {value!r} in row {row}, which is no {column.dtype}")


def _first_misfit(column: Column, values: pd.Series[Any]) -> tuple[int, Any]:
    if column.dtype == "datetime64":
        good = pd.to_datetime(values, format=column.format, errors="coerce").notna()
    elif column.dtype == "bool":
        good = values.isin(["True", "False", True, False])
    else:
        numbers = pd.to_numeric(values, errors="coerce")
        whole = column.dtype.lower() == "int64"
        good = numbers.notna()
        if whole:
            good &= (numbers.abs() < 2.0**63) & (numbers % 1 == 0)
    at = int(np.argmin(good.to_numpy()))
    return at, values.iloc[at]


def _check_column(sheet: Datasheet, column: Column, values: pd.Series[Any]) -> None:
    if not _same_type(column, values):
        _fail(sheet, f"{column.name!r} is of type {values.dtype} instead of {column.dtype}")
    missing = values.isna()
    if missing.any() and not column.nullable:
        _fail(sheet, f"{column.name!r} has {int(missing.sum()):,} missing values and may have none")
    present = values[~missing]
    for bound, word, outside in (
        (column.min, "below", lambda limit: present < limit),
        (column.max, "above", lambda limit: present > limit),
    ):
        if bound is None:
            continue
        limit = pd.Timestamp(bound) if column.dtype == "datetime64" else bound
        if (bad := outside(limit)).any():
            _fail(sheet, f"{column.name!r} is {present[bad].iloc[0]}, {word} its limit of {bound}")
    _check_values(sheet, column, present)
    if column.unique and present.duplicated().any():
        first = present[present.duplicated()].iloc[0]
        _fail(sheet, f"{column.name!r} must be unique and repeats {first!r}")


def _check_values(sheet: Datasheet, column: Column, present: pd.Series[Any]) -> None:
    if column.values is not None and not (known := present.isin(column.values)).all():
        _fail(sheet, f"{column.name!r} has the unknown value {present[~known].iloc[0]!r}")


def _same_type(column: Column, values: pd.Series[Any]) -> bool:
    if column.dtype == "datetime64":
        return pd.api.types.is_datetime64_any_dtype(values.dtype)
    return str(values.dtype) == column.dtype


def _fail(sheet: Datasheet, what: str) -> NoReturn:
    raise SchemaError(
        f"{sheet.name}: {what}: the data changed or the schema is wrong; run `mlsd data verify "
        f"{sheet.name}`, then delete the file and fetch it again, or correct {sheet.folder.name}/"
        "datasheet.toml."
    )
