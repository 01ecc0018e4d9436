"""Reading and writing topics with the settings that a latency of milliseconds needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

TIMEOUT = 20.0  # seconds
LINGER = 4  # ms that a producer waits for more to send
WAIT = 5  # ms that a fetch may wait at the broker, which this one uses up by half

Message = tuple[int, dict[str, Any]]
"""Offset and content."""


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
    reader.assign([TopicPartition(topic, 0, offset)])
    return reader


def values(messages: list[Any]) -> Iterator[Message]:
    """Offset and content of what `Consumer.consume` returned; its notices are passed over.

    Raises
    ------
    KafkaException
        If the broker is gone or refuses.
    """
    for message in messages:
        error = message.error()
        if error is None:
            yield message.offset(), json.loads(message.value())
        elif error.code() != KafkaError._PARTITION_EOF and not error.retriable():
            raise KafkaException(error)


def read(servers: str, topic: str, start: int = 0, stop: int | None = None) -> Iterator[Message]:
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
            for offset, value in values([message]):
                start = offset + 1
                yield offset, value
    finally:
        reader.close()
