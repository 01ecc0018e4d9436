"""The nightly job: read the customers, score them, write scores and calls, release the list."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import psycopg
from numpy.typing import NDArray

from mlsd_kit.systems.churn.model import Plan
from mlsd_kit.systems.churn.store import RETENTION_DAYS, copy_rows, load, release

CHUNK = 5000  # customers read and scored at once: the memory of the job does not grow with them
LOCK = 20_107  # of an advisory lock: two jobs at once wait for each other

CALLS = """
INSERT INTO call (night, version, place, customer, arm)
SELECT night, version, row_number() OVER (ORDER BY profit DESC, customer), customer,
       CASE WHEN ('x' || left(md5('offer' || customer), 7))::bit(28)::int %% 1000 < %(hold)s
            THEN 'hold' ELSE 'call' END
FROM score AS s
WHERE night = %(night)s AND version = %(version)s AND profit > 0 AND NOT EXISTS (
    SELECT FROM treated AS t WHERE t.customer = s.customer AND t.called > s.night - %(rest)s
)
ORDER BY profit DESC, customer
LIMIT %(most)s
"""


def nightly(
    connection: psycopg.Connection,
    night: str,
    version: str,
    *,
    chunk: int = CHUNK,
    after_chunk: Callable[[int], None] | None = None,
) -> int:
    """Score a night's customers with a version and release the list; returns how many.

    All happens in the caller's transaction: readers see the list of before until it is committed,
    and a job that dies leaves nothing. Run again, it replaces what it wrote.

    Parameters
    ----------
    connection : psycopg.Connection
    night : str
        A date, as in ``"2026-03-01"``.
    version : str
        A registered model.
    chunk : int
        Customers read, scored and written at once.
    after_chunk : callable (int) -> None, default=None
        Told how many are written so far.

    Raises
    ------
    StoreError
        If the version is not registered, or the night has no customers.
    ModelError
        If the model's bytes are not those that were registered.
    """
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    scorer = load(connection, version)
    for table in ("call", "score"):
        connection.execute(
            f"DELETE FROM {table} WHERE night = %s AND version = %s", [night, version]
        )
        connection.execute(
            f"DELETE FROM {table} WHERE night < %s::date - %s", [night, RETENTION_DAYS]
        )
    last, rows = "", 0
    while len(customers := read(connection, night, last, chunk)):
        write_scores(connection, night, version, customers["customer"], *scorer.score(customers))
        last, rows = customers["customer"].iloc[-1], rows + len(customers)
        if after_chunk is not None:
            after_chunk(rows)
    write_calls(connection, night, version, scorer.plan, rows)
    release(connection, night, version)
    return rows


def read(
    connection: psycopg.Connection, night: str, after: str = "", most: int = CHUNK
) -> pd.DataFrame:
    """Customers of a night in order, from behind a name on; none at the end."""
    cursor = connection.execute(
        "SELECT * FROM snapshot WHERE night = %s AND customer > %s ORDER BY customer LIMIT %s",
        [night, after, most],
    )
    return pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description or ()])


def write_scores(
    connection: psycopg.Connection,
    night: str,
    version: str,
    customers: pd.Series,
    risk: NDArray[np.float64],
    profit: NDArray[np.float64],
) -> None:
    """Append the scores of some customers; the three are of shape (n,), profit in dollars."""
    columns = ["night", "version", "customer", "risk", "profit"]
    scored = zip(customers, risk.tolist(), profit.tolist(), strict=True)
    copy_rows(connection, "score", columns, ((night, version, *row) for row in scored))


def write_calls(
    connection: psycopg.Connection, night: str, version: str, plan: Plan, rows: int
) -> None:
    """Make the list from the scores: whoever pays and is not resting, within the budget."""
    given = {"night": night, "version": version, "rest": plan.rest_days}
    given |= {"hold": round(1000 * plan.hold_out), "most": int(plan.budget * rows)}
    connection.execute(CALLS, given)
