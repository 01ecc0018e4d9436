"""Delivery of messages over a webhook: at least once, so that the receiver can make it once."""

from __future__ import annotations

import random
import time
from typing import NamedTuple

import httpx

from mlsd_kit.services.alerts.store import AlertStore, AlertStoreError

BAD_REQUEST, REQUEST_TIMEOUT, CONFLICT, TOO_MANY = 400, 408, 409, 429


class Round(NamedTuple):
    """What one round of attempts did."""

    delivered: int
    failed: int
    refused: int


class Delivery:
    """Empties a store's outbox into a webhook.

    A message leaves the outbox only after the receiver has answered with success. If the process
    dies between the answer and that, or the answer is lost, the message is sent again under the
    same ``Idempotency-Key``: delivery is *at least once*, and a receiver that remembers keys makes
    it once. After a failure the next attempt waits base · 2^attempts seconds, at most ``longest``,
    times a random factor in [0.5, 1] so that many senders do not return all at once.

    Parameters
    ----------
    store : AlertStore
    url : str
        Messages are posted to it as JSON.
    base, longest : float
        Seconds of the first and of the longest wait.
    timeout : float
        Seconds that the receiver may take to answer.
    seed : int, default=None
        Of the random factor.
    """

    def __init__(
        self,
        store: AlertStore,
        url: str,
        *,
        base: float = 0.5,
        longest: float = 60.0,
        timeout: float = 2.0,
        seed: int | None = None,
    ) -> None:
        self.store, self.url = store, url
        self.base, self.longest = base, longest
        self._client = httpx.Client(timeout=timeout)
        self._random = random.Random(seed)

    def run_once(self, now: float | None = None) -> Round:
        """Try every message that is due; stop at the first failure, for the others would fail too.

        A receiver that refuses a message (4xx) will refuse it again: it is set aside, not retried.
        So is a message that cannot be written as JSON: it would block all behind it.
        """
        now = time.time() if now is None else now
        delivered = refused = 0
        for message in self.store.due(now, self.longest):
            status = self._post(message.id, message.body)
            if 200 <= status < 300 or status == CONFLICT:
                self.store.settle(message.id, "delivered")
                delivered += 1
            elif 400 <= status < 500 and status not in (TOO_MANY, REQUEST_TIMEOUT):
                self.store.settle(message.id, "refused")
                refused += 1
            else:
                self.store.postpone(message.id, now + self.wait(message.attempts))
                return Round(delivered, 1, refused)
        return Round(delivered, 0, refused)

    def wait(self, attempts: int) -> float:
        """Seconds to wait after the attempt with this number, counted from 0."""
        longest = min(self.longest, self.base * 2 ** min(attempts, 60))
        return longest * self._random.uniform(0.5, 1.0)

    def run(self, seconds: float, poll: float = 0.05) -> None:
        """Deliver for a while, or until nothing is waiting.

        A store that cannot be written is tried again after ``longest`` seconds at most: what was
        delivered meanwhile and could not be noted goes out again, under the same key.

        Raises
        ------
        AlertStoreError
            If it still cannot be written when the time is over.
        """
        end, failures = time.monotonic() + seconds, 0
        failed: AlertStoreError | None = None
        while self.store.count("waiting") and time.monotonic() < end:
            try:
                self.run_once()
                failures, failed, pause = 0, None, poll
            except AlertStoreError as error:
                failures, failed, pause = failures + 1, error, self.wait(failures)
            time.sleep(max(0.0, min(pause, end - time.monotonic())))
        if failed is not None:
            raise failed

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _post(self, key: str, body: dict[str, object]) -> int:
        """The status of the answer; 0 if there was none, 400 if the message is no JSON."""
        try:
            answer = self._client.post(self.url, json=body, headers={"Idempotency-Key": key})
            return answer.status_code
        except httpx.HTTPError:
            return 0
        except ValueError:  # NaN has no JSON
            return BAD_REQUEST
