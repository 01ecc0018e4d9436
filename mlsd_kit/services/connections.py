"""Connections to PostgreSQL for a web service: one for each thread, made anew after it broke."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg

TIMEOUT_MS = 2000  # of a query: a database that hangs does not hang the service

Answer = TypeVar("Answer")


class Connections:
    """Asks a database, from any thread; every statement is committed by itself.

    Parameters
    ----------
    dsn : str
        The address of the database.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn, self._here = dsn, threading.local()

    def ask(self, question: Callable[[psycopg.Connection], Answer]) -> Answer:
        """The answer to a question; it is asked twice if the connection was found broken.

        Raises
        ------
        psycopg.OperationalError
            If the database does not answer, or not within two seconds.
        """
        connection = self._connection()
        try:
            return question(connection)
        except psycopg.OperationalError:
            if not connection.closed:  # it is well: the query itself took too long
                raise
            return question(self._connection())

    def _connection(self) -> psycopg.Connection:
        found = getattr(self._here, "connection", None)
        if found is None or found.closed:
            found = psycopg.connect(
                self._dsn,
                autocommit=True,
                connect_timeout=2,
                options=f"-c statement_timeout={TIMEOUT_MS}",
            )
            self._here.connection = found
        return found


def explain_failures(app: Any, nothing: type[Exception]) -> None:
    """Let a FastAPI app answer what the database cannot with one sentence.

    Parameters
    ----------
    app : FastAPI
    nothing : type of exception
        Raised where what was asked for is not there yet: 503 with its message. A database that is
        away is 503, too; a value that it does not take is 422.
    """
    from fastapi import Request
    from fastapi.responses import JSONResponse

    @app.exception_handler(psycopg.OperationalError)
    def away(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": "The database does not answer."}, status_code=503)

    @app.exception_handler(psycopg.DataError)
    def no_value(request: Request, error: Exception) -> JSONResponse:
        said = str(error).splitlines()[0]
        return JSONResponse({"detail": f"The database takes no such value: {said}"}, 422)

    @app.exception_handler(nothing)
    def not_there(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=503)
