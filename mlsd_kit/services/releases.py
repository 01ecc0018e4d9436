"""A ledger in PostgreSQL of which night's results are served: the last row of the table `release`.

The table is the system's own: it has at least the columns number (counting up), night (date) and
version (text), and rows are only ever added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql

__all__ = ["ModelError", "StoreError", "add_release", "copy_rows", "served", "served_before"]

SERVED = "SELECT night, version FROM release ORDER BY number DESC LIMIT 1"
"""What is served, as a query."""


class StoreError(LookupError):
    """What was asked for is not in the store."""


class ModelError(ValueError):
    """A model that cannot be used: it is not what was registered, or no model."""


def served(connection: psycopg.Connection) -> tuple[str, str]:
    """The night and the version that are served.

    Raises
    ------
    StoreError
        If nothing was released yet.
    """
    row = connection.execute(SERVED).fetchone()
    if row is None:
        raise StoreError("nothing is released yet.")
    return row[0].isoformat(), row[1]


def served_before(connection: psycopg.Connection) -> tuple[str, str]:
    """The last night and version that were served before the version of now.

    Raises
    ------
    StoreError
        If there was no other version, or nothing was released yet.
    """
    _, version = served(connection)
    row = connection.execute(
        "SELECT night, version FROM release WHERE version <> %s ORDER BY number DESC LIMIT 1",
        [version],
    ).fetchone()
    if row is None:
        raise StoreError(f"nothing but {version!r} was ever released.")
    return row[0].isoformat(), row[1]


def add_release(connection: psycopg.Connection, night: str, version: str) -> None:
    """Serve this night and version from now on; whether they exist is for the caller to check."""
    connection.execute("INSERT INTO release (night, version) VALUES (%s, %s)", [night, version])


def copy_rows(
    connection: psycopg.Connection, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Append rows to a table with COPY, many times as fast as single inserts."""
    order = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor() as cursor, cursor.copy(order) as copy:
        for row in rows:
            copy.write_row(row)
