"""The nightly job: whole or not at all, once however often, and what is on the list."""

import functools
import os
import signal
import threading
import time
from pathlib import Path

import psycopg
import pytest

from mlsd_kit.services import process
from mlsd_kit.systems.churn import store
from mlsd_kit.systems.churn.job import nightly
from mlsd_kit.systems.churn.model import ModelError

NIGHT, NEXT = "2026-03-01", "2026-03-02"


def counts(dsn):
    with psycopg.connect(dsn) as connection:
        return [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("score", "call", "release")
        ]


def test_a_night_is_scored_listed_and_released(dsn, run_night):
    assert run_night(dsn, chunk=7) == 30
    listed = store.call_list(dsn)
    assert 0 < len(listed) <= 15  # half of thirty, and nobody at a loss
    assert (listed["profit"] > 0).all() and listed["profit"].is_monotonic_decreasing
    assert listed["place"].tolist() == list(range(1, len(listed) + 1))
    assert len(store.call_list(dsn, "call")) + len(store.call_list(dsn, "hold")) == len(listed)


def test_the_size_of_a_chunk_changes_nothing(dsn, run_night):
    run_night(dsn, chunk=1)
    one = store.call_list(dsn)
    run_night(dsn, chunk=1000)
    assert store.call_list(dsn).equals(one)


def test_a_second_run_replaces_the_first(dsn, run_night):
    run_night(dsn)
    before, listed = counts(dsn), store.call_list(dsn)
    run_night(dsn)
    assert counts(dsn)[:2] == before[:2]
    assert store.call_list(dsn).equals(listed)


def test_who_was_called_rests_and_then_comes_back(dsn, run_night):
    run_night(dsn)
    first = store.call_list(dsn)["customer"].iloc[0]
    with psycopg.connect(dsn) as connection:
        for _ in range(2):  # an agent's client that sends twice
            store.mark_called(connection, first, NIGHT)
    run_night(dsn)
    assert first not in set(store.call_list(dsn)["customer"])
    assert first not in store.untreated(dsn, NIGHT, 90)
    assert len(store.untreated(dsn, NIGHT, 90)) == 29
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE treated SET called = %s::date - 91", [NIGHT])
    run_night(dsn)
    assert first in set(store.call_list(dsn)["customer"])
    assert len(store.untreated(dsn, NIGHT, 90)) == 30


def test_the_arms_do_not_change_from_night_to_night(dsn, run_night, customers):
    run_night(dsn)
    arms = store.call_list(dsn).set_index("customer")["arm"]
    store.write_snapshot(dsn, NEXT, [f"c{i:02}" for i in range(30)], customers[0].head(30))
    run_night(dsn, night=NEXT)
    assert store.call_list(dsn).set_index("customer")["arm"].equals(arms)


def test_old_nights_are_dropped(dsn, run_night, customers):
    run_night(dsn)
    store.write_snapshot(dsn, "2026-06-01", ["x"], customers[0].head(1))
    run_night(dsn, night="2026-06-01")
    assert counts(dsn)[0] == 1


def test_swap_and_back_needs_no_new_scores(dsn, run_night):
    run_night(dsn, "v1")
    old = store.call_list(dsn)
    run_night(dsn, "v2")
    assert not store.call_list(dsn).equals(old)
    scores = counts(dsn)[0]
    assert store.roll_back(dsn) == (NIGHT, "v1")
    assert store.call_list(dsn).equals(old)
    assert counts(dsn)[0] == scores


def test_what_was_never_scored_or_released_is_named(dsn, run_night):
    with psycopg.connect(dsn) as connection:
        with pytest.raises(store.StoreError, match="nothing is released"):
            store.served(connection)
        with pytest.raises(store.StoreError, match="was not scored by 'v2'"):
            store.release(connection, NIGHT, "v2")
    with pytest.raises(store.StoreError, match="no model 'v9'"):
        run_night(dsn, "v9")
    with pytest.raises(store.StoreError, match="night 2030-01-01 was not scored"):
        run_night(dsn, night="2030-01-01")  # no customers
    run_night(dsn)
    with pytest.raises(store.StoreError, match="nothing but 'v1'"):
        store.roll_back(dsn)
    assert counts(dsn)[2] == 1


def test_a_version_is_written_once(dsn, graphs, plan):
    store.register(dsn, "v1", graphs[0], plan)  # the same again is fine
    with pytest.raises(ValueError, match="registered with another content"):
        store.register(dsn, "v1", graphs[1], plan)


def test_a_model_whose_bytes_changed_stops_the_job_and_the_old_list_stays(dsn, run_night):
    run_night(dsn, "v1")
    old = store.call_list(dsn)
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE model SET graph = 'spoilt' WHERE version = 'v2'")
    with pytest.raises(ModelError, match="not those that were registered"):
        run_night(dsn, "v2")
    assert store.call_list(dsn).equals(old)


def stop_in_the_middle(marker, rows):
    """Tell that half is written, and hang."""
    Path(marker).write_text(str(rows))
    time.sleep(600)


def job(dsn, marker):
    with psycopg.connect(dsn) as connection:
        hang = functools.partial(stop_in_the_middle, marker)
        nightly(connection, NIGHT, "v1", chunk=10, after_chunk=hang)


def half_done(dsn, tmp_path):
    """A job that hangs after ten of thirty customers."""
    marker = tmp_path / "half"
    return process(
        functools.partial(job, str(dsn), str(marker)), ready=lambda child: marker.exists()
    )


def test_a_killed_job_leaves_the_served_list_whole(dsn, run_night, tmp_path):
    run_night(dsn)
    before, listed = counts(dsn), store.call_list(dsn)
    with half_done(dsn, tmp_path) as child:
        assert store.call_list(dsn).equals(listed)  # readers do not wait for it
        child.kill()
    assert store.call_list(dsn).equals(listed)
    assert counts(dsn) == before
    run_night(dsn)
    assert store.call_list(dsn).equals(listed)


def test_a_job_told_to_end_leaves_the_served_list_whole(dsn, run_night, tmp_path):
    run_night(dsn)
    before, listed = counts(dsn), store.call_list(dsn)
    with half_done(dsn, tmp_path) as child:
        os.kill(child.pid, signal.SIGTERM)
        assert child.wait(30) == -signal.SIGTERM
    assert counts(dsn) == before and store.call_list(dsn).equals(listed)
    run_night(dsn)
    assert store.call_list(dsn).equals(listed)


def test_a_database_restarted_in_mid_transaction_takes_the_half_night_back(dsn, run_night, server):
    run_night(dsn)
    before, listed = counts(dsn), store.call_list(dsn)
    with pytest.raises(psycopg.OperationalError):
        run_night(dsn, "v2", chunk=10, after_chunk=lambda rows: server.process.restart())
    assert counts(dsn) == before and store.call_list(dsn).equals(listed)
    run_night(dsn, "v2", chunk=10)
    assert store.call_list(dsn)["risk"].tolist() != listed["risk"].tolist()
    assert counts(dsn)[0] == 2 * before[0]


def test_a_job_that_hangs_holds_up_the_next_until_it_is_killed(dsn, run_night, tmp_path):
    run_night(dsn)
    listed = store.call_list(dsn)
    with half_done(dsn, tmp_path) as child:
        second = threading.Thread(target=run_night, args=(dsn,))
        second.start()
        second.join(0.5)
        assert second.is_alive()
        child.kill()
        second.join(10)
    assert not second.is_alive()
    assert store.call_list(dsn).equals(listed)


def test_two_jobs_at_once_leave_one_list(dsn, run_night):
    run_night(dsn)
    before, listed = counts(dsn)[:2], store.call_list(dsn)
    jobs = [threading.Thread(target=run_night, args=(dsn,)) for _ in range(3)]
    for each in jobs:
        each.start()
    for each in jobs:
        each.join()
    assert counts(dsn)[:2] == before
    assert store.call_list(dsn).equals(listed)


def test_a_killed_database_keeps_what_was_committed(dsn, run_night, server):
    run_night(dsn)
    listed = store.call_list(dsn)
    server.process.kill()
    with pytest.raises(psycopg.OperationalError):
        run_night(dsn)
    server.process.start()
    assert store.call_list(dsn).equals(listed)
    run_night(dsn)
    assert store.call_list(dsn).equals(listed)
