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


def in_roles(frame: pd.DataFrame, **roles: str) -> pd.DataFrame:
    """The columns that a query needs, under the names that the query has for them.

    SQL's names ignore case, and a caller's ``ID`` beside ``id``, or a column that is called like an
    output, would be taken for another: the caller's own names never enter a query.
    """
    return frame[list(roles.values())].set_axis(list(roles), axis=1)


def numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """With the position of each row, so that the query can give the rows back in order."""
    return frame.assign(row=range(len(frame)))


def beside(frame: pd.DataFrame, added: pd.DataFrame, argument: str) -> pd.DataFrame:
    """The caller's own columns (types and index untouched) beside the computed ones."""
    refuse_outputs(argument, list(frame.columns), list(added.columns))
    return pd.concat([frame, added.set_axis(frame.index, axis=0)], axis=1)


def refuse_outputs(argument: str, columns: list[str], outputs: list[str]) -> None:
    """Raise if a column of the caller's has the name of a computed one."""
    if taken := [name for name in columns if name in outputs]:
        raise ValueError(
            f"{argument} holds {taken}, and so does the result ({', '.join(outputs)}): rename it."
        )


def check(frame: pd.DataFrame, argument: str, columns: list[str], *, times: list[str]) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise ValueError(f"{argument} must be a DataFrame, got {type(frame).__name__}.")
    if lost := [name for name in columns if name not in frame.columns]:
        raise ValueError(f"{argument} has no column {lost}, only {list(frame.columns)}.")
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise ValueError(f"{argument} has more than one column named {twice!r}: rename one.")
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
