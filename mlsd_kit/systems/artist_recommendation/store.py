"""Nightly lists in a key-value store: published at once, read with patience of milliseconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

CURRENT = "recommendations:current"  # holds the version that is read
KEPT = 2 * 86_400  # seconds after which a list that no night renewed is gone
TIMEOUT = 0.02  # seconds: the store answers in less than one, or is in trouble
PAUSE = 0.5  # seconds in which a store that failed is not asked again

Ranked = list[tuple[int, float]]  # artists with scores, the best first


def publish(url: str, lists: Mapping[str, Sequence[tuple[int, float]]], version: str) -> int:
    """Write every listener's list, then make them current, all at once.

    Readers see the lists of the night before until the last step; a run that fails before it
    changes nothing for them and is started again.

    Parameters
    ----------
    url : str
        The store.
    lists : mapping of str to sequence of (artist, score)
        By the listener's token, the best artist first.
    version : str
        Names the night.

    Returns
    -------
    int
        How many lists were written.
    """
    with Redis.from_url(url) as store:
        pipe = store.pipeline(transaction=False)
        for number, (user, ranked) in enumerate(lists.items(), start=1):
            pipe.set(_key(version, user), _encode(ranked), ex=KEPT)
            if number % 1000 == 0:
                pipe.execute()
        pipe.execute()
        store.set(CURRENT, version)
    return len(lists)


class Breaker:
    """Says whether to ask a service: not within a while after it failed (a circuit breaker).

    So a service in trouble costs one time-out in a while instead of one a request.

    Examples
    --------
    >>> now = iter([0.0, 0.1, 0.6])
    >>> breaker = Breaker(0.5, clock=lambda: next(now))
    >>> breaker.failed()
    >>> breaker.closed(), breaker.closed()
    (False, True)
    """

    def __init__(self, pause: float = PAUSE, clock: Callable[[], float] = time.monotonic) -> None:
        self.pause, self._clock = pause, clock
        self._until = float("-inf")

    def closed(self) -> bool:
        """True if the service may be asked."""
        return self._clock() >= self._until

    def failed(self) -> None:
        """Note a failure: from now on it is left alone for a while."""
        self._until = self._clock() + self.pause


class Store:
    """Reads lists; answers None instead of waiting or raising when the store is in trouble."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT, pause: float = PAUSE) -> None:
        self.breaker = Breaker(pause)
        self._redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),  # the client would otherwise try again, and wait
        )

    def get(self, user: str) -> Ranked | None:
        """A listener's list; empty if there is none.

        None if the store did not answer in time, or holds no night at all: one that was restarted
        empty must not pass for one in which everybody is a stranger.
        """
        if not self.breaker.closed():
            return None
        try:
            version = self._redis.get(CURRENT)
            if version is None:
                return None
            found = self._redis.get(_key(str(version), user))
        except RedisError:
            self.breaker.failed()
            return None
        return _decode(str(found)) if found else []


def contents(url: str) -> dict[str, str]:
    """Every key and value of the store's lists: for a scan, not for serving."""
    with Redis.from_url(url, decode_responses=True) as store:
        keys = [key for key in store.scan_iter("recommendations:*", count=1000)]
        return dict(zip(keys, store.mget(keys), strict=True)) if keys else {}


def _key(version: str, user: str) -> str:
    return f"recommendations:{version}:{user}"


def _encode(ranked: Sequence[tuple[int, float]]) -> str:
    return " ".join(f"{artist}:{score:.3f}" for artist, score in ranked)


def _decode(text: str) -> Ranked:
    pairs = (word.split(":") for word in text.split())
    return [(int(artist), float(score)) for artist, score in pairs]
