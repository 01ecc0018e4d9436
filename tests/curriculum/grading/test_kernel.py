"""What goes past Python meets the kernel, and what the judge needs it has read before."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlsd_kit.curriculum.grading import child, errors, grade, grader, kernel, process
from mlsd_kit.curriculum.grading.catalogue import find
from mlsd_kit.curriculum.grading.verdict import CheckResult

RIGHT = "return float(((scale * np.asarray(x, dtype=float)) ** 2).sum())"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="of Linux: Landlock, seccomp, /proc")


def body(text):
    lines = "\n".join("    " + line for line in text.strip("\n").splitlines())
    return "import numpy as np\n\ndef total(x, scale=1.0):\n" + lines + "\n"


def judged(tmp_path, text):
    file = tmp_path / "mine.py"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return grade("total", file=file)


@pytest.fixture
def elsewhere(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "kept.txt").write_text("kept")
    return folder


PAST_PYTHON = {
    "a file beside a folder's descriptor": (
        "fd = os.open({there!r}, os.O_RDONLY)\n"
        "os.close(os.open('new.txt', os.O_CREAT | os.O_WRONLY, dir_fd=fd))"
    ),
    "a file removed beside a folder's descriptor": (
        "fd = os.open({there!r}, os.O_RDONLY)\nos.remove('kept.txt', dir_fd=fd)"
    ),
    "a database": (
        "import sqlite3\nopened = sqlite3.connect({there!r} + '/new.db')\n"
        "opened.execute('create table t (x)')\nopened.commit()"
    ),
    "the C library by name": (
        "import ctypes\nlibc = ctypes.CDLL('libc.so.6')\n"
        "libc.open(({there!r} + '/new.txt').encode(), 0o101, 0o644)"
    ),
    "a program without an event": (
        "import _posixsubprocess as p\nr, w = os.pipe()\n"
        "p.fork_exec([b'/bin/touch', b'/usr/bin/touch'], [b'touch', ({there!r} + '/new').encode()],"
        " True, (), None, None, -1, -1, -1, -1, -1, -1, r, w, False, False, 0, None, None, None,"
        " -1, None, False)"
    ),
    "the judge's memory": "open(f'/proc/{{os.getppid()}}/maps').read()",
}


@LINUX
@pytest.mark.parametrize("way", PAST_PYTHON)
def test_what_goes_past_python_is_refused_and_changes_nothing(way, curriculum, tmp_path, elsewhere):
    attack = PAST_PYTHON[way].format(there=str(elsewhere))
    verdict = judged(tmp_path, body(f"import os\n{attack}\n{RIGHT}"))
    assert verdict.status in ("error", "crashed")
    assert [path.name for path in elsewhere.iterdir()] == ["kept.txt"]


def confined(action, folder):
    """Exit code of a process that is confined, and then does something."""
    pid = os.fork()
    if pid == 0:
        code = 9
        try:
            kernel.confine(str(folder), child._libc())
            code = action()
        except PermissionError:
            code = 1
        except OSError:
            code = 2
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _threads_and_own_files():
    import threading

    thread = threading.Thread(target=Path("own.txt").write_text, args=("x",))
    thread.start()
    thread.join()
    Path("own.txt").rename("other.txt")
    Path("other.txt").unlink()
    return len(Path(os.__file__).read_text()) == 0


@LINUX
@pytest.mark.parametrize(
    ("action", "code"),
    [
        (_threads_and_own_files, 0),
        (lambda: os.fork() and 0, 1),
        (lambda: os.execv("/bin/true", ["true"]), 1),
        (lambda: os.kill(os.getppid(), 0) or 0, 1),
        (lambda: Path("../outside.txt").write_text("x") and 0, 1),
        (lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes() and 0, 1),
    ],
    ids=["own files and threads", "fork", "exec", "kill", "write", "another's memory"],
)
def test_the_kernel_refuses_what_the_guard_never_saw(action, code, tmp_path, monkeypatch):
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert confined(action, folder) == code


def test_the_judge_runs_nothing_that_was_written_after_a_learners_code(curriculum, tmp_path):
    """A check plays the learner's part: it writes into the exercise's files while it runs."""
    folder = find("total").folder
    checks = folder / "checks.py"
    forged = "import mlsd_kit.curriculum.grading.grader as g\ng.overall = lambda *a: 'passed'\n"
    checks.write_text(
        checks.read_text().replace(
            '    same(call(**given), sum(float(v) ** 2 for v in given["x"]))',
            f"    from pathlib import Path\n"
            f"    Path({str(folder / 'misconceptions.py')!r}).write_text({forged!r})\n"
            f"    Path({str(folder / 'reference.py')!r}).write_text({forged!r})\n"
            f'    same(call(**given), sum(float(v) ** 2 for v in given["x"]))',
        )
    )
    before = grader.overall
    verdict = judged(tmp_path, body("return 1.0"))
    assert verdict.status == "wrong" and grader.overall is before
    assert (folder / "misconceptions.py").read_text() == forged


def test_a_pass_takes_every_declared_check():
    ran = tuple(CheckResult(str(n), "s", errors.PASSED) for n in range(2))
    assert grader.overall(ran, 2) == errors.PASSED
    assert grader.overall(ran, 3) == grader.overall((), 0) == grader.overall((), 3) == errors.ERROR


RIGHT_FILES = {
    "a byte order mark": b"\xef\xbb\xbf" + body(RIGHT).encode(),
    "carriage returns": body(RIGHT).replace("\n", "\r").encode(),
    "line ends of Windows": body(RIGHT).replace("\n", "\r\n").encode(),
    "a dataclass": (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n\n"
        "@dataclass\nclass Pair:\n    a: float\n    b: float = 1.0\n\n"
        + body(f"Pair(1.0)\n{RIGHT}")
    ),
    "a pickled class of its own": (
        "import pickle\n\nclass Kept:\n    pass\n\n"
        + body(f"assert isinstance(pickle.loads(pickle.dumps(Kept())), Kept)\n{RIGHT}")
    ),
}


@pytest.mark.parametrize("kind", RIGHT_FILES)
def test_right_files_of_every_make_pass(kind, curriculum, tmp_path):
    verdict = judged(tmp_path, RIGHT_FILES[kind])
    assert verdict.passed, str(verdict)


def test_a_missing_branch_is_an_error_with_its_line(curriculum, tmp_path):
    text = body(f"if scale != 1.0:\n    raise NotImplementedError('scale')\n{RIGHT}")
    verdict = judged(tmp_path, text)
    assert verdict.status == "error"
    assert "NotImplementedError: scale" in str(verdict) and "line 5" in str(verdict)


def test_a_changed_argument_gets_the_name_of_no_other_error(curriculum, tmp_path):
    verdict = judged(tmp_path, body("x += 1\nreturn float((scale * x).sum())"))
    assert verdict.status == "wrong" and "your function changed x" in str(verdict)
    assert not any(check.misconceptions for check in verdict.checks if "changed" in check.message)


def test_loading_does_not_count_as_computing(curriculum, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "SECONDS", 0.5)
    verdict = judged(tmp_path, "import time\ntime.sleep(1)\n" + body(RIGHT))
    assert verdict.passed, str(verdict)


def test_a_process_that_is_kept_from_the_processor_is_waited_for(monkeypatch):
    """Out of wall time, it has computed for a tenth of what it may; then for all of it."""
    held = process.Child(lambda pid: 0, os.getpid(), *os_pair(), Path(), 1.0)
    used = iter([0.1, 1.1])
    monkeypatch.setattr(held, "_cpu", lambda: next(used))
    monkeypatch.setattr(held, "_answering", lambda: True)
    assert held._was_kept_waiting(0.5, silent=True) and not held._was_kept_waiting(0.5, silent=True)
    monkeypatch.setattr(held, "_cpu", lambda: 0.1)
    assert not held._was_kept_waiting(process.PATIENCE * 1.0, silent=False)
    monkeypatch.setattr(held, "_answering", lambda: False)
    assert not held._was_kept_waiting(0.5, silent=True)
    assert held._was_kept_waiting(0.5, silent=False)


def test_a_process_whose_state_nobody_tells_is_not_waited_for():
    """As on systems without /proc: its time is wall time, whether it answers or not."""
    held = process.Child(lambda pid: 0, 2**31 - 1, *os_pair(), Path(), 1.0)
    assert not held._answering()
    assert not held._was_kept_waiting(0.1, silent=True)
    assert not held._was_kept_waiting(0.1, silent=False)


def test_one_that_prints_and_sleeps_does_not_answer(curriculum, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "SECONDS", 0.5)
    monkeypatch.setattr(process, "PATIENCE", 40)
    text = 'import time\nwhile True:\n    print("tick", flush=True)\n    time.sleep(0.1)'
    verdict = judged(tmp_path, body(text))
    assert verdict.status == "timed out"
    ticks = max(check.printed.count("tick") for check in verdict.checks)
    assert 0 < ticks < 60  # its patience would be worth 200


@LINUX
def test_a_process_computes_while_any_of_its_threads_does():
    """The first thread sleeps until the second has hashed, which holds no lock of Python's."""
    script = "import hashlib, sys, threading; big = bytes(1 << 24); print(flush=True)\n"
    script += "def work():\n    while True: hashlib.sha256(big).digest()\n"
    script += "if sys.argv[1:]: threading.Thread(target=work, daemon=True).start()\n"
    script += "threading.Event().wait(60)"
    for arguments, expected in ((["work"], True), ([], False)):
        with subprocess.Popen(
            [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE
        ) as started:
            try:
                started.stdout.readline()
                held = process.Child(lambda pid: 0, started.pid, *os_pair(), Path(), 1.0)
                deadline = time.monotonic() + 20
                while held._answering() != expected and time.monotonic() < deadline:
                    time.sleep(0.05)
                assert held._answering() == expected
            finally:
                started.kill()


def os_pair():
    import socket

    ours, theirs = socket.socketpair()
    theirs.close()
    return ours, os.open(os.devnull, os.O_RDONLY)
