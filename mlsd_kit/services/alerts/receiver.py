"""The other end of the webhook: a small web service that keeps each message once."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI, Header, Response

_TABLE = """CREATE TABLE IF NOT EXISTS kept
    (key TEXT PRIMARY KEY, body TEXT, posts INTEGER, received REAL)"""
_KEEP = "INSERT INTO kept VALUES (?, ?, 1, ?) ON CONFLICT (key) DO UPDATE SET posts = posts + 1"


def receiver(path: str | Path, *, lose_answers: int = 0) -> FastAPI:
    """A web service that keeps what is posted to ``/alerts``, once for each Idempotency-Key.

    Parameters
    ----------
    path : path
        Its file, which survives a restart.
    lose_answers : int, default=0
        A fault to try: so many first posts are kept, and answered with an error all the same.

    Returns
    -------
    FastAPI
        ``POST /alerts`` keeps a message; ``GET /alerts`` lists what is kept, with the number of
        times that each was posted and the moment of the first [s since 1970].
    """
    app = FastAPI()
    lost = 0

    def database() -> closing[sqlite3.Connection]:
        opened = sqlite3.connect(path, timeout=10)
        opened.execute("PRAGMA synchronous = NORMAL")  # what was written outlives this process
        return closing(opened)

    with database() as opened, opened:
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute(_TABLE)

    @app.post("/alerts")
    def keep(
        key: Annotated[str, Header(alias="Idempotency-Key")],
        body: Annotated[dict[str, Any], Body()],
    ) -> Response:
        nonlocal lost
        try:
            text = json.dumps(body, allow_nan=False, ensure_ascii=False)
            text.encode()  # half of a pair of surrogates is no text
        except (ValueError, RecursionError):  # kept, it would break every listing
            said = "a message must be JSON without NaN, infinity and broken characters"
            return Response(said, status_code=422)
        try:
            with database() as opened, opened:
                opened.execute(_KEEP, (key, text, time.time()))
        except sqlite3.OperationalError as error:  # the sender keeps it, and comes again
            said = f"the message cannot be kept ({error}): free space on the disk of {path}"
            return Response(said, status_code=503)
        if lost < lose_answers:
            lost += 1
            return Response(status_code=503)
        return Response(status_code=204)

    @app.get("/alerts")
    def kept() -> list[dict[str, Any]]:
        with database() as opened:
            query = "SELECT body, posts, received FROM kept ORDER BY rowid"
            rows = opened.execute(query).fetchall()
        return [{**json.loads(body), "posts": n, "received": at} for body, n, at in rows]

    return app
