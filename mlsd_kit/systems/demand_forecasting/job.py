"""The nightly job: admit the days that came, forecast from the last good one, write the orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

import pandas as pd
import psycopg

from mlsd_kit.data.gates import DayGate, RefusedError
from mlsd_kit.systems.demand_forecasting.features import GAP, HORIZON, WEEK, days_ahead
from mlsd_kit.systems.demand_forecasting.store import (
    ARRIVALS_DAYS,
    ORDERS_DAYS,
    copy_rows,
    load,
    read_chain,
    release,
    write_sales,
)

LOCK = 20_215  # of an advisory lock: two jobs at once wait for each other
PATIENCE = "10min"  # how long a job waits for another one: the orders are due in the morning
GATE_DAYS = 400  # of history behind the gate: a year, so that each holiday has been seen
DAY = timedelta(days=1)

GATE = DayGate(keys=["shop", "product"], date="day", value="demand", kind=["weekday", "holiday"])
"""What a day must satisfy."""

SALES = """
SELECT day, shop, product, demand FROM sales WHERE day < %s AND day >= %s::date - %s
ORDER BY day, shop, product
"""
UNSOUND = """
SELECT coalesce(min(day) FILTER (WHERE filled), max(day) + 1) FROM sales WHERE day >= %s::date - %s
"""


class Night(NamedTuple):
    """What a run of the job did."""

    orders: int
    """Rows written."""
    known: date
    """The last good day, which the forecast starts from."""
    refused: dict[str, str]
    """Days that are not let in, with the reasons."""


def nightly(
    connection: psycopg.Connection,
    night: str,
    version: str,
    *,
    serve: bool = True,
    patience: str = PATIENCE,
    halfway: Callable[[], None] | None = None,
) -> Night:
    """Forecast and order the seven days after the night.

    All happens in the caller's transaction: readers see the orders of before until it is
    committed, and a job that dies leaves nothing. Run again, it replaces what it wrote.

    Parameters
    ----------
    connection : psycopg.Connection
    night : str
        A date, as in ``"2026-03-01"``. Its own sales come tomorrow.
    version : str
        A registered model.
    serve : bool, default=True
        Release the orders. False keeps them beside the served ones, as a shadow.
    patience : str, default="10min"
        How long to wait for the lock of another job, and for any other: PostgreSQL's
        ``lock_timeout``.
    halfway : callable, default=None
        Called when the orders of before are removed, and the new ones not yet written.

    Raises
    ------
    StoreError
        If the version is not registered, or there are no sales.
    ModelError
        If the model's text is not what was registered.
    psycopg.errors.LockNotAvailable
        If another job holds the lock for longer than that.
    """
    connection.execute("SELECT set_config('lock_timeout', %s, true)", [patience])
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    tonight, model = date.fromisoformat(night), load(connection, version)
    refused = admit(connection, tonight)
    chain, names = read_chain(connection, tonight)
    now = chain.demand.shape[1]
    first = chain.first.astype(date)
    known = first + (now - 1) * DAY
    gap = GAP + (tonight - DAY - known).days  # longer after days that are not there
    made = model.forecast(chain, now, gap)
    pieces = model.order(made)
    forget(connection, tonight, version)
    if halfway is not None:
        halfway()
    rows = [
        (night, version, *name, first + int(ahead) * DAY, made[i, j], int(pieces[i, j]))
        for i, name in enumerate(names)
        for j, ahead in enumerate(days_ahead(now, gap))
    ]
    columns = ["night", "version", "shop", "product", "day", "forecast", "pieces"]
    copy_rows(connection, "orders", columns, rows)
    if serve:
        release(connection, night, version)
    return Night(len(names) * HORIZON, known, refused)


def admit(connection: psycopg.Connection, tonight: date) -> dict[str, str]:
    """Let in the days before tonight, in order; returns the refused ones with their reasons.

    It starts at the first day that is missing or filled, so a day that was mended and sent again
    replaces what stood in for it. A day that is refused is filled from the week before only once a
    later one is let in: until then the forecast starts from the day before it.
    """
    start = connection.execute(UNSOUND, [tonight, ARRIVALS_DAYS]).fetchone()
    assert start is not None
    if start[0] is None:
        raise ValueError(f"no sales within {ARRIVALS_DAYS} days before {tonight}: load them first.")
    day: date = start[0]
    refused: dict[str, str] = {}
    waiting: list[pd.DataFrame] = []
    connection.execute("DELETE FROM sales WHERE day >= %s", [day])
    connection.execute("DELETE FROM refused WHERE day >= %s", [day])
    history = kind(connection, read_days(connection, day))
    while day < tonight:
        came = kind(connection, arrived(connection, day))
        behind = pd.concat([history, *waiting]) if waiting else history
        try:
            GATE.check(came, behind)
        except RefusedError as error:
            refused[day.isoformat()] = reasons = "; ".join(error.reasons)
            connection.execute("INSERT INTO refused VALUES (%s, %s)", [day, reasons])
            waiting.append(kind(connection, week_before(behind, day)))
        else:
            for rows in waiting:
                write_sales(connection, rows, filled=True)
            write_sales(connection, came, filled=False)
            history, waiting = pd.concat([behind, came]), []
        day += DAY
    return refused


def read_days(connection: psycopg.Connection, end: date) -> pd.DataFrame:
    """The sales behind the gate: columns day, shop, product, demand."""
    return _table(connection.execute(SALES, [end, end, GATE_DAYS]).fetchall())


def arrived(connection: psycopg.Connection, day: date) -> pd.DataFrame:
    """A day as it came; no rows if it did not."""
    query = "SELECT day, shop, product, demand FROM arrival WHERE day = %s ORDER BY shop, product"
    return _table(connection.execute(query, [day]).fetchall())


def week_before(history: pd.DataFrame, day: date) -> pd.DataFrame:
    """What stands in for a day without good data: the same weekday of the week before."""
    rows = history[history["day"] == pd.Timestamp(day) - pd.Timedelta(days=WEEK)]
    return rows.assign(day=pd.Timestamp(day))[["day", "shop", "product", "demand"]]


def kind(connection: psycopg.Connection, table: pd.DataFrame) -> pd.DataFrame:
    """The table with the weekday and whether it is a holiday: what the gate compares within."""
    on = {row[0] for row in connection.execute("SELECT day FROM calendar WHERE holiday")}
    holiday = table["day"].isin([pd.Timestamp(day) for day in on]).astype(bool)
    return table.assign(weekday=table["day"].dt.day_of_week.astype("int64"), holiday=holiday)


def forget(connection: psycopg.Connection, tonight: date, version: str) -> None:
    """Remove what this run replaces, and what is older than it need be."""
    mine = "DELETE FROM orders WHERE night = %s AND version = %s"
    connection.execute(mine, [tonight, version])
    connection.execute("DELETE FROM orders WHERE night < %s::date - %s", [tonight, ORDERS_DAYS])
    connection.execute("DELETE FROM arrival WHERE day < %s::date - %s", [tonight, ARRIVALS_DAYS])


def _table(rows: list[tuple[date, int, int, float]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["day", "shop", "product", "demand"])
    types = {"day": "datetime64[ns]", "shop": "int64", "product": "int64", "demand": "float64"}
    return table.astype(types)
