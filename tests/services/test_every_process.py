"""SIGTERM and SIGKILL of everything that is started, half-open connections, poor surroundings."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from confluent_kafka.admin import AdminClient
from redis import Redis

import mlsd_kit
from mlsd_kit.services import (
    balancer,
    broker,
    http_service,
    object_store,
    postgres,
    process,
    redis,
    s3,
    web_server,
)
from mlsd_kit.services.programs import why_absent

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def app():
    from fastapi import FastAPI

    made = FastAPI()
    made.get("/")(lambda: "hello")
    return made


@contextmanager
def sleeper():
    with process(SLEEP) as child:
        yield type("Found", (), {"process": child})


def asked(kind, address):
    """Whether it answers."""
    if kind == "redis":
        return Redis.from_url(address, socket_timeout=10).ping()
    if kind == "broker":
        return bool(AdminClient({"bootstrap.servers": address}).list_topics(timeout=20).brokers)
    if kind == "postgres":
        with psycopg.connect(address, connect_timeout=20) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    if kind == "http":
        return httpx.get(address, timeout=20).json() == "hello"
    if kind == "balancer":
        return address.states()["none"].requests == 0
    if kind == "web_server":
        return httpx.get(f"{address}/file", timeout=20).text == "hello"
    if kind == "object_store":
        with s3.client(address) as store:
            return store.put("key", content=b"hello").status_code == 200
    return address.process.alive


@contextmanager
def site():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "file").write_text("hello")
        with web_server(folder) as url:
            yield url


KINDS = {
    "redis": redis,
    "broker": broker,
    "postgres": postgres,
    "http": lambda: http_service(app),
    "any process": sleeper,
    "balancer": lambda: balancer({"none": "127.0.0.1:9"}),
    "web_server": site,
    "object_store": object_store,
}
ABSENT = {kind: why_absent(kind) for kind in ("balancer", "web_server", "object_store")}


def each(*kinds):
    """As parameters; those without a program for this system are skipped with the reason."""
    return [
        pytest.param(
            kind, marks=pytest.mark.skipif(bool(ABSENT.get(kind)), reason=f"{ABSENT.get(kind)}")
        )
        for kind in kinds
    ]


@pytest.mark.parametrize("kind", each(*KINDS))
def test_sigterm_and_sigkill_end_it_with_all_that_it_started_and_it_starts_again(
    kind, wait_for, running
):
    with KINDS[kind]() as address:
        for how in (signal.SIGTERM, signal.SIGKILL):
            assert asked(kind, address)
            child = psutil.Process(address.process.pid)
            family = [child.pid, *(each.pid for each in child.children(recursive=True))]
            os.kill(child.pid, how)
            assert wait_for(lambda: not address.process.alive, 60)
            if kind == "postgres":
                address.process.kill()  # as a restart does: sessions of a killed server live on
            assert wait_for(lambda pids=family: not any(map(running, pids)), 60)
            address.process.restart()
        assert asked(kind, address)


PARENT = """
import contextlib, json, sys, time
from mlsd_kit.services import (
    balancer, broker, http_service, object_store, postgres, process, redis, web_server
)
from mlsd_kit.services.programs import why_absent

def app():
    from fastapi import FastAPI
    return FastAPI()

starts = [redis, broker, lambda: http_service(app), postgres]
more = {
    "balancer": lambda: balancer({"none": "127.0.0.1:9"}),
    "web_server": lambda: web_server("."),
    "object_store": object_store,
}
starts += [start for name, start in more.items() if why_absent(name) is None]
with contextlib.ExitStack() as stack:
    found = [stack.enter_context(start()).process for start in starts]
    print(json.dumps([[one.pid, one._guard.pid] for one in found]), flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_a_parent_that_is_ended_leaves_no_orphan_of_any_kind(how, wait_for, running, tmp_path):
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env, text=True) as parent:
        pids = [pid for pair in json.loads(parent.stdout.readline()) for pid in pair]
        assert all(map(running, pids))
        parent.send_signal(how)
    assert wait_for(lambda: not any(map(running, pids)), 60)


@pytest.mark.parametrize("kind", each("redis", "broker", "balancer", "web_server"))
def test_a_thousand_half_open_connections_keep_nobody_out(kind, half_open):
    with KINDS[kind]() as address:
        port = int(address.split(":")[-1].split("/")[0])
        held = half_open(port, 1000)
        assert asked(kind, address)
        for link in held:
            link.close()  # the broker would wait for them at its end


def test_half_open_connections_take_all_places_of_the_database_for_seconds_only(
    half_open, wait_for
):
    def let_in():
        try:
            return asked("postgres", address)
        except psycopg.OperationalError as error:
            refused.append(str(error))
            time.sleep(0.3)  # each attempt is a process of its own there
            return False

    refused = []
    with postgres() as address:
        half_open(int(address.split(":")[-1].split("/")[0]), 200)
        assert wait_for(let_in, 60)
        assert any("too many clients" in said for said in refused)
        assert asked("postgres", address)


POOR = """
import os, sys, tempfile
from pathlib import Path
from mlsd_kit.services import (
    balancer, broker, http_service, object_store, postgres, redis, web_server
)
from mlsd_kit.services.alerts import AlertStore
from mlsd_kit.services.programs import why_absent

def app():
    from fastapi import FastAPI
    return FastAPI()

assert "HOME" not in os.environ
try:
    Path("written").touch()
    raise SystemExit("the checkout can be written: nothing is tried")
except OSError:
    pass
if why_absent("balancer") is None:
    with balancer({"none": "127.0.0.1:9"}):
        pass
if why_absent("web_server") is None:
    with web_server("."):
        pass
if why_absent("object_store") is None:
    with object_store():
        pass
with broker(), redis(), http_service(app), postgres():
    store = AlertStore(Path(tempfile.mkdtemp()) / "alerts.db")
    print(store.observe("a", 0, score=1.0, reason="r"), flush=True)
try:
    AlertStore("alerts.db")
except RuntimeError as error:
    print(error)
"""


@pytest.fixture
def checkout():
    """A copy of the package that nobody may write, and a folder for temporary files."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        made, scratch = Path(folder, "checkout"), Path(folder, "scratch")
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(mlsd_kit.__file__).parent, made / "mlsd_kit", ignore=leave)
        scratch.mkdir()
        for each in (Path(folder), scratch):
            each.chmod(0o777)
        for each in (made, *made.rglob("*")):
            each.chmod(each.stat().st_mode & 0o555)
        yield made, scratch
        for each in (made, *made.rglob("*")):
            each.chmod(each.stat().st_mode | 0o200)


def poor(checkout, before=()):
    made, scratch = checkout
    env = {k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_CACHE_HOME")}
    env |= {"PYTHONPATH": str(made), "TMPDIR": str(scratch), "PWD": str(made)}
    done = subprocess.run(
        [*before, sys.executable, "-c", POOR],
        cwd=made, env=env, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    paged, refused = done.stdout.splitlines()
    assert paged == "paged"
    assert refused.startswith("alerts.db: ") and "see that this user may write there" in refused
    assert list(scratch.rglob("*.log")) == []
    assert not (made / "~").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere: see the next test")
def test_a_read_only_checkout_and_no_home_are_enough(checkout):
    poor(checkout)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_another_user_with_a_read_only_checkout_and_no_home_is_served(checkout, another_user):
    poor(checkout, another_user)
