"""The service of the call centre: the list, one customer, a score at once, and who was called."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import psycopg
from psycopg.rows import dict_row
from pydantic import BaseModel

from mlsd_kit.services.connections import Connections, explain_failures
from mlsd_kit.systems.churn import store
from mlsd_kit.systems.churn.model import FieldError, Scorer, check_fields

LONGEST = 200  # calls in an answer

CALLS = """
SELECT place, customer FROM call
WHERE night = %s AND version = %s AND arm = 'call' AND place > %s ORDER BY place LIMIT %s
"""
ONE = """
SELECT s.customer, risk, profit, place, arm
FROM score AS s LEFT JOIN call AS c USING (night, version, customer)
WHERE night = %s AND version = %s AND s.customer = %s
"""


class Call(BaseModel):
    """A customer to call."""

    place: int
    customer: str


class CallList(BaseModel):
    """A page of the served list."""

    night: str
    version: str
    calls: list[Call]


class Scored(BaseModel):
    """What the night says of a customer; place and arm only if on the list."""

    customer: str
    night: str
    version: str
    risk: float
    profit: float
    place: int | None
    arm: str | None


class Score(BaseModel):
    """A score made at once."""

    version: str
    risk: float
    profit: float


class Served(BaseModel):
    """Which list is served."""

    night: str
    version: str


def call_service(dsn: str) -> Callable[[], Any]:
    """The app's maker, for `mlsd_kit.services.http_service`."""
    return functools.partial(create, str(dsn))


def _rows(connection: psycopg.Connection, query: str, given: list[Any]) -> list[dict[str, Any]]:
    return connection.cursor(row_factory=dict_row).execute(query, given).fetchall()


def create(dsn: str) -> Any:
    """A FastAPI app.

    ``GET /calls?after=0&limit=50``, ``GET /customers/{customer}``, ``POST /score`` with a
    customer's raw columns, ``POST /customers/{customer}/called`` and ``GET /health``.
    """
    from fastapi import FastAPI, HTTPException

    database = Connections(dsn)
    app = FastAPI(title="Whom to call")

    @functools.lru_cache(maxsize=2)
    def model(version: str) -> Scorer:
        return database.ask(lambda connection: store.load(connection, version))

    explain_failures(app, nothing=store.StoreError)
    responses: dict[int | str, dict[str, Any]] = {
        503: {"description": "The database does not answer, or nothing is released yet."}
    }

    @app.get("/calls", responses=responses)
    def calls(after: int = 0, limit: int = 50) -> CallList:
        """The served list from a place on: whom to call, the first first."""
        if not 1 <= limit <= LONGEST or after < 0:
            raise HTTPException(422, f"limit must lie between 1 and {LONGEST}, after from 0 on.")
        night, version = database.ask(store.served)
        given = [night, version, after, limit]
        rows = database.ask(lambda connection: _rows(connection, CALLS, given))
        return CallList(night=night, version=version, calls=[Call(**row) for row in rows])

    @app.get(
        "/customers/{customer}",
        responses=responses | {404: {"description": "Nobody of that name was scored."}},
    )
    def customer(customer: str) -> Scored:
        """Risk, expected profit of a call in dollars, and the place on the list if there is one."""
        night, version = database.ask(store.served)
        given = [night, version, customer]
        rows = database.ask(lambda connection: _rows(connection, ONE, given))
        if not rows:
            raise HTTPException(404, f"no score for {customer!r} in night {night}.")
        return Scored(night=night, version=version, **rows[0])

    refused: dict[int | str, dict[str, Any]] = {
        422: {"description": "A field is missing, unknown, or of another type: named."}
    }

    @app.post("/score", responses=responses | refused)
    def score(row: dict[str, str | float]) -> Score:
        """The risk of one customer as he is now, from raw columns."""
        _, version = database.ask(store.served)
        scorer = model(version)
        try:
            check_fields(list(row), scorer)
            # objects: beside pyarrow, pandas' type for text takes no half of a pair of surrogates
            risk, profit = scorer.score(pd.DataFrame([row], dtype=object))
        except FieldError as error:
            raise HTTPException(422, str(error)) from None
        return Score(version=version, risk=risk[0], profit=profit[0])

    @app.post("/customers/{customer}/called", responses=responses, status_code=204)
    def called(customer: str, day: date) -> None:
        """Note that a customer was called; he then rests, and his label is not trained on."""
        database.ask(lambda to: store.mark_called(to, customer, day.isoformat()))

    @app.get("/health", responses=responses)
    def health() -> Served:
        """What is served; 503 while the database is away."""
        night, version = database.ask(store.served)
        return Served(night=night, version=version)

    return app
