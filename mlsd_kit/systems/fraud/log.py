"""Reading and writing topics with the settings that a latency of milliseconds needs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from mlsd_kit.services.messages import read_object, require
from mlsd_kit.systems.fraud import cards
from mlsd_kit.systems.fraud.names import DEAD, LABELS, PAYMENTS

TIMEOUT = 20.0  # seconds
LINGER = 4  # ms that a producer waits for more to send
ONLY = 0  # partition, said with every message: a topic that a client made by chance has several
WAIT = 5  # ms that a fetch may wait at the broker, which this one uses up by half

Message = tuple[int, dict[str, Any]]
"""Offset and content."""
Entry = tuple[int, dict[str, Any] | None]
"""Offset and content; None for what could not be read."""

LAST = 4_102_444_800  # the year 2100, in seconds
MOST = 2**53  # whole numbers up to here are the same in every language that reads JSON
SHOWN = 200  # characters of a message that is kept aside
FIELDS: dict[str, dict[str, type]] = {
    PAYMENTS: {"id": int, "time": int, "card": str, "terminal": int, "cents": int}
    | {"due": float, "sent": float},
    LABELS: {"id": int, "time": int, "terminal": int, "fraud": int},
}
"""What a message must hold, by topic."""


class Dead(NamedTuple):
    """A message that could not be read: where it lies, why, and how it begins."""

    topic: str
    offset: int
    reason: str
    text: str


Aside = Callable[[Dead], None]


def create(servers: str, *topics: str) -> None:
    """Create topics of one partition, which keeps all their messages in one order."""
    admin = AdminClient({"bootstrap.servers": servers, "log_level": 0})
    made = admin.create_topics([NewTopic(topic, 1, 1) for topic in topics])
    for future in made.values():
        try:
            future.result(TIMEOUT)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise


def producer(servers: str) -> Producer:
    """A producer that waits a little and, when it has to send again, neither doubles nor reorders.

    A batch a message would save those milliseconds and cost more: this broker's work, for writing
    and for reading, grows with the number of batches in its log.
    """
    return Producer(
        {
            "bootstrap.servers": servers,
            "linger.ms": LINGER,
            "acks": "all",
            "enable.idempotence": True,
            "socket.nagle.disable": True,
            "log_level": 0,  # a broker that ends first is no news
        }
    )


def consumer(servers: str, topic: str, offset: int = 0) -> Consumer:
    """A consumer of a topic's only partition from an offset on, in no group.

    Where to go on is known from our own output, so nothing is committed; and with one reader a
    topic there is nothing to balance, which saves the seconds that joining a group takes.
    """
    reader = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "none",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": WAIT,
            "fetch.queue.backoff.ms": 5,
            "socket.nagle.disable": True,
            "log_level": 0,  # a broker that ends first is no news
            "enable.partition.eof": True,
        }
    )
    reader.assign([TopicPartition(topic, ONLY, offset)])
    return reader


def content(topic: str, raw: bytes | None) -> dict[str, Any]:
    """What a message says.

    Parameters
    ----------
    topic : str
        `FIELDS` has what it must hold; in other topics any object will do.
    raw : bytes or None

    Raises
    ------
    ValueError
        With the reason, if it cannot be taken: it is no JSON object, a field is missing or of
        another type, a number is beyond all use, or a card has no number that could be masked.

    Examples
    --------
    >>> content("labels", b'{"id": 1, "time": 5, "terminal": 3, "fraud": "yes"}')
    Traceback (most recent call last):
    ValueError: fraud is missing or no int
    """
    found = read_object(raw)
    require(found, FIELDS.get(topic, {}))
    for name, value in found.items():
        if type(value) in (int, float) and not abs(value) <= MOST:
            raise ValueError(f"{name} is beyond {MOST}")
    if topic in FIELDS and not 0 <= found["time"] < LAST:  # it would make all others old
        raise ValueError("time lies outside 1970 to 2100")
    card = found.get("card", "") if topic == PAYMENTS else "0" * 16
    if not (card.isascii() and card.isdigit() and 12 <= len(card) <= 19):
        raise ValueError("card is no card number")
    return found


def _shown(raw: bytes | None) -> str:
    """How a message begins, with no card number in it."""
    text = (raw or b"")[: 2 * SHOWN].decode(errors="replace")
    return re.sub(r"\d{11,}", lambda digits: cards.mask(digits[0]), text)[:SHOWN]


def values(messages: list[Any], aside: Aside | None = None) -> Iterator[Message]:
    """As `entries`, without those that could not be read."""
    for offset, found in entries(messages, aside):
        if found is not None:
            yield offset, found


def entries(messages: list[Any], aside: Aside | None = None) -> Iterator[Entry]:
    """Offset and content of what `Consumer.consume` returned; its notices are passed over.

    A message that cannot be read ends nothing: it goes to ``aside``, and its content is None.

    Raises
    ------
    KafkaException
        If the broker is gone or refuses.
    """
    for message in messages:
        error = message.error()
        if error is None:
            topic, raw = message.topic(), message.value()
            found: dict[str, Any] | None = None
            try:
                found = content(topic, raw)
            except ValueError as reason:
                if aside is not None:
                    aside(Dead(topic, message.offset(), str(reason), _shown(raw)))
            yield message.offset(), found
        elif error.code() != KafkaError._PARTITION_EOF and not error.retriable():
            raise KafkaException(error)


def bury(out: Producer, dead: Dead) -> None:
    """Put a message that could not be read where somebody will look, and say so in the log."""
    out.produce(DEAD, json.dumps(dead._asdict()).encode(), partition=ONLY)
    print(f"set aside: {dead.topic} {dead.offset}: {dead.reason}", flush=True)


def dead_letters(servers: str) -> list[Dead]:
    """The messages that could not be read so far, each once, though a reader met it twice."""
    found = [Dead(**{name: each[name] for name in Dead._fields}) for _, each in read(servers, DEAD)]
    return list({(dead.topic, dead.offset): dead for dead in found}.values())


def read(
    servers: str,
    topic: str,
    start: int = 0,
    stop: int | None = None,
    aside: Aside | None = None,
) -> Iterator[Message]:
    """Messages of a topic from one offset up to another (None: all that it holds now).

    Raises
    ------
    TimeoutError
        If the broker is silent.
    """
    reader = consumer(servers, topic, start)
    try:
        while stop is None or start < stop:
            message = reader.poll(TIMEOUT)
            if message is None:
                raise TimeoutError(f"{topic}: the broker said nothing for {TIMEOUT:.0f} s.")
            error = message.error()
            if error is not None and error.code() == KafkaError._PARTITION_EOF and stop is None:
                return
            if error is None:
                start = (message.offset() or 0) + 1
                if stop is not None and start > stop:
                    return
            yield from values([message], aside)
    finally:
        reader.close()
