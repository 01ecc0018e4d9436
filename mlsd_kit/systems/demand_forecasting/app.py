"""The service of the shops: it takes the sales of a day, and gives the orders of the week."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
from pydantic import BaseModel, Field, FiniteFloat

from mlsd_kit.services.connections import Connections, explain_failures
from mlsd_kit.systems.demand_forecasting import store

ORDERS = """
SELECT product, day, forecast, pieces FROM orders
WHERE night = %s AND version = %s AND shop = %s ORDER BY product, day
"""

REFUSED = "SELECT day, reasons FROM refused ORDER BY day"


class Sold(BaseModel):
    """What a shop sold of a product."""

    shop: int
    product: int
    demand: FiniteFloat  # JSON as Python reads it knows NaN


class Order(BaseModel):
    """What a shop is to bake of a product on a day."""

    product: int
    day: date
    forecast: float = Field(description="pieces expected")
    pieces: int = Field(description="pieces to bake")


class Week(BaseModel):
    """The served orders of a shop."""

    night: str
    version: str
    orders: list[Order]


class Refused(BaseModel):
    """A day that the gate did not let in."""

    day: date
    reasons: str


class Served(BaseModel):
    """Which orders are served, and which days wait for a mended file."""

    night: str
    version: str
    refused: list[Refused]


def order_service(dsn: str) -> Callable[[], Any]:
    """The app's maker, for `mlsd_kit.services.http_service`."""
    return functools.partial(create, str(dsn))


def create(dsn: str) -> Any:
    """A FastAPI app: ``PUT /sales/{day}``, ``GET /orders/{shop}`` and ``GET /health``."""
    from fastapi import FastAPI, HTTPException

    database = Connections(dsn)
    app = FastAPI(title="What to bake")

    explain_failures(app, nothing=store.StoreError)
    responses: dict[int | str, dict[str, Any]] = {
        503: {"description": "The database does not answer, or nothing is released yet."}
    }

    too_long: dict[int | str, dict[str, Any]] = {
        413: {"description": "The body is longer than the service takes, by default 1 MiB."}
    }

    @app.put("/sales/{day}", responses=responses | too_long, status_code=202)
    def sales(day: date, rows: list[Sold]) -> None:
        """Take a day's sales of all shops; sent again, they replace themselves."""
        told = [(row.shop, row.product, row.demand) for row in rows]

        def replace(connection: psycopg.Connection) -> None:
            with connection.transaction():
                store.receive(connection, day.isoformat(), told)

        database.ask(replace)

    unknown: dict[int | str, dict[str, Any]] = {404: {"description": "No orders for that shop."}}

    @app.get("/orders/{shop}", responses=responses | unknown)
    def orders(shop: int) -> Week:
        """What a shop is to bake in the week after the last night."""
        night, version = database.ask(store.served)
        given = [night, version, shop]
        rows = database.ask(lambda connection: connection.execute(ORDERS, given).fetchall())
        if not rows:
            raise HTTPException(404, f"no orders for shop {shop} in the night {night}.")
        found = [Order(product=p, day=d, forecast=f, pieces=n) for p, d, f, n in rows]
        return Week(night=night, version=version, orders=found)

    @app.get("/health", responses=responses)
    def health() -> Served:
        """What is served, and which days were refused; 503 while the database is away."""
        night, version = database.ask(store.served)
        rows = database.ask(lambda connection: connection.execute(REFUSED).fetchall())
        days = [Refused(day=day, reasons=reasons) for day, reasons in rows]
        return Served(night=night, version=version, refused=days)

    return app
