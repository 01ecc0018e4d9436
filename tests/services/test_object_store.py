"""An object store with S3's interface: what it keeps, for whom, and who was first."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import duckdb
import httpx
import psutil
import pytest

from mlsd_kit.services import ServiceError, object_store, s3
from mlsd_kit.services.programs import Program, why_absent

pytestmark = pytest.mark.skipif(
    bool(why_absent("object_store")), reason=why_absent("object_store") or "it is there"
)


@pytest.fixture(scope="module")
def address():
    """One store for the tests that leave it running; each uses keys of its own."""
    with object_store() as found:
        yield found


@pytest.fixture
def store(address):
    with s3.client(address) as client:
        yield client


def texts(answer, name):
    """The texts of the elements of that name in an answer."""
    return [
        each.text for each in ElementTree.fromstring(answer.content).iterfind(f".//{{*}}{name}")
    ]


def test_objects_come_back_are_listed_page_by_page_and_go(store):
    keys = [f"listed/{i:02d} café+.csv" for i in range(7)]
    for key in keys:
        assert store.put(key, content=key.encode()).status_code == 200
    got = store.get(keys[3])
    assert got.content == keys[3].encode() and got.headers["etag"]
    assert store.head(keys[3]).headers["content-length"] == str(len(got.content))

    found, asked = [], {"list-type": "2", "prefix": "listed/", "max-keys": "3"}
    pages = 0
    while True:
        page = store.get("", params=asked)
        found += texts(page, "Key")
        pages += 1
        if texts(page, "IsTruncated") == ["false"]:
            break
        asked["continuation-token"] = texts(page, "NextContinuationToken")[0]
    assert found == keys and pages == 3

    assert store.delete(keys[3]).status_code == 204
    assert store.get(keys[3]).status_code == 404
    assert len(texts(store.get("", params={"list-type": "2", "prefix": "listed/"}), "Key")) == 6


def test_a_range_is_answered_with_that_part(store):
    store.put("part", content=bytes(range(256)))
    got = store.get("part", headers={"Range": "bytes=10-12"})
    assert (got.status_code, got.content) == (206, bytes([10, 11, 12]))
    assert got.headers["content-range"] == "bytes 10-12/256"


def test_a_large_object_comes_back_also_in_parts(store):
    big = os.urandom(1 << 20) * 12  # more than the store keeps in one piece
    assert store.put("big", content=big).status_code == 200
    assert store.get("big").content == big

    half = 6 << 20
    (upload,) = texts(store.post("parts", params={"uploads": ""}), "UploadId")
    tags = [
        store.put(
            "parts", params={"partNumber": str(n), "uploadId": upload}, content=piece
        ).headers["etag"]
        for n, piece in enumerate((big[:half], big[half:]), 1)
    ]
    assert store.get("parts").status_code == 404, "it is there when it is whole"
    done = "".join(
        f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>"
        for n, tag in enumerate(tags, 1)
    )
    done = f"<CompleteMultipartUpload>{done}</CompleteMultipartUpload>"
    assert store.post("parts", params={"uploadId": upload}, content=done).status_code == 200
    assert store.get("parts").content == big


def test_put_if_absent_has_one_winner_however_many_race(address, store):
    writers, rounds = 8, 5
    once = {"If-None-Match": "*"}
    store.put("there", content=b"first")
    assert store.put("there", content=b"second", headers=once).status_code == 412
    assert store.get("there").content == b"first"
    start = Barrier(writers, timeout=60)

    def write(me):
        with s3.client(address) as own:
            codes = []
            for each in range(rounds):
                start.wait()
                got = own.put(f"race/{each}", content=f"{me}".encode(), headers=once)
                codes.append(got.status_code)
            return codes

    with ThreadPoolExecutor(writers) as pool:
        by_writer = list(pool.map(write, range(writers)))
    for each in range(rounds):
        codes = [codes[each] for codes in by_writer]
        assert codes.count(200) == 1, codes
        assert set(codes) <= {200, 409, 412}, codes  # 409: it was being written just then
        assert store.get(f"race/{each}").content == f"{codes.index(200)}".encode()


def test_put_if_it_is_still_what_was_read(store):
    tag = store.put("state", content=b"1").headers["etag"]
    assert store.put("state", content=b"2", headers={"If-Match": tag}).status_code == 200
    assert store.put("state", content=b"3", headers={"If-Match": tag}).status_code == 412
    assert store.get("state").content == b"2"


def test_a_lake_table_keeps_the_appends_of_writers_at_the_same_time(address):
    deltalake = pytest.importorskip("deltalake")
    place, options = f"s3://{s3.bucket(address)}/table", s3.storage_options(address)

    def append(me):
        for each in range(2):
            rows = duckdb.connect().sql(f"SELECT {me} AS writer, {each} AS n")
            deltalake.write_deltalake(place, rows, mode="append", storage_options=options)

    append(0)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(append, [1, 2, 3]))
    table = deltalake.DeltaTable(place, storage_options=options)
    query = deltalake.QueryBuilder().register("found", table).execute("SELECT writer, n FROM found")
    found = query.read_all()
    pairs = zip(found.column("writer").to_pylist(), found.column("n").to_pylist(), strict=True)
    assert Counter(pairs) == Counter((writer, n) for writer in range(4) for n in range(2))
    assert table.version() == 7


def test_nobody_else_gets_in(address):
    own = httpx.URL(address)
    for other in (own.copy_with(username=None, password=None), own.copy_with(password="guess")):
        with s3.client(str(other)) as stranger:
            assert stranger.put("a", content=b"").status_code == 403
            assert stranger.get("").status_code == 403


def test_it_listens_on_loopback_only(address):
    connections = psutil.Process(address.process.pid).net_connections("inet")
    at = {c.laddr for c in connections if c.status == psutil.CONN_LISTEN}
    assert {each.ip for each in at} == {"127.0.0.1"}
    assert httpx.URL(address).port in {each.port for each in at} and len(at) == 10


def left(address):
    """What of a store is still there: its data, and its sockets in /tmp."""
    child = address.process
    return [each for each in child._leavings if each.exists()]


def test_two_at_once_do_not_meet_and_nothing_is_left(address, running):
    with object_store(bucket="second") as other:
        assert s3.bucket(other) == "second"
        with s3.client(other) as theirs, s3.client(address) as ours:
            theirs.put("theirs", content=b"1")
            assert theirs.get("theirs").content == b"1"
            assert ours.get("theirs").status_code == 404
        assert left(other)
        pid, folder = other.process.pid, other.process.folder
    assert not running(pid) and not folder.exists() and left(other) == []


def test_killed_in_mid_write_it_has_all_it_acknowledged(wait_for):
    with object_store() as address:
        kept = []

        def write():
            with s3.client(address) as client, contextlib.suppress(httpx.HTTPError):
                for each in range(10_000):
                    if client.put(f"k/{each}", content=b"%d" % each * 1000).status_code != 200:
                        return
                    kept.append(each)

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(write)
            assert wait_for(lambda: len(kept) >= 30, 60)
            address.process.kill()
            writing.result()
        address.process.restart()
        with s3.client(address) as client:
            lost = [n for n in kept if client.get(f"k/{n}").content != b"%d" % n * 1000]
    assert len(kept) >= 30 and lost == []


def test_killed_it_is_noticed_and_its_log_kept_without_its_data(wait_for):
    with object_store() as address:
        os.kill(address.process.pid, signal.SIGKILL)
        assert wait_for(lambda: not address.process.alive)
        with pytest.raises(ServiceError, match=r"object_store died \(signal 9\)"):
            address.process.check()
    assert address.process.log.exists() and left(address) == []


def test_it_dies_with_its_parent_and_its_data_go(running, wait_for, tmp_path):
    code = (
        "import sys; from mlsd_kit.services import object_store\n"
        "with object_store() as url:\n"
        "    print(url.process.pid, *url.process._leavings, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    pid, data, *sockets = parent.stdout.readline().split()
    assert running(int(pid)) and Path(data).is_dir() and any(Path(s).exists() for s in sockets)
    parent.kill()
    parent.communicate()
    assert wait_for(lambda: not running(int(pid)))
    assert wait_for(lambda: not any(Path(each).exists() for each in (data, *sockets)))


def test_a_server_of_ones_own_is_used(monkeypatch):
    monkeypatch.setenv("MLSD_S3_URL", "http://key:secret@a.example:9000/own/")
    with object_store() as url:
        assert url == "http://key:secret@a.example:9000/own" and url.process is None
        options = s3.storage_options(url)
    assert options["aws_endpoint_url"] == "http://a.example:9000"
    assert options["aws_access_key_id"] == "key" and options["aws_secret_access_key"] == "secret"
    assert "aws_skip_signature" not in options


def test_a_port_in_use_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port} is in use"):
            object_store(port=port).__enter__()


def test_another_store_at_the_port_is_not_taken_for_ours(address, monkeypatch):
    taken = httpx.URL(address).port
    monkeypatch.setattr("mlsd_kit.services.ports.free_port", lambda: taken)
    monkeypatch.setattr("mlsd_kit.services.ports.ATTEMPTS", 1)
    with pytest.raises(ServiceError, match=r"(?s)did not start .*address already in use"):
        object_store().__enter__()
    assert address.process.alive


@pytest.mark.parametrize("name", ["ab", "Lake", "a_b", "-ab", "a" * 64])
def test_a_bucket_of_no_such_name_is_said_at_once(name):
    with pytest.raises(ServiceError, match="is no bucket's name: give 3 to 63"):
        object_store(bucket=name).__enter__()


def use(monkeypatch, program, script):
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(Program, "path", lambda self: program)


def test_a_program_that_ends_at_once_is_reported_with_its_words(tmp_path, monkeypatch):
    use(monkeypatch, tmp_path / "weed", "echo no memory; exit 3")
    with pytest.raises(ServiceError, match=r"(?s)object_store did not start .*code 3.*no memory"):
        object_store().__enter__()


def test_a_program_that_never_answers_is_given_up(tmp_path, monkeypatch):
    use(monkeypatch, tmp_path / "weed", "sleep 60")
    with pytest.raises(ServiceError, match="was not ready after"):
        object_store(timeout=0.5).__enter__()
