"""The load driver: an open timetable, honest clocks, and failures that are counted."""

from __future__ import annotations

import threading
import time

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.services import http_service
from mlsd_kit.systems.web_search import load


def service(pause=0.0, fail_on=""):
    """A search service in miniature: waits one at a time, and cannot answer one query."""

    def make():
        from fastapi import FastAPI, HTTPException

        app, one_at_a_time = FastAPI(), threading.Lock()

        @app.get("/search")
        def search(q: str, rank: int = 5):
            if q == fail_on:
                raise HTTPException(503)
            with one_at_a_time:
                time.sleep(pause)
            return {"documents": [1], "seconds": {"rank": rank / 1000}, "total": pause}

        return app

    return make


@pytest.fixture(scope="module")
def quick():
    with http_service(service(0.001, fail_on="broken")) as url:
        yield url


def test_every_query_is_due_once_and_answered(quick):
    table = load.offer(quick, ["a", "b"], 100, seconds=0.6, seed=1, rank=7)
    assert 30 < len(table) < 100
    assert table["ok"].all()
    assert table["due"].is_monotonic_increasing
    assert table["due"].iloc[1:].lt(0.6).all()
    assert (table["total"] > table["inside"]).all()
    np.testing.assert_allclose(table["rank"], 7)  # the width was sent, seconds became ms


def test_a_seed_repeats_the_timetable(quick):
    one, two = (load.offer(quick, ["a"], 50, seconds=0.2, seed=3) for _ in range(2))
    assert one["due"].tolist() == two["due"].tolist()


def test_failures_are_rows_not_errors(quick):
    table = load.offer(quick, ["broken", "fine"], 80, seconds=0.5, exponent=0)
    assert 0 < table["ok"].mean() < 1
    assert table.loc[~table["ok"], "inside"].isna().all()
    assert table["total"].notna().all()
    assert load.windows(table)["failed"].sum() == (~table["ok"]).sum()


def test_a_service_that_is_gone_fails_every_query():
    table = load.offer("http://127.0.0.1:9", ["a"], 40, seconds=0.2)
    assert not table["ok"].any()
    assert "inside" not in table


def test_the_clock_starts_when_a_query_is_due_not_when_it_is_sent():
    with http_service(service(pause=0.03)) as url:  # carries 33 queries a second
        table = load.offer(url, ["a"], 100, seconds=0.6)
    inside, waited = table["inside"].iloc[-5:].mean(), table["total"].iloc[-5:].mean()
    assert inside == pytest.approx(30)
    assert waited > 10 * inside  # the queue that a closed loop would never show
    assert table["late"].max() < waited / 2  # the driver kept its timetable


def test_popular_queries_come_more_often(monkeypatch):
    asked = []
    monkeypatch.setattr(load, "_work", lambda client, waiting, rows, widths: drain(waiting, asked))
    load.offer("http://127.0.0.1:9", list("abcdef"), 4000, seconds=0.2)
    counts = pd.Series(asked).value_counts()
    assert counts.index[0] == "a"
    assert counts["a"] > 3 * counts["f"]


def drain(waiting, asked):
    while (task := waiting.get()) is not None:
        asked.append(task[2])


def test_windows_side_by_side():
    due = np.array([0.1, 0.2, 0.9, 1.1, 1.9])
    table = pd.DataFrame({"due": due, "ok": [True, False, True, True, True], "late": 1.0})
    table["total"] = [1.0, 3.0, 2.0, 10.0, 20.0]
    found = load.windows(table)
    assert found["queries"].tolist() == [3, 2]
    assert found["failed"].tolist() == [1, 0]
    assert found["p50"].tolist() == [2, 15]
    assert len(load.windows(table, seconds=2.0)) == 1


@pytest.mark.parametrize("change", [{"queries": []}, {"rate": 0}, {"seconds": 0}])
def test_nothing_to_offer_is_refused(change):
    with pytest.raises(ValueError, match="offer needs"):
        load.offer(
            **(
                {"url": "http://127.0.0.1:9", "queries": ["a"], "rate": 1.0, "seconds": 1.0}
                | change
            )
        )
