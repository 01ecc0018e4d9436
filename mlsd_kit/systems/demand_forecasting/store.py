"""Tables in PostgreSQL: days as they came, days let in, the plan, models, orders, releases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd
import psycopg

from mlsd_kit.services.releases import (
    SERVED,
    StoreError,
    add_release,
    copy_rows,
    served,
    served_before,
)
from mlsd_kit.systems.demand_forecasting.features import YEAR, Chain
from mlsd_kit.systems.demand_forecasting.model import Forecaster, fingerprint

ARRIVALS_DAYS = 35
"""How long a day is kept as it came: a refused one can be mended within it."""
ORDERS_DAYS = 35
"""Nights whose orders are kept, of all versions: a release can go back to them."""
READ_DAYS = 2 * YEAR
"""Days of sales that the job reads: what the features need, and a year of holidays before."""

TABLES = {
    "arrival": """
        day date NOT NULL,
        shop integer NOT NULL,
        product integer NOT NULL,
        demand double precision NOT NULL,  -- as it came: it may be wrong, a series may come twice
        number bigserial PRIMARY KEY
    """,
    "sales": """
        day date NOT NULL,
        shop integer NOT NULL,
        product integer NOT NULL,
        demand double precision NOT NULL,
        filled boolean NOT NULL,           -- no good day came: the week before stands in for it
        PRIMARY KEY (day, shop, product)
    """,
    "refused": """
        day date PRIMARY KEY,
        reasons text NOT NULL              -- for a person, who mends the day and sends it again
    """,
    "calendar": """
        day date PRIMARY KEY,
        holiday boolean NOT NULL,
        school boolean NOT NULL
    """,
    "promotion": """
        day date NOT NULL,
        shop integer NOT NULL,
        product integer NOT NULL,
        PRIMARY KEY (day, shop, product)
    """,
    "model": """
        version text PRIMARY KEY,
        trees text NOT NULL,
        factor double precision NOT NULL,  -- pieces ordered per piece expected
        sha256 text NOT NULL
    """,
    "orders": """
        night date NOT NULL,
        version text NOT NULL REFERENCES model,
        shop integer NOT NULL,
        product integer NOT NULL,
        day date NOT NULL,
        forecast real NOT NULL,
        pieces integer NOT NULL,
        PRIMARY KEY (night, version, shop, product, day)
    """,
    "release": """                         -- append only: the last row is what is served
        number bigserial PRIMARY KEY,
        night date NOT NULL,
        version text NOT NULL REFERENCES model
    """,
}
"""Columns and keys, by table."""


def ddl(name: str) -> str:
    """The statement that makes one of the tables.

    >>> ddl("calendar").split("(")[0]
    'CREATE TABLE IF NOT EXISTS calendar '
    """
    return f"CREATE TABLE IF NOT EXISTS {name} ({TABLES[name]})"


def create(dsn: str) -> None:
    """Make the tables."""
    with psycopg.connect(dsn) as connection:
        for name in TABLES:
            connection.execute(ddl(name))


def write_plan(dsn: str, calendar: pd.DataFrame, promotion: pd.DataFrame) -> None:
    """Replace the plan.

    Parameters
    ----------
    dsn : str
    calendar : DataFrame with the columns day, holiday, school
    promotion : DataFrame with the columns day, shop, product
        A row where a promotion is planned.
    """
    with psycopg.connect(dsn) as connection:
        for name, table in (("calendar", calendar), ("promotion", promotion)):
            connection.execute(f"DELETE FROM {name}")
            copy_rows(connection, name, [*map(str, table)], table.itertuples(index=False))


def write_sales(connection: psycopg.Connection, table: pd.DataFrame, filled: bool) -> None:
    """Add days to the sales; columns day, shop, product, demand."""
    columns = ["day", "shop", "product", "demand"]
    rows = ((*row, filled) for row in table[columns].itertuples(index=False))
    copy_rows(connection, "sales", [*columns, "filled"], rows)


def receive(
    connection: psycopg.Connection, day: str, rows: Iterable[tuple[int, int, float]]
) -> None:
    """A day as the shops sent it: shop, product, demand. Sent again, it replaces itself."""
    connection.execute("DELETE FROM arrival WHERE day = %s", [day])
    columns = ["day", "shop", "product", "demand"]
    copy_rows(connection, "arrival", columns, ((day, *row) for row in rows))


def read_chain(connection: psycopg.Connection, end: date) -> tuple[Chain, pd.MultiIndex]:
    """Sales before a day, and the plan from the first of them on; names are (shop, product).

    Raises
    ------
    StoreError
        If there are no sales.
    """
    query = """
        SELECT day, shop, product, demand FROM sales WHERE day < %s AND day >= %s::date - %s
        ORDER BY shop, product, day
    """
    rows = connection.execute(query, [end, end, READ_DAYS]).fetchall()
    if not rows:
        raise StoreError(f"there are no sales before {end}.")
    table = pd.DataFrame(rows, columns=["day", "shop", "product", "demand"])
    first, names = (
        table["day"].min(),
        pd.MultiIndex.from_frame(table[["shop", "product"]].drop_duplicates()),
    )
    demand = table["demand"].to_numpy().reshape(len(names), -1)
    calendar = connection.execute(
        "SELECT holiday, school FROM calendar WHERE day >= %s ORDER BY day", [first]
    ).fetchall()
    holiday, school = np.array(calendar, float).T
    promotion = np.zeros((len(names), len(calendar)))
    planned = connection.execute(
        "SELECT shop, product, day - %s FROM promotion WHERE day >= %s", [first, first]
    ).fetchall()
    if planned:
        shop, product, on = map(list, zip(*planned, strict=True))
        promotion[names.get_indexer(pd.MultiIndex.from_arrays([shop, product])), on] = 1
    shops = names.get_level_values(0).to_numpy(np.int64)
    return Chain(np.datetime64(first), shops, demand, promotion, holiday, school), names


def register(dsn: str, version: str, trees: str, factor: float) -> None:
    """Put a model into the store. A version is written once: another content needs another name.

    Raises
    ------
    ModelError
        If it is no model.
    ValueError
        If the version is there with another content.
    """
    Forecaster(trees, factor)  # refused here rather than at night
    sha256 = fingerprint(trees, factor)
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO model VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [version, trees, factor, sha256],
        )
        same = connection.execute("SELECT sha256 FROM model WHERE version = %s", [version])
        if same.fetchone() != (sha256,):
            raise ValueError(f"model {version!r} is registered with another content: name it anew.")


def load(connection: psycopg.Connection, version: str) -> Forecaster:
    """A registered model, after a check of its text.

    Raises
    ------
    StoreError
        If there is no such version.
    ModelError
        If its text has changed.
    """
    row = connection.execute(
        "SELECT trees, factor, sha256 FROM model WHERE version = %s", [version]
    ).fetchone()
    if row is None:
        raise StoreError(f"no model {version!r} is registered.")
    return Forecaster(*row)


def release(connection: psycopg.Connection, night: str, version: str) -> None:
    """Serve these orders from now on.

    Raises
    ------
    StoreError
        If that version made no orders that night.
    """
    there = connection.execute(
        "SELECT 1 FROM orders WHERE night = %s AND version = %s LIMIT 1", [night, version]
    ).fetchone()
    if there is None:
        raise StoreError(f"{version!r} made no orders in the night {night}.")
    add_release(connection, night, version)


def roll_back(dsn: str) -> tuple[str, str]:
    """Serve the version of before again; returns the night and the version.

    Its last night is served, released or not: after a swap the old version runs on as a shadow,
    so that the way back does not lead to the orders of days that have passed. Nothing is computed.

    Raises
    ------
    StoreError
        If there was no other version, or none of its orders are kept any more.
    """
    with psycopg.connect(dsn) as connection:
        _, version = served_before(connection)
        last = "SELECT max(night) FROM orders WHERE version = %s HAVING count(*) > 0"
        night = connection.execute(last, [version]).fetchone()
        if night is None:
            raise StoreError(f"the orders of {version!r} are not kept any more.")
        release(connection, night[0].isoformat(), version)
        return served(connection)


def orders(dsn: str) -> pd.DataFrame:
    """The served orders: shop, product, day, forecast and pieces, in this order of rows."""
    query = f"""
        SELECT shop, product, day, forecast, pieces FROM orders
        WHERE (night, version) = ({SERVED}) ORDER BY shop, product, day
    """
    with psycopg.connect(dsn) as connection:
        cursor = connection.execute(query)
        return pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description or ()])
