"""A web service in a process of its own."""

import asyncio
import os
import signal
import socket

import httpx
import pytest

from mlsd_kit.services import ServiceError, _serve, free_port, http_service

APP = """
import os
from fastapi import FastAPI

app = FastAPI()

@app.get("/")
def who():
    return {"pid": os.getpid(), "word": os.environ.get("WORD")}

def make():
    return app

not_an_app = 3
"""


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "shop.py"
    file.write_text(APP)
    return file


@pytest.mark.parametrize("name", ["app", "make"])
def test_an_app_from_a_file_answers_from_its_own_process(file, name, running):
    with http_service(f"{file}:{name}", env={"WORD": "hello"}) as url:
        assert url.startswith("http://127.0.0.1:")
        told = httpx.get(url).json()
        assert told == {"pid": url.process.pid, "word": "hello"}
        assert url.process.name == "shop"
    assert not running(told["pid"])


def test_an_app_from_a_module_answers(file, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(file.parent))
    with http_service("shop:app") as url:
        assert httpx.get(url).status_code == 200


def test_a_function_of_this_file_makes_the_app():
    word = "closed over"

    def make():
        from fastapi import FastAPI

        app = FastAPI()
        app.get("/")(lambda: word)
        return app

    with http_service(make) as url:
        assert httpx.get(url).json() == "closed over"


def test_killed_it_refuses_and_restarted_it_is_where_it_was(file):
    with http_service(f"{file}:app") as url:
        first = httpx.get(url).json()["pid"]
        url.process.kill()
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)
        url.process.restart()
        assert httpx.get(url).json()["pid"] == url.process.pid != first


def test_killed_from_outside_it_is_noticed(file, wait_for):
    with http_service(f"{file}:app") as url:
        os.kill(url.process.pid, signal.SIGKILL)
        assert wait_for(lambda: not url.process.alive)
        with pytest.raises(ServiceError, match=r"shop died \(signal 9\)"):
            url.process.check()


def test_an_app_that_raises_at_import_shows_its_error(tmp_path):
    file = tmp_path / "broken.py"
    file.write_text("raise RuntimeError('no model file')\n")
    with pytest.raises(ServiceError, match=r"(?s)broken did not start.*no model file"):
        http_service(f"{file}:app").__enter__()


def test_an_app_that_fails_to_start_up_shows_its_error(tmp_path):
    file = tmp_path / "failing.py"
    file.write_text(
        "import contextlib, fastapi\n"
        "@contextlib.asynccontextmanager\n"
        "async def life(app):\n"
        "    raise RuntimeError('no database')\n"
        "    yield\n"
        "app = fastapi.FastAPI(lifespan=life)\n"
    )
    with pytest.raises(ServiceError, match=r"(?s)failing did not start.*no database"):
        http_service(f"{file}:app").__enter__()


def test_a_name_that_is_not_in_the_file_is_said(file):
    with pytest.raises(ServiceError, match=r"(?s)did not start.*no attribute 'nothing'"):
        http_service(f"{file}:nothing").__enter__()


@pytest.mark.parametrize("app", ["shop", "shop:", ":app"])
def test_a_text_without_module_and_name_is_refused(app):
    with pytest.raises(ServiceError, match="names no app"):
        http_service(app).__enter__()


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ServiceError, match=r"there is no file .*nowhere.py"):
        http_service(f"{tmp_path}/nowhere.py:app").__enter__()


def test_a_port_can_be_chosen_and_one_in_use_is_refused(file):
    port = free_port()
    with http_service(f"{file}:app", port=port) as url:
        assert url == f"http://127.0.0.1:{port}"
        with pytest.raises(ServiceError, match=f"port {port} is in use: leave"):
            http_service(f"{file}:app", port=port).__enter__()
        assert httpx.get(url).status_code == 200


def test_a_server_of_ones_own_is_used(monkeypatch, file):
    monkeypatch.setenv("MLSD_HTTP_SHOP", "http://example.invalid:1/")
    with http_service(f"{file}:app", name="shop") as url:
        assert url == "http://example.invalid:1" and url.process is None
    with http_service(f"{file}:app", name="other") as url:
        assert url.process is not None


def test_it_listens_on_loopback_only(file):
    import psutil

    with http_service(f"{file}:app") as url:
        listening = [c for c in psutil.Process(url.process.pid).net_connections() if not c.raddr]
        assert {c.laddr.ip for c in listening} == {"127.0.0.1"}


def test_answers_do_not_wait_for_acknowledgements():
    async def undelayed() -> int:
        accepted = asyncio.get_running_loop().create_future()

        async def note(_, writer):
            own = writer.get_extra_info("socket")
            accepted.set_result(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = _serve.listen(0)
        server = await asyncio.start_server(note, sock=listening)
        async with server:
            _, writer = await asyncio.open_connection(*listening.getsockname())
            writer.close()
            return await accepted

    assert asyncio.run(undelayed()) == 1
