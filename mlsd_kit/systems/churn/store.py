"""Tables in PostgreSQL: customers of a night, models, scores, calls, and which list is served."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from mlsd_kit.services.releases import (
    SERVED,
    StoreError,
    add_release,
    copy_rows,
    served,
    served_before,
)
from mlsd_kit.systems.churn.model import Plan, Scorer, fingerprint, numeric

RETENTION_DAYS = 35
"""Nights whose scores are kept: a month for comparison, and a release can go back to them."""
LABEL_DAYS = 30
"""Days after a night within which leaving counts."""

TABLES = {
    "model": """
        version text PRIMARY KEY,
        graph bytea NOT NULL,       -- encoder and weights, one ONNX graph
        sha256 text NOT NULL,
        plan jsonb NOT NULL         -- base rates, prices, budget
    """,
    "score": """
        night date NOT NULL,
        version text NOT NULL REFERENCES model,
        customer text NOT NULL,
        risk real NOT NULL,
        profit real NOT NULL,       -- expected dollars of a call
        PRIMARY KEY (night, version, customer)
    """,
    "call": """
        night date NOT NULL,
        version text NOT NULL,
        place integer NOT NULL,     -- 1 is called first
        customer text NOT NULL,
        arm text NOT NULL CHECK (arm IN ('call', 'hold')),
        PRIMARY KEY (night, version, place)
    """,
    "release": """                  -- append only: the last row is what is served
        number bigserial PRIMARY KEY,
        night date NOT NULL,
        version text NOT NULL REFERENCES model
    """,
    "treated": """
        customer text NOT NULL,
        called date NOT NULL,
        PRIMARY KEY (customer, called)
    """,
}
"""Columns and keys, by table."""


def ddl(name: str) -> str:
    """The statement that makes one of the tables.

    Examples
    --------
    >>> ddl("treated").split("(")[0]
    'CREATE TABLE IF NOT EXISTS treated '
    """
    return f"CREATE TABLE IF NOT EXISTS {name} ({TABLES[name]})"


def create(dsn: str, table: pd.DataFrame) -> None:
    """Make the tables; those of the customers get the columns of ``table``."""
    columns = [
        sql.SQL("{} {} NOT NULL").format(
            sql.Identifier(str(name)), sql.SQL("real" if numeric(table[name]) else "text")
        )
        for name in table
    ]
    snapshot = sql.SQL(
        "CREATE TABLE IF NOT EXISTS snapshot "
        "(night date, customer text, {}, PRIMARY KEY (night, customer))"
    ).format(sql.SQL(", ").join(columns))
    with psycopg.connect(dsn) as connection:
        for name in TABLES:
            connection.execute(ddl(name))
        connection.execute(snapshot)


def write_snapshot(dsn: str, night: str, customers: Sequence[str], table: pd.DataFrame) -> None:
    """The night's customers, whole or not at all; written again, they replace themselves."""
    with psycopg.connect(dsn) as connection:
        connection.execute("DELETE FROM snapshot WHERE night = %s", [night])
        names = ["night", "customer", *map(str, table.columns)]
        rows = zip(customers, *(table[name].tolist() for name in table), strict=True)
        copy_rows(connection, "snapshot", names, ((night, *row) for row in rows))


def register(dsn: str, version: str, graph: bytes, plan: Plan) -> None:
    """Put a model into the store. A version is written once: another content needs another name.

    Raises
    ------
    ValueError
        If the version is there with another content.
    """
    Scorer(graph, plan)  # refused here rather than at night
    row = [version, graph, fingerprint(graph), Jsonb(plan.as_dict())]
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO model (version, graph, sha256, plan) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            row,
        )
        same = connection.execute(
            "SELECT count(*) FROM model WHERE version = %s AND sha256 = %s AND plan = %s",
            [version, row[2], row[3]],
        ).fetchone()
    if same != (1,):
        raise ValueError(f"model {version!r} is registered with another content: name it anew.")


def load(connection: psycopg.Connection, version: str) -> Scorer:
    """A registered model, after a check of its bytes.

    Raises
    ------
    StoreError
        If there is no such version.
    ModelError
        If its bytes have changed.
    """
    row = connection.execute(
        "SELECT graph, plan, sha256 FROM model WHERE version = %s", [version]
    ).fetchone()
    if row is None:
        raise StoreError(f"no model {version!r} is registered.")
    graph, plan, sha256 = row
    return Scorer(bytes(graph), Plan.of(plan), sha256)


def release(connection: psycopg.Connection, night: str, version: str) -> None:
    """Serve this list from now on.

    Raises
    ------
    StoreError
        If that night was not scored by that version.
    """
    scored = connection.execute(
        "SELECT 1 FROM score WHERE night = %s AND version = %s LIMIT 1", [night, version]
    ).fetchone()
    if scored is None:
        raise StoreError(f"night {night} was not scored by {version!r}.")
    add_release(connection, night, version)


def roll_back(dsn: str) -> tuple[str, str]:
    """Serve again what was served before the version of now; returns the night and the version.

    Nothing is computed: the scores of the old version are still there.

    Raises
    ------
    StoreError
        If there was no other version.
    """
    with psycopg.connect(dsn) as connection:
        release(connection, *served_before(connection))
        return served(connection)


def call_list(dsn: str, arm: str | None = None) -> pd.DataFrame:
    """The served list, the first call first: place, customer, arm, risk, profit [dollars]."""
    query = f"""
        SELECT place, customer, arm, risk, profit FROM call
        JOIN score USING (night, version, customer)
        WHERE (night, version) = ({SERVED}) AND arm = coalesce(%s, arm) ORDER BY place
    """
    with psycopg.connect(dsn) as connection:
        cursor = connection.execute(query, [arm])
        return pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description or ()])


def mark_called(connection: psycopg.Connection, customer: str, day: str) -> None:
    """Note that a customer was called; said twice, it is noted once."""
    connection.execute(
        "INSERT INTO treated (customer, called) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [customer, day],
    )


def untreated(dsn: str, night: str, days: int) -> list[str]:
    """Customers of a night whose label is free of our calls: for training.

    Left out is who was called in the days before the night, or while the label was open. Those who
    were on the list and left alone on purpose stay in: they show what happens without us.
    """
    query = """
        SELECT customer FROM snapshot AS s WHERE night = %s AND NOT EXISTS (
            SELECT FROM treated AS t WHERE t.customer = s.customer
            AND called > s.night - %s AND called <= s.night + %s
        ) ORDER BY customer
    """
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute(query, [night, days, LABEL_DAYS])]
