"""The web service: a listener's token and the session's clicks in, artists out."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlsd_kit.systems.artist_recommendation import blend
from mlsd_kit.systems.artist_recommendation.store import TIMEOUT, Store

STORE, CATALOGUE = "RECOMMENDER_STORE", "RECOMMENDER_CATALOGUE"
LONGEST = 50  # artists in an answer


def recommender(store: str, catalogue: Path | str) -> Callable[[], Any]:
    """The app's maker, for `mlsd_kit.services.http_service`.

    Parameters
    ----------
    store : str
        Address of the key-value store.
    catalogue : Path
        As `blend.save` writes it.
    """
    return functools.partial(create, str(store), str(catalogue))


def create(store: str | None = None, catalogue: str | None = None, timeout: float = TIMEOUT) -> Any:
    """A FastAPI app with ``GET /recommend?user=TOKEN&clicks=3,17&k=10`` and ``GET /health``.

    An answer says where it comes from: *store* (the nightly list), *session* (that and the
    clicks), *popularity* (an unknown listener, without clicks), or *degraded* (the store did not
    answer in time: popularity and the clicks). Handlers are synchronous: each runs in a thread and
    may wait for the store, for ``timeout`` seconds, without holding up the others.
    """
    from fastapi import FastAPI, HTTPException

    known = blend.read(catalogue or os.environ[CATALOGUE])
    lists = Store(store or os.environ[STORE], timeout=timeout)
    app = FastAPI(title="Artist recommendations")

    @app.get("/recommend")
    def recommend(user: str, clicks: str = "", k: int = 10) -> dict[str, Any]:
        if not 1 <= k <= LONGEST:
            raise HTTPException(422, f"k must lie between 1 and {LONGEST}, got {k}.")
        clicked = _clicks(clicks, len(known.neighbours))
        if clicked is None:
            raise HTTPException(422, "clicks must be artists' numbers with commas between.")
        nightly = lists.get(user)
        artists = blend.blend(nightly or [], clicked, known, k)
        return {"artists": artists, "source": _source(nightly, clicked)}

    @app.get("/health")
    def health() -> dict[str, Any]:
        return {"store": lists.breaker.closed()}

    return app


def _clicks(text: str, artists: int) -> list[int] | None:
    words = text.split(",") if text else []
    short = all(word.isascii() and word.isdigit() and len(word) < 10 for word in words)
    if not short or not all(int(word) < artists for word in words):
        return None
    return [int(word) for word in words]


def _source(nightly: list | None, clicked: list[int]) -> str:
    if nightly is None:
        return "degraded"
    if clicked:
        return "session"
    return "store" if nightly else "popularity"
