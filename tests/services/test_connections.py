"""One connection for each thread, a new one after the old broke, and an end to slow queries."""

import threading

import psycopg
import pytest

from mlsd_kit.services import postgres
from mlsd_kit.services.connections import Connections


def number(connection):
    return connection.execute("SELECT pg_backend_pid()").fetchone()[0]


def test_threads_have_their_own_broken_ones_are_replaced_and_slow_ones_end():
    with postgres() as dsn:
        database, others = Connections(str(dsn)), []
        mine = database.ask(number)
        assert database.ask(number) == mine
        thread = threading.Thread(target=lambda: others.append(database.ask(number)))
        thread.start()
        thread.join()
        assert others and others[0] != mine
        dsn.process.kill()
        with pytest.raises(psycopg.OperationalError):
            database.ask(number)
        dsn.process.start()
        assert database.ask(number) > 0
        with pytest.raises(psycopg.OperationalError, match="statement timeout"):
            database.ask(lambda connection: connection.execute("SELECT pg_sleep(30)"))
        assert database.ask(number) > 0
