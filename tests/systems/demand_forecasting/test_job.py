"""The nightly job: whole or not at all, once however often, and from the last good day."""

import functools
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import psycopg
import pytest

from mlsd_kit.services import process
from mlsd_kit.systems.demand_forecasting import store
from mlsd_kit.systems.demand_forecasting.job import nightly
from mlsd_kit.systems.demand_forecasting.model import Forecaster, ModelError

NIGHT, MORROW = "2024-05-11", "2024-05-12"
TONIGHT = SOLD = 495  # days since the first: tonight's sales are not in yet
YESTERDAY = TONIGHT - 1


def count(dsn, table):
    with psycopg.connect(dsn) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


@pytest.fixture
def crates(rows_of):
    """Yesterday in crates of twelve."""
    return [(shop, product, sold / 12) for shop, product, sold in rows_of(YESTERDAY)]


def test_a_night_is_the_models_forecast(dsn, send, run_night, chain, texts):
    send(YESTERDAY)
    night = run_night()
    assert (night.orders, night.refused) == (8 * 7, {})
    made = Forecaster(texts[0], 1.2).forecast(chain, SOLD)
    table = store.orders(dsn)
    np.testing.assert_allclose(table["forecast"], made.ravel(), rtol=1e-5)
    np.testing.assert_array_equal(table["pieces"], np.rint(1.2 * made.ravel()))
    assert table["day"].min() == date.fromisoformat(MORROW)


def test_a_second_run_replaces_the_first(dsn, send, run_night):
    send(YESTERDAY)
    run_night()
    first, rows = store.orders(dsn), (count(dsn, "orders"), count(dsn, "sales"))
    send(YESTERDAY)  # the shops send again, too
    run_night()
    assert store.orders(dsn).equals(first)
    assert (count(dsn, "orders"), count(dsn, "sales")) == rows


def test_a_broken_day_is_refused_and_the_forecast_starts_before_it(
    dsn, send, run_night, crates, chain, texts
):
    send(YESTERDAY, crates)
    night = run_night()
    [(day, reasons)] = night.refused.items()
    assert day < NIGHT and "outside" in reasons
    late = Forecaster(texts[0], 1.2).forecast(chain, SOLD - 1, gap=2)
    np.testing.assert_allclose(store.orders(dsn)["forecast"], late.ravel(), rtol=1e-5)


def test_a_day_that_did_not_come_is_a_refused_one(send, run_night):
    night = run_night()
    assert "missing" in next(iter(night.refused.values()))


def test_the_mended_day_replaces_it(dsn, send, run_night, crates):
    send(YESTERDAY, crates)
    run_night()
    send(YESTERDAY)
    night = run_night()
    assert not night.refused and count(dsn, "refused") == 0
    assert (night.known - date.fromisoformat(NIGHT)).days == -1


def test_a_hole_is_filled_once_a_later_day_is_good_and_mended_when_it_comes(
    dsn, send, run_night, crates, chain
):
    send(YESTERDAY, crates)
    send(TONIGHT)
    night = run_night(night=MORROW)
    assert len(night.refused) == 1 and night.known == date.fromisoformat(NIGHT)
    with psycopg.connect(dsn) as connection:
        filled = connection.execute("SELECT demand FROM sales WHERE filled ORDER BY shop, product")
        assert [row[0] for row in filled] == chain.demand[:, YESTERDAY - 7].tolist()
    send(YESTERDAY)
    assert not run_night(night=MORROW).refused
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM sales WHERE filled").fetchone() == (0,)


def test_the_shadow_is_not_served_the_swap_is_and_the_way_back_needs_no_job(dsn, send, run_night):
    send(YESTERDAY)
    run_night("v1")
    old = store.orders(dsn)
    run_night("v2", serve=False)
    assert store.orders(dsn).equals(old) and count(dsn, "orders") == 2 * len(old)
    run_night("v2")
    assert not store.orders(dsn).equals(old)
    assert store.roll_back(dsn) == (NIGHT, "v1")
    assert store.orders(dsn).equals(old)


def test_the_way_back_leads_to_the_last_night_of_the_old_version(dsn, send, run_night):
    send(YESTERDAY)
    run_night("v1")
    run_night("v2")
    send(TONIGHT)
    run_night("v1", MORROW, serve=False)  # it runs on as a shadow
    shadow = run_night("v2", MORROW)
    assert store.roll_back(dsn) == (MORROW, "v1")
    assert len(store.orders(dsn)) == shadow.orders
    assert store.orders(dsn)["day"].min() == date.fromisoformat(MORROW) + timedelta(days=1)
    assert store.roll_back(dsn) == (MORROW, "v2")  # back from the way back


def test_a_version_that_was_never_released_is_no_way_back(dsn, send, run_night):
    send(YESTERDAY)
    run_night("v1")
    run_night("v2", serve=False)
    with pytest.raises(store.StoreError, match="nothing but 'v1'"):
        store.roll_back(dsn)


def test_orders_that_are_forgotten_are_no_way_back(dsn, send, run_night):
    send(YESTERDAY)
    run_night("v1")
    run_night("v2")
    with psycopg.connect(dsn) as connection:
        connection.execute("DELETE FROM orders WHERE version = 'v1'")
    with pytest.raises(store.StoreError, match="'v1' are not kept"):
        store.roll_back(dsn)


def test_what_was_never_made_or_released_is_named(dsn, send, run_night):
    with psycopg.connect(dsn) as connection:
        with pytest.raises(store.StoreError, match="nothing is released"):
            store.served(connection)
        with pytest.raises(store.StoreError, match="made no orders"):
            store.release(connection, NIGHT, "v2")
    with pytest.raises(store.StoreError, match="no model 'v9'"):
        run_night("v9")
    send(YESTERDAY)
    run_night()
    with pytest.raises(store.StoreError, match="nothing but 'v1'"):
        store.roll_back(dsn)
    with pytest.raises(ValueError, match="load them first"):
        run_night(night="2030-01-01")


def test_a_version_is_written_once_and_changed_text_stops_the_job(dsn, send, run_night, texts):
    store.register(dsn, "v1", texts[0], 1.2)  # the same again is fine
    with pytest.raises(ValueError, match="registered with another content"):
        store.register(dsn, "v1", texts[1], 1.2)
    send(YESTERDAY)
    run_night()
    old = store.orders(dsn)
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE model SET factor = 2 WHERE version = 'v2'")
    with pytest.raises(ModelError, match="not what was registered"):
        run_night("v2")
    assert store.orders(dsn).equals(old)


def held_up(dsn, marker):
    """A job that hangs when it has removed the orders of before."""

    def hold():
        Path(marker).touch()
        time.sleep(600)

    with psycopg.connect(dsn) as connection:
        nightly(connection, NIGHT, "v1", halfway=hold)


def test_a_killed_job_leaves_the_served_orders_and_frees_the_next(dsn, send, run_night, tmp_path):
    send(YESTERDAY)
    run_night()
    old, marker = store.orders(dsn), tmp_path / "held"
    hanging = functools.partial(held_up, str(dsn), str(marker))
    with process(hanging, ready=lambda child: marker.exists()) as child:
        assert store.orders(dsn).equals(old)  # readers do not wait
        second = threading.Thread(target=run_night)
        second.start()
        second.join(0.5)
        assert second.is_alive()  # the next job does
        with pytest.raises(psycopg.errors.LockNotAvailable):
            run_night(patience="200ms")
        child.kill()
        second.join(20)
    assert not second.is_alive()
    assert store.orders(dsn).equals(old) and count(dsn, "orders") == len(old)


def test_a_database_restarted_in_mid_transaction_takes_the_half_night_back(
    dsn, send, run_night, server
):
    send(YESTERDAY)
    run_night()
    before, served = count(dsn, "orders"), store.orders(dsn)
    with pytest.raises(psycopg.OperationalError):
        run_night("v2", halfway=server.process.restart)
    assert count(dsn, "orders") == before and store.orders(dsn).equals(served)
    run_night("v2")
    assert count(dsn, "orders") == 2 * before
    assert not store.orders(dsn).equals(served)


def test_a_killed_database_keeps_what_was_committed(dsn, send, run_night, server):
    send(YESTERDAY)
    run_night()
    old = store.orders(dsn)
    server.process.kill()
    with pytest.raises(psycopg.OperationalError):
        run_night()
    server.process.start()
    assert store.orders(dsn).equals(old)
