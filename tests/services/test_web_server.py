"""A web server for a folder: parts of files, entity tags, a limit on the rate, its log."""

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import psutil
import pytest

from mlsd_kit.services import ServiceError, free_port, web_server
from mlsd_kit.services.programs import Program, why_absent

pytestmark = pytest.mark.skipif(
    bool(why_absent("web_server")), reason=why_absent("web_server") or "it is there"
)


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "a site's $folder"  # a name that no configuration should meet
    (folder / "shop").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>Shop</h1>")
    (folder / "shop" / "index.html").write_text("<h1>Products</h1>")
    (folder / "robots.txt").write_text("User-agent: *\nDisallow: /private\n")
    (folder / "data.bin").write_bytes(bytes(range(256)))
    return folder


def test_files_come_back_and_nothing_is_left(site, running):
    with web_server(site) as url:
        assert httpx.get(url).text == "<h1>Shop</h1>"
        page = httpx.get(f"{url}/shop/")
        assert page.text == "<h1>Products</h1>"
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert httpx.get(f"{url}/data.bin").content == bytes(range(256))
        assert httpx.get(f"{url}/none").status_code == 404
        pid, folder = url.process.pid, url.process.folder
    assert not running(pid) and not folder.exists() and (site / "index.html").exists()


def test_it_listens_on_loopback_only_at_its_address(site):
    with web_server(site) as url:
        connections = psutil.Process(url.process.pid).net_connections()
        assert [f"http://{c.laddr.ip}:{c.laddr.port}" for c in connections] == [url]
        assert psutil.Process(url.process.pid).children() == []


def test_a_range_is_answered_with_that_part(site):
    with web_server(site) as url:

        def part(asked):
            got = httpx.get(f"{url}/data.bin", headers={"Range": f"bytes={asked}"})
            return got.status_code, got.headers.get("content-range"), got.content

        assert part("10-12") == (206, "bytes 10-12/256", bytes([10, 11, 12]))
        assert part("-2") == (206, "bytes 254-255/256", bytes([254, 255]))
        assert part("250-999")[:2] == (206, "bytes 250-255/256")
        assert part("256-")[:2] == (416, "bytes */256")


def test_what_has_not_changed_is_304_and_a_change_is_served(site):
    with web_server(site) as url:
        tag = httpx.get(url).headers["etag"]
        assert httpx.get(url, headers={"If-None-Match": tag}).status_code == 304
        (site / "index.html").write_text("<h1>Another template</h1>")
        again = httpx.get(url, headers={"If-None-Match": tag})
        assert again.status_code == 200 and again.text == "<h1>Another template</h1>"


def test_above_the_rate_429_says_when_to_come_again(site):
    with web_server(site, rate=0.25, burst=2) as url, httpx.Client() as client:
        got = [client.get(f"{url}/robots.txt") for _ in range(5)]
        assert [each.status_code for each in got] == [200, 200, 200, 429, 429]
        assert [each.headers.get("retry-after") for each in got] == [None] * 3 + ["5"] * 2
        time.sleep(float(got[-1].headers["retry-after"]))
        assert client.get(f"{url}/robots.txt").status_code == 200
        assert [each.status for each in url.requests()] == [200, 200, 200, 429, 429, 200]


def test_without_a_rate_nothing_is_refused(site):
    with web_server(site) as url, httpx.Client() as client:
        assert {client.get(url).status_code for _ in range(300)} == {200}


def test_its_log_tells_what_was_asked_and_is_kept_over_a_restart(site):
    with web_server(site) as url:
        httpx.get(f"{url}/private/x?q=a b", headers={"User-Agent": 'bot "1"'})
        assert len(url.requests()) == 1  # before the kill, which could be faster than the log
        url.process.kill()
        url.process.restart()
        httpx.head(f"{url}/robots.txt")
        one, two = url.requests()
    assert (one.method, one.path, one.status) == ("GET", "/private/x?q=a%20b", 404)
    assert one.agent == 'bot "1"' and one.time <= two.time <= time.time()
    assert (two.method, two.path, two.status, two.bytes) == ("HEAD", "/robots.txt", 200, 0)


def test_what_was_answered_is_in_the_log_at_once(site):
    with web_server(site, rate=60_000, burst=1000) as url, httpx.Client() as client:
        for count in range(1, 201):
            client.get(url)
            assert len(url.requests()) == count


def test_two_at_once_do_not_meet(site):
    with web_server(site) as one, web_server(site / "shop") as two:
        assert httpx.get(one).text != httpx.get(two).text
        assert len(one.requests()) == len(two.requests()) == 1


def test_killed_it_is_noticed_and_its_log_kept(site, wait_for):
    with web_server(site) as url:
        assert httpx.get(url).status_code == 200 and len(url.requests()) == 1
        os.kill(url.process.pid, signal.SIGKILL)
        assert wait_for(lambda: not url.process.alive)
        assert [each.status for each in url.requests()] == [200]
        with pytest.raises(ServiceError, match=r"web_server died \(signal 9\)"):
            url.process.check()
    assert url.process.log.exists()


def test_it_dies_with_its_parent(site, running, wait_for, tmp_path):
    code = (
        "import sys; from mlsd_kit.services import web_server\n"
        f"with web_server({str(site)!r}) as url:\n"
        "    print(url.process.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    pid = int(parent.stdout.readline())
    assert running(pid)
    parent.kill()
    parent.communicate()
    assert wait_for(lambda: not running(pid))


def test_a_server_of_ones_own_is_used(monkeypatch):
    monkeypatch.setenv("MLSD_WEB_URL", "http://a.example/")
    with web_server("/no/such/folder") as url:
        assert url == "http://a.example" and url.process is None
        with pytest.raises(ServiceError, match="server of your own: read its log where"):
            url.requests()


def test_a_connection_without_a_request_is_closed(site):
    with web_server(site) as url:
        at = ("127.0.0.1", int(url.rpartition(":")[2]))
        with socket.create_connection(at, timeout=30) as silent:
            silent.settimeout(30)
            assert b"".join(iter(lambda: silent.recv(1000), b"")).count(b" 200 ") == 0
        assert httpx.get(url).status_code == 200


def test_a_port_in_use_is_refused(site):
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port} is in use"):
            web_server(site, port=port).__enter__()


def test_another_server_at_the_port_is_not_taken_for_ours(site, monkeypatch):
    good = free_port()
    with web_server(site) as one:
        offered = iter([int(one.rpartition(":")[2]), good])
        monkeypatch.setattr("mlsd_kit.services.ports.free_port", offered.__next__)
        with web_server(site) as other:
            assert other == f"http://127.0.0.1:{good}" and other.process.alive
        assert one.process.alive


def test_what_cannot_be_is_said_at_once(site):
    with pytest.raises(ServiceError, match=r"there is no folder .*/none to serve"):
        web_server(site / "none").__enter__()
    with pytest.raises(ServiceError, match=r"less than one request a minute"):
        web_server(site, rate=0.001).__enter__()


def use(monkeypatch, program, script):
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(Program, "path", lambda self: program)


def test_a_program_that_ends_at_once_is_reported_with_its_words(site, tmp_path, monkeypatch):
    use(monkeypatch, tmp_path / "nginx", "echo no memory; exit 3")
    with pytest.raises(ServiceError, match=r"(?s)web_server did not start .*code 3.*no memory"):
        web_server(site).__enter__()


def test_a_program_that_never_answers_is_given_up(site, tmp_path, monkeypatch):
    use(monkeypatch, tmp_path / "nginx", "sleep 60")
    with pytest.raises(ServiceError, match="was not ready after"):
        web_server(site, timeout=0.5).__enter__()
