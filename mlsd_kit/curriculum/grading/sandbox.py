"""A nursery of learner processes: each check gets a fresh one, and none outlives the judge."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from mlsd_kit.curriculum.grading import process
from mlsd_kit.curriculum.grading.errors import GradingError
from mlsd_kit.curriculum.grading.process import Child, Program

START = (
    "import sys; sys.path.append({home!r}); "
    "from mlsd_kit.curriculum.grading.child import nursery; nursery({fd})"
)


class Sandbox:
    """A nursery of learner processes; a context manager that leaves none behind."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mlsd-check-"))
        self._control, theirs = socket.socketpair()
        home = str(Path(__file__).resolve().parents[3])
        self._nursery = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", START.format(home=home, fd=theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=_environment(self._folder),
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        theirs.close()
        self._children = 0

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()
        try:
            self._nursery.wait(2)
        except subprocess.TimeoutExpired:
            self._nursery.kill()
            self._nursery.wait()
        if self._nursery.stderr:
            self._nursery.stderr.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def child(self, program: Program, seconds: float | None = None) -> Child:
        """A fresh process with ``program`` loaded; `Failed` if it does not load."""
        self._children += 1
        folder = self._folder / str(self._children)
        folder.mkdir()
        channel, theirs = socket.socketpair()
        output, their_output = os.pipe()
        try:
            fds = [theirs.fileno(), their_output]
            socket.send_fds(self._control, [f"fork {folder}".encode()], fds)
            pid = self._answer()
        except OSError:
            channel.close()
            os.close(output)
            raise self._gone() from None
        finally:
            theirs.close()
            os.close(their_output)
        child = Child(self.wait, pid, channel, output, folder, seconds or process.SECONDS)
        try:
            child.load(program)
        except BaseException:
            child.close()
            raise
        return child

    def wait(self, pid: int) -> int:
        """How the process ended: what ``os.waitpid`` says."""
        with contextlib.suppress(OSError, GradingError):
            self._control.sendall(f"wait {pid}".encode())
            return self._answer()
        return 0

    def _answer(self) -> int:
        self._control.settimeout(30)
        data = self._control.recv(8)
        if len(data) != 8:
            raise self._gone()
        return int(struct.unpack("<q", data)[0])

    def _gone(self) -> GradingError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._nursery.wait(1)
        stderr = self._nursery.stderr
        told = stderr.read().decode(errors="replace") if stderr and self._nursery.poll() else ""
        last = told.strip().splitlines()[-1:] or ["no message"]
        return GradingError(f"The process that runs your code could not start: {last[0]}")


def _environment(folder: Path) -> dict[str, str]:
    kept = {
        key: os.environ[key] for key in ("PATH", "LANG", "LD_LIBRARY_PATH") if key in os.environ
    }
    ours = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS"), "1"
    )
    where = dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME"), str(folder))
    return kept | ours | where
