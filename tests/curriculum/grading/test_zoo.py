"""The zoo of hostile files: each gets the right word, and none changes the verdict."""

import time

import psutil
import pytest

from mlsd_kit.curriculum.grading import grade, grader, process, sandbox

RIGHT = "return float(((scale * np.asarray(x, dtype=float)) ** 2).sum())"


def body(text):
    lines = "\n".join("    " + line for line in text.strip("\n").splitlines())
    return "import numpy as np\n\ndef total(x, scale=1.0):\n" + lines + "\n"


ZOO = {
    "syntax error": ("def total(x:\n    pass\n", "error", "SyntaxError"),
    "empty file": ("", "error", "defines no function `total`"),
    "another name": ("def totl(x):\n    return 1\n", "error", "it defines totl"),
    "other parameters": ("def total(data):\n    return 1\n", "error", "unexpected keyword"),
    "an import that does not exist": ("import no_such_thing\n", "error", "ModuleNotFoundError"),
    "raises on import": ("raise ValueError('at the top')\n", "error", "at the top"),
    "raises": (body("return 1 / 0"), "error", "ZeroDivisionError"),
    "stub": (body("raise NotImplementedError('write total')"), "not started", "write total"),
    "returns nothing": (body("x.sum()"), "wrong", "did you forget to return?"),
    "sys.exit": (body("import sys\nsys.exit(0)"), "error", "ends the program"),
    "exit at import": ("import sys\nsys.exit(0)\n", "error", "ends the program"),
    "os._exit": (body("import os\nos._exit(0)"), "crashed", "exit code 0"),
    "os._exit at import": ("import os\nos._exit(3)\n", "crashed", "exit code 3"),
    "abort": (body("import os\nos.abort()"), "crashed", "SIGABRT"),
    # with all arguments: Python 3.13.0 does not count a call that leaves a default out
    "recursion": (body("return total(x, scale)"), "error", "RecursionError"),
    "huge answer": (body("return 'a' * 80_000_000"), "error", "larger than 64 MB"),
    "memory bomb": (
        body("return np.ones(400_000_000).sum() + np.ones(1_000_000_000)"),
        "out of memory",
        "2 GiB",
    ),
    "memory bomb in a list": (
        body("kept = []\nwhile True:\n    kept.append(np.empty(20_000_000))"),
        "out of memory",
        "2 GiB",
    ),
    "a socket": (body("import socket\nsocket.socket()"), "error", "uses the network"),
    "a name is looked up": (
        body("import socket\nsocket.getaddrinfo('localhost', 80)"),
        "error",
        "uses the network",
    ),
    "forks": (body("import os\nos.fork()"), "error", "starts or signals other processes"),
    "a shell": (body("import os\nos.system('true')"), "error", "other processes"),
    "a subprocess": (
        body("import subprocess\nsubprocess.run(['true'])"),
        "error",
        "other processes",
    ),
    "kills its parent": (
        body("import os\nos.kill(os.getppid(), 9)"),
        "error",
        "starts or signals other processes",
    ),
    "the C library": (body("import ctypes\nctypes.CDLL(None)"), "error", "C library"),
    "mutated input": (body("x *= 0\nreturn 0.0"), "wrong", "your function changed x"),
    "mutated input, right answer": (
        body("x = np.asarray(x)\nx *= scale\nx **= 2\nreturn x.sum()"),
        "wrong",
        "your function changed x: work on a copy",
    ),
    "a generator": (body("return (v for v in x)"), "wrong", "expected a number, got a generator"),
    "a function": (body("return total"), "wrong", "got a function"),
    "equal to everything": (
        body("class Evil:\n    def __eq__(self, other): return True\nreturn Evil()"),
        "wrong",
        "got an Evil",
    ),
    "an object with __reduce__": (
        body(
            "class Evil:\n    def __reduce__(self): return (print, ('pwned',))\n"
            "return np.array([Evil()], dtype=object)"
        ),
        "wrong",
        "expected a number",
    ),
    "nan for everything": (body("return float('nan')"), "wrong", "got nan"),
    "infinite": (body("return float('inf')"), "wrong", "got inf"),
    "text": (body("return str(float((x ** 2).sum()))"), "wrong", "got '5.0'"),
    "closes every file": (
        body("import os\nos.closerange(0, 100)\nimport time\ntime.sleep(5)"),
        "crashed",
        "died of SIGKILL",
    ),
    "writes rubbish to every file": (
        body("import os\nfor fd in range(3, 20):\n    try: os.write(fd, b'\\xff' * 64)\n"
             "    except OSError: pass\n" + RIGHT),
        ("error", "crashed"),
        "",
    ),
    "writes outside": (
        body("open('/tmp/mlsd-should-not-exist', 'w').write('x')"),
        "error",
        "writes outside its own folder",
    ),
}  # fmt: skip


@pytest.mark.parametrize("animal", ZOO)
def test_the_zoo(animal, curriculum, tmp_path):
    source, status, message = ZOO[animal]
    file = tmp_path / "mine.py"
    file.write_text(source)
    verdict = grade("total", file=file, seed=1)
    assert verdict.status in status if isinstance(status, tuple) else verdict.status == status
    assert message in verdict.checks[0].message
    assert "Traceback" not in str(verdict)


@pytest.mark.parametrize(
    "source",
    [
        body("while True: pass"),
        body("import time\ntime.sleep(60)"),
        body("while True: print('still here')"),
        body("import os, signal\nsignal.pause()"),
        body("try:\n    while True: pass\nexcept BaseException:\n    return 5.0"),
    ],
    ids=["loop", "sleep", "prints for ever", "pause", "catches everything"],
)
def test_no_answer_is_timed_out_and_the_rest_is_not_run(source, curriculum, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "SECONDS", 0.5)
    file = tmp_path / "mine.py"
    file.write_text(source)
    start = time.monotonic()
    verdict = grade("total", file=file)
    assert time.monotonic() - start < 8
    assert verdict.status == "timed out"
    assert [check.status for check in verdict.checks] == ["timed out", "not run"]
    assert "no answer within 0.5 seconds" in str(verdict)


CHEATS = {
    "patched numpy": "import numpy as np\n"
    "for name in ('abs', 'array', 'isclose', 'allclose', 'array_equal', 'frombuffer'):\n"
    "    setattr(np, name, lambda *a, **k: True)\n",
    "patched checker": "import sys\n"
    "import mlsd_kit.curriculum.grading as g\n"
    "import mlsd_kit.curriculum.grading.wire as w, mlsd_kit.curriculum.grading.child as c\n"
    "import mlsd_kit.curriculum.grading.compare as compare\n"
    "g.same = compare.same = lambda *a, **k: None\n"
    "g.require = lambda *a: None\n",
    "patched builtins": "import builtins\nbuiltins.abs = builtins.max = lambda *a, **k: 0\n",
    "prints a verdict": "print('passed')\nprint('{\"status\": \"passed\"}')\n",
    "an exit handler": "import atexit, os\natexit.register(os._exit, 0)\n",
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_no_cheat_passes_a_wrong_answer(cheat, curriculum, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(CHEATS[cheat] + body("return -1.0"))
    assert grade("total", file=file).status == "wrong"


@pytest.mark.parametrize("cheat", ["prints a verdict", "an exit handler"])
def test_harmless_oddities_do_not_fail_a_right_answer(cheat, curriculum, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(CHEATS[cheat] + body(RIGHT))
    assert grade("total", file=file).passed


def test_a_patched_wire_cannot_forge_more_than_an_answer(curriculum, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "import mlsd_kit.curriculum.grading.wire as w\nw.pack = lambda value: b'\\x00' * 1000\n"
        + body(RIGHT)
    )
    verdict = grade("total", file=file)
    assert verdict.status == "crashed"
    assert "broke the process" in str(verdict)


def test_a_later_check_has_a_process_of_its_own(curriculum, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("calls = []\n" + body("calls.append(1)\nassert len(calls) < 30\n" + RIGHT))
    assert grade("total", file=file).passed


def test_a_right_answer_survives_printing_threads_and_its_own_files(curriculum, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "import os, sys, threading\n"
        + body(
            "print('x' * 100_000)\nprint('oops', file=sys.stderr)\n"
            "threading.Thread(target=lambda: None).start()\n"
            "open('note.txt', 'w').write('mine')\nos.remove('note.txt')\n" + RIGHT
        )
    )
    assert grade("total", file=file).passed


def test_a_thread_left_behind_does_not_outlive_the_check(curriculum, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "import threading, time\nthreading.Thread(target=lambda: time.sleep(600)).start()\n"
        + body(RIGHT)
    )
    start = time.monotonic()
    assert grade("total", file=file).passed
    assert time.monotonic() - start < 8


def test_what_was_printed_is_shown_capped_with_a_failure(curriculum, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(body("print('y' * 200_000)\nprint('last words')\nreturn 0.0"))
    verdict = grade("total", file=file)
    assert verdict.status == "wrong"
    assert len(verdict.checks[0].printed) <= 2000


def children():
    return {p.pid for p in psutil.Process().children(recursive=True)}


def test_no_process_and_no_folder_is_left_behind(curriculum, tmp_path, monkeypatch):
    import tempfile

    monkeypatch.setattr(grader, "Sandbox", sandbox.Sandbox)
    before = children()

    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(process, "SECONDS", 0.3)
    file = tmp_path / "mine.py"
    file.write_text("import time\n" + body("time.sleep(60)"))
    grade("total", file=file)
    left = [p.name for p in (tmp_path / "tmp").iterdir() if p.name.startswith("mlsd-check-")]
    assert left == []
    assert children() <= before


def test_the_learners_own_lines_are_shown_and_no_others(curriculum, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(body("y = np.asarray(x)\nreturn y.reshape(7, 7)"))
    message = grade("total", file=file).checks[0].message
    assert "line 5 in total: return y.reshape(7, 7)" in message
    assert "child.py" not in message


def test_an_unsaved_or_unreadable_file_is_a_sentence(curriculum):
    with pytest.raises(grader.errors.GradingError, match="Cannot read"):
        grade("total", file="no/such/file.py")
