"""Tables into PostgreSQL: a whole batch or nothing of it, and once however often it is run."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

import pandas as pd
import psycopg
from psycopg import sql

TYPES = {"i": "bigint", "f": "double precision", "b": "boolean", "M": "timestamp"}
MISSING = r"\N"  # so that an empty text stays one
CHUNK = 20_000  # rows sent at once

Tables = Mapping[str, pd.DataFrame] | Iterable[tuple[str, pd.DataFrame]]


def write(dsn: str, schema: str, tables: Tables, batch: str) -> dict[str, int]:
    """Write a batch of tables in one transaction.

    What an earlier run of the same batch wrote is replaced, so that a run that failed, or one of
    which nobody knows whether it failed, is simply started again. Readers see the old state until
    the commit, and runs at the same time wait for each other.

    Parameters
    ----------
    dsn : str
        The server.
    schema : str
        Where the tables lie; made if need be.
    tables : mapping of str to DataFrame, or iterable of such pairs
        By name. Every table gets a column ``batch``.
    batch : str
        Names the batch, such as its day.

    Returns
    -------
    dict of str to int
        Rows written, by table.

    Raises
    ------
    psycopg.Error
        If the server fails; then nothing of the batch is there.
    """
    rows = {}
    with psycopg.connect(dsn) as connection:  # commits at the end, or nothing
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [schema])
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
        for name, table in tables.items() if isinstance(tables, Mapping) else tables:
            place = sql.Identifier(schema, name)
            connection.execute(_create(place, table))
            connection.execute(sql.SQL("DELETE FROM {} WHERE batch = %s").format(place), [batch])
            _copy(connection, place, table.assign(batch=batch))
            rows[name] = len(table)
    return rows


def read(dsn: str, query: str, *parameters: object) -> pd.DataFrame:
    """The rows of a query as a DataFrame.

    Parameters
    ----------
    dsn : str
    query : str
        With %s for each parameter.
    *parameters
    """
    with psycopg.connect(dsn) as connection:
        found = connection.execute(query, parameters)
        names = [column.name for column in found.description or ()]
        return pd.DataFrame(found.fetchall(), columns=names)


def tables_of(dsn: str, schema: str) -> dict[str, pd.DataFrame]:
    """All tables of a schema, by name."""
    names = read(
        dsn, "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", schema
    )["tablename"]
    return {
        name: read(dsn, f'SELECT * FROM "{schema}"."{name}"')
        for name in names  # from the server's catalogue, not from outside
    }


def _create(place: sql.Identifier, table: pd.DataFrame) -> sql.Composed:
    columns = [(str(name), TYPES.get(table[name].dtype.kind, "text")) for name in table.columns]
    body = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in [*columns, ("batch", "text")]
    ]
    return sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})").format(place, sql.SQL(", ").join(body))


def _copy(connection: psycopg.Connection, place: sql.Identifier, table: pd.DataFrame) -> None:
    names = sql.SQL(", ").join(sql.Identifier(str(name)) for name in table.columns)
    order = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, NULL '{}')").format(
        place, names, sql.SQL(MISSING)
    )
    with connection.cursor() as cursor, cursor.copy(order) as copy:
        for start in range(0, len(table), CHUNK):
            text = io.StringIO()
            table.iloc[start : start + CHUNK].to_csv(
                text, header=False, index=False, na_rep=MISSING
            )
            copy.write(text.getvalue())
