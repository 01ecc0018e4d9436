"""Topics that are still what they were: a broker that lost its log is noticed."""

from __future__ import annotations

import threading
from typing import Any

from mlsd_kit.services.errors import ServiceError

EVERY = 1.0  # seconds between two looks
PATIENCE = 20.0  # seconds for an answer: a busy machine is no broker that is gone


class LogLostError(ServiceError):
    """A broker came back without the messages that it had; the message says what to do."""


class Watch:
    """Looks from a thread of its own whether a broker still has the topics that it had at first.

    A broker that keeps its log in memory forgets it with its process. A reader in the middle of
    that log hears nothing: it waits for an offset that will not come for long, and then misses
    what lay before it. A topic's identity (KIP-516) changes when it is made anew, and tells.

    Parameters
    ----------
    servers : str
        The broker.
    *topics : str
        They must exist.
    every : float, default=1.0
        Seconds between two looks.

    Raises
    ------
    LogLostError
        If one of them does not exist.
    ServiceError
        If no broker answers.
    """

    def __init__(self, servers: str, *topics: str, every: float = EVERY) -> None:
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        self._admin = AdminClient({"bootstrap.servers": servers, "log_level": 0})
        self._every, self._lost, self._ended = every, "", threading.Event()
        try:
            self.identities = self._look(topics)
        except KafkaException as error:
            raise ServiceError(
                f"no broker answers at {servers}: start it, or correct the address ({error})."
            ) from None
        """A whole number for each topic, which is another one when the topic is made anew."""
        for topic, identity in self.identities.items():
            if identity is None:
                raise LogLostError(_sentence(topic))
        threading.Thread(target=self._run, daemon=True).start()

    def check(self) -> None:
        """Raise `LogLostError` if a topic is gone or another one."""
        if self._lost:
            raise LogLostError(_sentence(self._lost))

    def close(self) -> None:
        """Look no more."""
        self._ended.set()

    def _run(self) -> None:
        from confluent_kafka import KafkaException

        while not self._ended.wait(self._every) and not self._lost:
            try:
                found = self._look(self.identities)
            except KafkaException:
                continue  # the broker is away: whether it has lost something is seen later
            self._lost = next((t for t in found if found[t] != self.identities[t]), "")

    def _look(self, topics: Any) -> dict[str, int | None]:
        from confluent_kafka import KafkaError, KafkaException, TopicCollection

        found: dict[str, int | None] = {}
        for topic, asked in self._admin.describe_topics(
            TopicCollection(list(topics)), request_timeout=PATIENCE
        ).items():
            try:
                identity = asked.result(2 * PATIENCE).topic_id
                found[topic] = _whole(identity) if identity else 0
            except KafkaException as error:
                if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                    raise
                found[topic] = None
        return found


def _whole(identity: Any) -> int:
    """One number of 64 bits for the 128 of an identity."""
    both: int = identity.get_most_significant_bits() ^ identity.get_least_significant_bits()
    return both


def _sentence(topic: str) -> str:
    return (
        f"the broker has lost its topic {topic!r}: it was restarted and keeps its log in memory; "
        "start its readers and writers anew (what was not read is lost, so send it again)."
    )
