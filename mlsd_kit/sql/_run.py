"""Run a query over DataFrames; check and quote what goes into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pandas as pd


def run(
    query: str, tables: Mapping[str, pd.DataFrame], values: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """The result of a query over frames, in a database of its own that exists only for it."""
    with duckdb.connect(":memory:") as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(query, dict(values or {})).df()


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quoted(**names: str) -> dict[str, str]:
    return {role: quote(name) for role, name in names.items()}


def numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """With the position of each row, so that the query can give the rows back in order."""
    return frame.assign(__row__=range(len(frame)))


def joined(frame: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    """The caller's own columns (types and index untouched) beside the computed ones."""
    added = added.drop(columns="__row__").set_axis(frame.index, axis=0)
    return pd.concat([frame, added], axis=1)


def check(frame: pd.DataFrame, argument: str, columns: list[str], *, times: list[str]) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise ValueError(f"{argument} must be a DataFrame, got {type(frame).__name__}.")
    if lost := [name for name in columns if name not in frame.columns]:
        raise ValueError(f"{argument} has no column {lost}, only {list(frame.columns)}.")
    for name in times:
        if not pd.api.types.is_datetime64_any_dtype(frame[name]):
            raise ValueError(
                f"{argument}[{name!r}] must hold datetimes, not {frame[name].dtype}: convert it,"
                " for example with mlsd_kit.cleaning.parse_dates."
            )
        if getattr(frame[name].dtype, "tz", None) is not None:
            raise ValueError(
                f"{argument}[{name!r}] has a time zone, and a month begins elsewhere in another:"
                " convert it to one zone and drop that (dt.tz_convert, dt.tz_localize(None))."
            )
        if frame[name].isna().any():
            raise ValueError(f"{argument}[{name!r}] has missing times: drop or fill those rows.")
