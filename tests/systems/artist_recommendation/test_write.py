"""A batch is written whole or not at all, and once however often; also when the server dies."""

import threading

import numpy as np
import pandas as pd
import psycopg
import pytest

from mlsd_kit.systems.artist_recommendation.write import read, tables_of, write


def tables(seed=0, rows=1000):
    rng = np.random.default_rng(seed)
    events = pd.DataFrame(
        {
            "event": np.arange(rows),
            "kind": rng.choice(["shown", 'a "quoted", one\nof two lines', ""], rows),
            "score": rng.normal(size=rows),
            "shuffled": rng.random(rows) < 0.5,
            "time": pd.Timestamp("2009-01-05") + pd.to_timedelta(rng.integers(0, 9999, rows), "s"),
        }
    )
    return {"events": events, "people": pd.DataFrame({"user": ["a", "b"], "group": ["x", "y"]})}


def content(dsn, schema):
    return {
        name: table.sort_values(list(table.columns), ignore_index=True)
        for name, table in tables_of(dsn, schema).items()
    }


def same(one, other):
    assert one.keys() == other.keys()
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name])


def test_what_is_written_is_read_again(database):
    sent = tables()
    assert write(database, "again", sent, "day 1") == {"events": 1000, "people": 2}
    found = read(database, "SELECT * FROM again.events WHERE batch = %s ORDER BY event", "day 1")
    assert found.pop("batch").eq("day 1").all()
    pd.testing.assert_frame_equal(found, sent["events"], check_dtype=False, rtol=0)


def test_missing_values_and_empty_texts_stay_apart(database):
    table = pd.DataFrame({"text": ["", None, "NULL", r"\x"], "number": [1.0, np.nan, 0.0, -1.5]})
    write(database, "missing", {"t": table}, "b")
    found = read(database, "SELECT text, number FROM missing.t")
    assert found["text"].isna().tolist() == [False, True, False, False]
    assert found["text"].dropna().tolist() == ["", "NULL", r"\x"]
    assert found["number"].isna().tolist() == [False, True, False, False]


def test_a_batch_written_twice_is_there_once_and_others_are_left_alone(database):
    write(database, "twice", tables(0), "day 1")
    write(database, "twice", tables(1), "day 2")
    before = content(database, "twice")
    write(database, "twice", tables(0), "day 1")
    same(content(database, "twice"), before)
    write(database, "twice", tables(2, rows=10), "day 1")
    assert len(read(database, "SELECT 1 FROM twice.events WHERE batch = 'day 1'")) == 10
    assert len(read(database, "SELECT 1 FROM twice.events WHERE batch = 'day 2'")) == 1000


def test_an_error_in_the_second_table_takes_back_the_first(database):
    write(database, "torn", tables(), "day 1")
    before = content(database, "torn")
    broken = {**tables(5), "people": pd.DataFrame({"no such column": [1]})}
    with pytest.raises(psycopg.errors.UndefinedColumn):
        write(database, "torn", broken, "day 1")
    same(content(database, "torn"), before)


def test_names_are_quoted(database):
    odd = 'x"; DROP SCHEMA public; --'
    write(database, odd, {"a b": pd.DataFrame({'c"d': [1]})}, "it's")
    assert tables_of(database, "public") == {}
    names = read(database, "SELECT tablename FROM pg_tables WHERE schemaname = %s", odd)
    assert names["tablename"].tolist() == ["a b"]


def test_two_runs_of_one_batch_at_once_leave_it_once(database):
    write(database, "race", tables(), "day 1")
    before = content(database, "race")
    runs = [
        threading.Thread(target=write, args=(database, "race", tables(), "day 1")) for _ in range(4)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    same(content(database, "race"), before)


def test_readers_see_the_old_state_until_the_commit(database):
    write(database, "old", tables(), "day 1")
    seen = []

    def watched():
        for name, table in tables(1, rows=5).items():
            yield name, table
            seen.append(len(read(database, "SELECT 1 FROM old.events")))

    write(database, "old", watched(), "day 1")
    assert seen == [1000, 1000]
    assert len(read(database, "SELECT 1 FROM old.events")) == 5


def killing(server, sent, after):
    """The tables; the server dies before the one of that number (from 0), or at the end."""
    for place, pair in enumerate(sent.items()):
        if place == after:
            server.process.kill()
        yield pair
    if after == len(sent):
        server.process.kill()


@pytest.mark.parametrize("after", [0, 1, 2])
def test_killed_while_writing_nothing_is_half_written_and_a_rerun_completes(
    database_to_kill, after
):
    server, store = database_to_kill, f"killed_{after}"
    write(server, store, tables(0), "day 1")
    before = content(server, store)
    with pytest.raises(psycopg.OperationalError):
        write(server, store, killing(server, tables(1), after), "day 2")
    server.process.restart()
    same(content(server, store), before)
    write(server, store, tables(1), "day 2")
    found = content(server, store)
    assert found["events"]["batch"].value_counts().to_dict() == {"day 1": 1000, "day 2": 1000}


def test_restarted_in_mid_transaction_nothing_is_half_written_and_a_rerun_completes(
    database_to_kill,
):
    server = database_to_kill
    write(server, "restarted", tables(0), "day 1")
    before = content(server, "restarted")

    def restarting():
        for place, pair in enumerate(tables(1).items()):
            if place == 1:
                server.process.restart()
            yield pair

    with pytest.raises(psycopg.OperationalError):
        write(server, "restarted", restarting(), "day 2")
    same(content(server, "restarted"), before)
    write(server, "restarted", tables(1), "day 2")
    found = content(server, "restarted")
    assert found["events"]["batch"].value_counts().to_dict() == {"day 1": 1000, "day 2": 1000}


def test_killed_within_a_table_nothing_of_it_is_there(database_to_kill):
    server = database_to_kill

    class Dying(pd.DataFrame):
        """Sent in chunks; the server dies before the second."""

        chunks = 0

        @property
        def _constructor(self):
            return Dying

        def to_csv(self, *args, **settings):
            Dying.chunks += 1
            if Dying.chunks == 2:
                server.process.kill()
            return super().to_csv(*args, **settings)

    rows = 50_000
    with pytest.raises(psycopg.OperationalError):
        write(server, "chunks", {"t": Dying({"a": np.arange(rows)})}, "day 1")
    assert Dying.chunks >= 2
    server.process.restart()
    assert tables_of(server, "chunks") == {}
    write(server, "chunks", {"t": pd.DataFrame({"a": np.arange(rows)})}, "day 1")
    assert len(read(server, "SELECT 1 FROM chunks.t")) == rows
