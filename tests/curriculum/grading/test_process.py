"""The judge's side of a process that answers with whatever it likes."""

import os
import socket
import struct

import numpy as np
import pytest

from mlsd_kit.curriculum.grading import GradingError, diagnose, process, sandbox, wire
from mlsd_kit.curriculum.grading.bench import Bench
from mlsd_kit.curriculum.grading.errors import Failed
from mlsd_kit.curriculum.grading.process import Child, Program, _failure

ARGUMENTS = {"x": wire.pack([1])}


@pytest.fixture
def talk(tmp_path):
    """A child whose other end is ours: it says the given bytes, whatever it is asked."""
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    child = Child(lambda pid: 0, 2**22 + 7, ours, reading, tmp_path / "child", 0.3)

    def say(data, raw=False):
        theirs.sendall(data if raw else struct.pack("<Q", len(data)) + data)
        return child

    yield say
    for end in (theirs, ours):
        end.close()
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [1, 2],
        {},
        {"result": wire.pack(1)},
        {"result": 1, "after": {"x": wire.pack([1])}},
        {"result": wire.pack(1), "after": [1]},
        {"result": wire.pack(1), "after": {}},
        {"result": wire.pack(1), "after": {"x": np.array([1, 2])}},
        {"error": 3},
        np.zeros(3),
    ],
)
def test_an_answer_of_another_form_is_a_crash(talk, answer):
    with pytest.raises(Failed) as failed:
        talk(wire.pack(answer)).call(ARGUMENTS)
    assert failed.value.status == "crashed"
    assert str(failed.value) == process.BROKEN


@pytest.mark.parametrize("times", [None, "now", [1], ["1.0"]])
def test_times_of_another_form_are_a_crash(talk, times):
    with pytest.raises(Failed, match="broke the process"):
        talk(wire.pack({"times": times})).times(ARGUMENTS, 3, 0.1)


def test_bytes_that_are_no_message_are_a_crash(talk):
    with pytest.raises(Failed, match="broke the process"):
        talk(b"\xff" * 40).call(ARGUMENTS)


def test_a_size_beyond_the_limit_is_never_read(talk):
    with pytest.raises(Failed, match="larger than 64 MB"):
        talk(struct.pack("<Q", 2**62), raw=True).call(ARGUMENTS)


def test_half_an_answer_is_timed_out(talk):
    with pytest.raises(Failed) as failed:
        talk(struct.pack("<Q", 100) + b"x", raw=True).call(ARGUMENTS)
    assert failed.value.status == "timed out"


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        ({"type": "NotImplementedError"}, "not started", "nothing written yet"),
        ({"type": "MemoryError"}, "out of memory", "2 GiB"),
        ({"type": "E", "message": "m", "lines": "none"}, "error", "E: m"),
        ({"type": "E", "lines": [None, [1], [1, 2, 3], ["a", "b", "c"]]}, "error", "line 1 in 2"),
        ({"type": "E" * 1000, "message": "m" * 9000}, "error", "E" * 80 + ": " + "m" * 1000),
        ({}, "error", ""),
    ],
)
def test_a_failure_is_read_field_by_field(error, status, message):
    failed = _failure(error)
    assert failed.status == status
    assert message in failed.message
    assert len(failed.message) < 2000


def test_a_nursery_that_cannot_start_is_a_sentence(monkeypatch):
    monkeypatch.setattr(sandbox, "START", "import sys; sys.exit('no such thing {home} {fd}')")
    with (
        sandbox.Sandbox() as broken,
        pytest.raises(GradingError, match="could not start: no such thing"),
    ):
        broken.child(Program("f", "def f(): pass", "mine.py"))


def test_a_nursery_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(sandbox, "START", "import time; time.sleep(60)  # {home} {fd}")
    with sandbox.Sandbox() as stuck:
        nursery = stuck._nursery
    assert nursery.poll() is not None


def test_the_learners_process_has_one_thread_a_home_of_its_own_and_no_path(nursery):
    source = (
        "import os, sys\ndef f():\n"
        "    return [os.environ['OMP_NUM_THREADS'], os.getcwd(), sys.flags.isolated,\n"
        "            len(os.listdir('.')), os.environ.get('PYTHONPATH')]\n"
    )
    with nursery.child(Program("f", source, "mine.py")) as child:
        threads, folder, isolated, files, path = wire.unpack(child.call({}).result)
    assert (threads, isolated, files, path) == ("1", 1, 0, None)
    assert not os.path.exists(folder)  # noqa: PTH110


def test_a_bench_judges_like_a_sandbox():
    def wrong(x):
        x[0] = 2
        return x

    bench = Bench({"wrong": wrong, "fails": lambda x: 1 / 0, "open": _open})
    with bench.child(Program("wrong", "", "")) as child:
        reply = child.call(ARGUMENTS)
    assert reply.changed == ("x",)
    assert wire.unpack(reply.result) == [2]
    with pytest.raises(Failed, match="ZeroDivisionError"):
        bench.child(Program("fails", "", "")).call(ARGUMENTS)
    with pytest.raises(Failed) as failed:
        bench.child(Program("open", "", "")).call(ARGUMENTS)
    assert failed.value.status == "not started"


def _open(x):
    raise NotImplementedError("write it")


def test_a_misconception_that_fails_explains_nothing():
    def fails(x):
        """Fails."""
        raise ValueError

    def agrees(x):
        """Agrees.

        More.
        """
        return x

    calls = [diagnose.Call(ARGUMENTS, wire.pack([1]))]
    both = {"fails": fails, "agrees": agrees}
    assert diagnose.diagnose(both, calls, [calls]) == (("agrees", "Agrees."),)
    assert diagnose.diagnose(both, [], [calls]) == ()


def test_beside_a_second_error_a_name_takes_more_than_one_call():
    def doubled(x):
        """Doubled."""
        return [2 * v for v in x]

    def call(value, answer):
        return diagnose.Call({"x": wire.pack([value])}, wire.pack([answer]))

    def named(*checks, right=lambda x: x):
        return diagnose.diagnose({"doubled": doubled}, checks[0], list(checks), right=right) != ()

    agrees, more, differs = [call(1, 2)], [call(2, 4), call(3, 6)], [call(5, 6)]
    assert named(agrees) and named(agrees, more)
    assert not named(agrees, differs), "one call may agree by chance"
    assert not named(agrees, [call(0, 0), call(1, 2)], differs), "here both give the same"
    assert named(agrees, more, differs)
    assert not named(agrees, more, differs, right=None)
