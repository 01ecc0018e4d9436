"""Ask a web service at a given rate, and say how long each answer took.

Load is *open*: every request has a time at which it is due, whatever became of those before, and
its latency counts from then. A driver that waits for answers slows down together with the system
it measures, and hides the delays it is there to find (coordinated omission).
"""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import pandas as pd

CONNECTIONS = 16
PATIENCE = 5.0  # seconds until a request counts as failed
LEAD = 0.05  # seconds until the first request


def offer(
    url: str, paths: Sequence[str], rate: float, *, connections: int = CONNECTIONS
) -> pd.DataFrame:
    """Send GET requests at ``rate`` a second over connections that are kept open.

    Parameters
    ----------
    url : str
        The service.
    paths : sequence of str
        One a request, in order.
    rate : float
        Requests a second.
    connections : int, default=16
        More requests than these cannot be under way: the next ones wait, and the wait counts.

    Returns
    -------
    DataFrame of shape (requests, 5)
        due (seconds from the first), driver (ms that the driver itself overslept: where that is
        long, the figures are the machine's and not the service's), total (ms from due until the
        answer was read), status (0 if there was none), source (what the answer says of itself).
    """
    where, start = urlsplit(url), time.monotonic() + LEAD
    numbers, lock = itertools.count(), threading.Lock()
    rows: list[tuple[float, float, float, int, str]] = []

    def work() -> None:
        link = http.client.HTTPConnection(str(where.hostname), where.port, timeout=PATIENCE)
        while True:
            with lock:
                number = next(numbers)
            if number >= len(paths):
                break
            taken, due = time.monotonic(), start + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            sent = time.monotonic()
            status, source = _ask(link, paths[number])
            total = time.monotonic() - due
            overslept = sent - max(due, taken)
            rows.append((number / rate, 1e3 * overslept, 1e3 * total, status, source))
        link.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return pd.DataFrame(sorted(rows), columns=["due", "driver", "total", "status", "source"])


def windows(requests: pd.DataFrame, seconds: float = 2.0) -> pd.DataFrame:
    """Median and 99th percentile of the latency in windows side by side, and what failed.

    Parameters
    ----------
    requests : DataFrame
        As `offer` returns.
    seconds : float, default=2
        Length of a window, by the time at which requests were due.

    Returns
    -------
    DataFrame of shape (windows, 6)
        requests, p50 and p99 in ms, failed (without an answer of status 200), degraded (share
        answered without the store), driver (the most it overslept, in ms). A last window that is
        not full is left out.
    """
    number = (requests["due"] / seconds).astype(int)
    end = requests["due"].max() + requests["due"].diff().median()
    full = (number + 1) * seconds <= end + 1e-9
    groups = requests[full].groupby(number[full])
    return pd.DataFrame(
        {
            "requests": groups.size(),
            "p50": groups["total"].median(),
            "p99": groups["total"].quantile(0.99),
            "failed": groups["status"].agg(lambda status: int((status != 200).sum())),
            "degraded": groups["source"].agg(lambda source: (source == "degraded").mean()),
            "driver": groups["driver"].max(),
        }
    ).rename_axis("window")


def _ask(link: http.client.HTTPConnection, path: str) -> tuple[int, str]:
    try:
        link.request("GET", path)
        answer = link.getresponse()
        body = answer.read()
        source = json.loads(body).get("source", "") if answer.status == 200 else ""
        return answer.status, source
    except (OSError, http.client.HTTPException):
        link.close()  # the next request opens a new connection
        return 0, ""
