"""Offer queries at a given rate, and say how long each answer took, in all and in parts.

Load is *open*: a query is due at a time of its own, whatever became of those before, and its clock
starts then. A client that waits for answers would slow down together with the service it measures
and never see the queue (coordinated omission).
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx
import numpy as np
import pandas as pd

WORKERS = 24  # requests under way at once; more of them wait, and their clocks run
TIMEOUT = 10.0  # seconds until a request counts as failed


def offer(
    url: str,
    queries: Sequence[str],
    rate: float,
    *,
    seconds: float,
    seed: int = 0,
    exponent: float = 1.0,
    **widths: int,
) -> pd.DataFrame:
    """Send queries as they would come: at random moments, some far more often than others.

    Parameters
    ----------
    url : str
        Of the service, as `mlsd_kit.systems.web_search.app.make_app` makes it.
    queries : sequence of str
        The k-th is drawn with a probability proportional to ``1 / k ** exponent`` (Zipf).
    rate : float
        Queries a second, on average; the gaps are exponential.
    seconds : float
        How long to send.
    seed : int, default=0
        Of moments and queries.
    exponent : float, default=1.0
        0 draws all alike, which is the hardest for a cache.
    **widths : int
        Sent with every query: retrieve, rank, show.

    Returns
    -------
    DataFrame of shape (n, ...)
        One row a query, in order: due (seconds since the start), ok, and in ms late (the driver
        behind its timetable), total (due until answered), inside (within the handler), and a column
        for each stage that the service names. Where ok is False, inside and stages are NaN.

    Raises
    ------
    ValueError
        If there is no query, or the rate or the time is not positive.
    """
    if not len(queries) or not rate > 0 or not seconds > 0:
        raise ValueError("offer needs at least one query, a positive rate and positive seconds.")
    rng = np.random.default_rng(seed)
    due = _moments(rate, seconds, rng)
    share = np.arange(1.0, len(queries) + 1) ** -exponent
    asked = rng.choice(len(queries), size=len(due), p=share / share.sum())
    waiting: queue.SimpleQueue[tuple[int, float, str] | None] = queue.SimpleQueue()
    rows: list[dict[str, Any]] = [{} for _ in due]
    with httpx.Client(base_url=url, timeout=TIMEOUT, limits=_KEPT) as client:
        workers = [
            threading.Thread(target=_work, args=(client, waiting, rows, widths), daemon=True)
            for _ in range(min(WORKERS, len(due)))
        ]
        for worker in workers:
            worker.start()
        start = time.perf_counter() + 0.02
        for k, moment in enumerate(due):
            left = start + moment - time.perf_counter()
            if left > 0:
                time.sleep(left)
            rows[k] = {"due": moment, "late": 1e3 * (time.perf_counter() - start - moment)}
            waiting.put((k, start + moment, queries[asked[k]]))
        for _ in workers:
            waiting.put(None)
        for worker in workers:
            worker.join()
    return pd.DataFrame(rows)


def windows(table: pd.DataFrame, seconds: float = 1.0) -> pd.DataFrame:
    """Median and 99th percentile of the total in windows side by side.

    A percentile of everything is one number that a single hiccup of the machine decides; the median
    over windows is not.

    Parameters
    ----------
    table : DataFrame
        As `offer` returns; answers that failed count with the time until they did.
    seconds : float, default=1.0
        Length of a window, by the time at which queries were due.

    Returns
    -------
    DataFrame of shape (windows, 5)
        queries, failed, p50 and p99 in ms, and late: the most that the driver was behind, in ms.
    """
    groups = table.groupby((table["due"] // seconds).astype(int))
    total = groups["total"]
    return pd.DataFrame(
        {
            "queries": total.size(),
            "failed": groups["ok"].agg(lambda ok: int((~ok).sum())),
            "p50": total.median(),
            "p99": total.quantile(0.99),
            "late": groups["late"].max(),
        }
    ).rename_axis("window")


_KEPT = httpx.Limits(max_connections=WORKERS, max_keepalive_connections=WORKERS)


def _moments(rate: float, seconds: float, rng: np.random.Generator) -> list[float]:
    """A Poisson process: times between 0 and ``seconds``, at least one."""
    times = np.cumsum(rng.exponential(1.0 / rate, size=int(2 * rate * seconds) + 20))
    return [*times[:1], *(t for t in times[1:] if t < seconds)]


def _work(
    client: httpx.Client,
    waiting: queue.SimpleQueue[tuple[int, float, str] | None],
    rows: list[dict[str, Any]],
    widths: dict[str, int],
) -> None:
    while (task := waiting.get()) is not None:
        k, due, query = task
        rows[k] |= {"ok": False}
        try:
            answer = client.get("/search", params={"q": query, **widths})
            rows[k]["total"] = 1e3 * (time.perf_counter() - due)
            if answer.status_code == httpx.codes.OK:
                rows[k] |= _parts(answer.json()) | {"ok": True}
        except (httpx.HTTPError, ValueError):
            rows[k]["total"] = 1e3 * (time.perf_counter() - due)


def _parts(answer: dict[str, Any]) -> dict[str, float]:
    stages = {name: 1e3 * value for name, value in answer["seconds"].items()}
    return {"inside": 1e3 * answer["total"], **stages}
