"""Queries as people ask them, and the parts of an answer."""

from __future__ import annotations

import threading
import time

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.services import http_service
from mlsd_kit.services.load import Load, getting
from mlsd_kit.systems.web_search.load import parts, popular, search_paths


def test_popular_queries_come_more_often():
    counts = pd.Series(popular(list("abcdef"), 2000)).value_counts()
    assert counts.index[0] == "a"
    assert counts["a"] / counts["f"] == pytest.approx(6, rel=0.3)
    alike = pd.Series(popular(list("abcdef"), 6000, exponent=0)).value_counts()
    assert alike.min() > 0.85 * alike.max()


def test_a_seed_repeats_the_queries():
    assert popular(list("abc"), 20, seed=3) == popular(list("abc"), 20, seed=3)
    assert popular(list("abc"), 20, seed=3) != popular(list("abc"), 20, seed=4)


def test_nothing_to_draw_from_is_refused():
    with pytest.raises(ValueError, match="at least one query"):
        popular([], 3)


def service(pause):
    """A search service in miniature that answers one at a time."""

    def make():
        from fastapi import FastAPI

        app, one_at_a_time = FastAPI(), threading.Lock()

        @app.get("/search")
        def search(q: str, rank: int = 5):
            with one_at_a_time:
                time.sleep(pause)
            return {"documents": [q], "seconds": {"rank": rank / 1000}, "total": pause}

        return app

    return make


def test_an_answer_tells_its_stages_and_the_queue_shows_outside_them():
    with http_service(service(pause=0.03)) as url:  # carries 33 queries a second
        ask = getting(url, search_paths(["a", "b & c"], rank=7), parts)
        found = Load(rate=100, seconds=0.6, poisson=False).call(ask, connections=24)
    table = found.requests
    assert found.failed == 0
    np.testing.assert_allclose(table["rank"], 7)  # the width was sent, seconds became ms
    np.testing.assert_allclose(table["inside"], 30)
    assert table["total"].iloc[-5:].mean() > 10 * 30  # a closed loop would never show it
