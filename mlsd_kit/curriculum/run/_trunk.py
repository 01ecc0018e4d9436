"""Runs a notebook's cells once, and forks each of its variants where its cells begin to differ.

It is run as a file of its own and imports nothing of the kit: a notebook must find the kit's
modules as fresh as in a kernel. There is no kernel here, only the shell that a kernel has inside,
in one thread: forking it is safe as long as the notebook has started no thread and no process,
holds no socket and has no file in its temporary folder. Once it has, the variants that begin later
are left to whoever asked.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import tempfile
import time
import types
from pathlib import Path
from typing import Any

MIME = "application/vnd.mlsd.claim+json"
PR_SET_PDEATHSIG = 1
PROCESS = Path("/proc/self")


class Tree:
    """The notebook as it is, and the variants that fork off it."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.folder = Path(spec["folder"])
        self.shell = _shell(self._published)
        self.done: list[dict[str, Any]] = []
        self.children: dict[int, str] = {}
        self.start = time.monotonic()
        """Moved on by what this process waits for others: that is not the notebook's time."""

    def grow(self) -> None:
        """Run the trunk, fork the variants, and wait for them."""
        trunk, waiting = self.spec["trunk"], list(self.spec["variants"])
        signal.setitimer(signal.ITIMER_REAL, self.spec["timeout"])  # its default ends the process
        ended = None
        for index, (number, source) in enumerate(trunk["cells"]):
            for variant in [each for each in waiting if each["first"] == index]:
                waiting.remove(variant)
                if self._is_calm():
                    self._fork(variant)
            if not trunk["wanted"] and not waiting:
                break
            ended = self._run(number, source)
            if ended is not None:
                break
        else:
            index += 1
        if trunk["wanted"]:
            self._tell(trunk["key"], trunk["cells"][index + (ended is not None) :], ended)
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._wait_for(0)

    def _fork(self, variant: dict[str, Any]) -> None:
        """Start a variant; at most so many run at once, this process among them."""
        left = signal.getitimer(signal.ITIMER_REAL)[0]
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                _die_with(parent)
                signal.setitimer(signal.ITIMER_REAL, left)
                self.children.clear()
                _own_temporary_folder(self.folder / f"t{os.getpid()}")
                cells, ended = variant["cells"][variant["first"] :], None
                while cells and ended is None:
                    ended = self._run(*cells.pop(0))
                self._tell(variant["key"], cells, ended)
            finally:
                os._exit(0)  # nothing of the trunk's stack, and no clean-up that is the trunk's
        self.children[pid] = variant["key"]
        signal.setitimer(signal.ITIMER_REAL, 0)
        before = time.monotonic()
        self._wait_for(self.spec["jobs"] - 1)
        self.start += time.monotonic() - before
        signal.setitimer(signal.ITIMER_REAL, left)

    def _wait_for(self, most: int) -> None:
        while len(self.children) > most:
            for pid in list(self.children):
                ended, code = os.waitpid(pid, os.WNOHANG)
                if ended and os.waitstatus_to_exitcode(code) == -signal.SIGALRM:
                    self._write(self.children[pid], {"outcome": "timed out", "cells": []})
                if ended:
                    del self.children[pid]
            time.sleep(0.01)

    def _is_calm(self) -> bool:
        """True if a fork takes nothing along that two processes must not share."""
        own = {str(pid) for pid in self.children}
        try:
            threads = list((PROCESS / "task").iterdir())
            started = set((threads[0] / "children").read_text().split()) - own
            opened = [_target(fd) for fd in (PROCESS / "fd").iterdir()]
        except OSError:
            return False
        files = any(Path(tempfile.gettempdir()).iterdir())
        sockets = any(name.startswith("socket:") for name in opened)
        return len(threads) == 1 and not started and not sockets and not files

    def _run(self, number: int, source: str) -> dict[str, Any] | None:
        """Run one cell; what ended the notebook there, None if it goes on."""
        cell: dict[str, Any] = {"cell_type": "code", "source": source, "outputs": []}
        cell["execution_count"] = None
        self.done.append(cell)
        if not source.strip():
            return None
        cell["execution_count"] = self.shell.execution_count
        outcome = self.shell.run_cell(source, store_history=True)
        error = outcome.error_before_exec or outcome.error_in_exec
        if error is None:
            return None
        if isinstance(error, SystemExit) and error.code in (None, 0):
            return {"outcome": "passed"}  # as papermill has it; the cells that are left did not run
        lines = f"{type(error).__name__}: {error}".strip().splitlines()
        return {"outcome": "failed", "message": lines[0][:300], "cell": number, "source": source}

    def _published(self, data: dict[str, Any]) -> None:
        if "clear" in data:
            self.done[-1]["outputs"].clear()
        if MIME in data:
            self.done[-1]["outputs"].append({"data": {MIME: data[MIME]}})

    def _tell(self, key: str, left: list[Any], ended: dict[str, Any] | None) -> None:
        unrun = [
            {"cell_type": "code", "source": source, "execution_count": None, "outputs": []}
            for _, source in left
        ]
        self._write(key, {"outcome": "passed", **(ended or {}), "cells": self.done + unrun})

    def _write(self, key: str, record: dict[str, Any]) -> None:
        record["seconds"] = time.monotonic() - self.start
        new = self.folder / f"{key}.new"
        new.write_text(json.dumps(record), encoding="utf-8")
        new.rename(self.folder / f"{key}.json")


def _target(fd: Path) -> str:
    try:
        return str(fd.readlink())
    except OSError:  # the one that lists the folder
        return ""


def _shell(published: Any) -> Any:
    """The shell of a kernel without the kernel; what is displayed goes to ``published``."""
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets import Type
    from traitlets.config import Config

    class Publisher(DisplayPublisher):
        def publish(self, data: Any, *args: Any, **kwargs: Any) -> None:
            published(data)

        def clear_output(self, wait: bool = False) -> None:
            published({"clear": True})

    class Shell(InteractiveShell):
        display_pub_class = Type(Publisher)

    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    config = Config()
    config.HistoryManager.enabled = False  # it has a thread
    return Shell.instance(config=config, user_module=module, user_ns=module.__dict__)


def _own_temporary_folder(folder: Path) -> None:
    folder.mkdir(parents=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def _die_with(parent: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def main(path: str) -> None:
    """Grow the tree that the file at ``path`` describes."""
    spec = json.loads(Path(path).read_text(encoding="utf-8"))
    _die_with(spec["parent"])
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    sys.path[0] = ""  # this file's folder
    _own_temporary_folder(Path(spec["folder"]) / "t")
    Tree(spec).grow()


if __name__ == "__main__":
    main(sys.argv[1])
