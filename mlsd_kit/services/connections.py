"""Connections to PostgreSQL for a web service: one for each thread, made anew after it broke."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

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
