"""The learner's side, run here: loading, answering, explaining, and what the guard forbids."""

import os
import socket
import struct
import threading

import numpy as np
import pytest

from mlsd_kit.curriculum.grading import child, guard, wire

SOURCE = "def f(x):\n    x[0] = 9\n    return [v + 1 for v in x]\n"


def request(source=SOURCE, function="f", pickled=None):
    return {"function": function, "source": source, "filename": "mine.py", "pickled": pickled}


def test_a_session_over_the_channel():
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=child._serve, args=(theirs,))
    thread.start()

    def ask(message):
        data = wire.pack(message)
        ours.sendall(struct.pack("<Q", len(data)) + data)
        return wire.unpack(child.receive(ours))

    assert ask(request()) == {"loaded": True}
    answer = ask({"arguments": {"x": wire.pack([1, 2])}})
    assert wire.unpack(answer["result"]) == [10, 3]
    assert wire.unpack(answer["after"]["x"]) == [9, 2]
    timed = ask({"arguments": {"x": wire.pack([1, 2])}, "runs": 3, "budget": 1.0})
    assert len(timed["times"]) == 3
    failed = ask({"arguments": {"x": wire.pack(None)}})
    assert failed["error"]["type"] == "TypeError"
    assert failed["error"]["lines"] == [(2, "f", "x[0] = 9")]
    assert "error" in ask({"arguments": {"x": wire.pack(None)}, "runs": 3, "budget": 1.0})
    assert ask(request("x = 1\n"))["error"]["message"] == "the file defines no function `f`"
    ours.close()
    thread.join(5)
    assert not thread.is_alive()


def test_a_pickled_function_is_loaded():
    import cloudpickle

    function = child._load(request(pickled=cloudpickle.dumps(lambda x: x + 1)))
    assert function(1) == 2


def test_a_syntax_error_is_told_with_its_line():
    with pytest.raises(SyntaxError) as error:
        child._load(request("def f(:\n    pass\n"))
    told = child._explain(error.value, "mine.py")
    assert told["type"] == "SyntaxError"
    assert told["lines"] == [(1, "", "def f(:")]


def test_an_exception_that_cannot_be_printed_is_told_all_the_same():
    class Evil(Exception):
        def __str__(self):
            raise RuntimeError

    told = child._explain(Evil(), "mine.py")
    assert told == {"type": "Evil", "message": "", "lines": []}
    assert child._explain(MemoryError(), "mine.py")["type"] == "MemoryError"


def test_a_closed_channel_ends_the_session():
    ours, theirs = socket.socketpair()
    ours.sendall(b"\x05\0\0")
    ours.close()
    assert child.receive(theirs) is None


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.connect", (None, None)),
        ("urllib.Request", ("http://localhost", None, {}, "GET")),
        ("subprocess.Popen", ("true", [], None, None)),
        ("os.kill", (1, 9)),
        ("os.fork", ()),
        ("ctypes.dlopen", (None,)),
        ("open", ("/etc/hosts", "w", os.O_WRONLY)),
        ("open", (b"/etc/hosts", "a", os.O_APPEND)),
        ("os.remove", ("/etc/hosts", -1)),
        ("os.rename", ("{home}/a", "/etc/hosts", -1, -1)),
        ("open", ("{home}/../escaped", "w", os.O_CREAT)),
    ],
)
def test_the_guard_forbids(event, arguments, tmp_path):
    hook = guard.rules(str(tmp_path))
    arguments = [a.format(home=tmp_path) if isinstance(a, str) else a for a in arguments]
    with pytest.raises(PermissionError, match="your code"):
        hook(event, tuple(arguments))


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("open", ("/etc/hosts", "r", os.O_RDONLY)),
        ("open", ("{home}/a", "w", os.O_WRONLY)),
        ("open", ("/dev/null", "w", os.O_WRONLY)),
        ("open", (3, "w", os.O_WRONLY)),
        ("os.remove", ("{home}/a", -1)),
        ("import", ("numpy",)),
        ("ctypes.dlopen", ("libm.so.6",)),
        ("os.chmod", (3, 0o600, -1)),
    ],
)
def test_the_guard_permits(event, arguments, tmp_path):
    arguments = [a.format(home=tmp_path) if isinstance(a, str) else a for a in arguments]
    guard.rules(str(tmp_path))(event, tuple(arguments))


def test_numpy_answers_travel():
    answer = child._answer(lambda x: x * 2, {"x": wire.pack(np.arange(3))}, "mine.py")
    np.testing.assert_array_equal(wire.unpack(answer["result"]), [0, 2, 4])
    assert answer["after"]["x"] == wire.pack(np.arange(3))
