"""A supervised child process: it dies with its parent, and says why if it dies before."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlsd_kit.services import _guard
from mlsd_kit.services.errors import ServiceError

TAIL = 12  # lines of a log that an error repeats
POLL = 0.02  # seconds between two looks at a service that starts


class Process:
    """A child process with a log; see `process`."""

    def __init__(
        self,
        command: Sequence[str] | Callable[[], Any],
        *,
        name: str,
        env: Mapping[str, str] | None,
        ready: Callable[[Process], bool] | None,
        timeout: float,
        folder: Path | None = None,
        leavings: Sequence[Path] = (),
    ) -> None:
        self.name, self.timeout = name, timeout
        self._ready = ready
        self._env = {**os.environ, **(env or {})}
        self.folder = new_folder(name) if folder is None else folder
        self._leavings = leavings
        if leavings:  # the guard reads it, should nobody else be there to tidy up
            (self.folder / _guard.LEAVINGS).write_text("\n".join(map(str, leavings)))
        self.log = self.folder / f"{name}.log"
        self._command = _as_command(command, self.folder)
        self._guard: subprocess.Popen[bytes] | None = None
        self.pid = 0
        self._asked_to_end = False

    @property
    def alive(self) -> bool:
        """True while it runs."""
        return self._guard is not None and self._guard.poll() is None

    @property
    def returncode(self) -> int | None:
        """Its exit code, -signal if a signal ended it, None while it runs."""
        code = None if self._guard is None else self._guard.poll()
        return code if code is None or code <= 128 else 128 - code

    @property
    def died(self) -> bool:
        """True if it ended without having been asked to, with an exit code other than 0."""
        return not self._asked_to_end and self.returncode not in (None, 0)

    def start(self) -> None:
        """Start it and wait until it is ready.

        Raises
        ------
        ServiceError
            If it cannot be started, ends, or is not ready in time.
        """
        if self.alive:
            return
        self._asked_to_end = False
        self.log.touch()
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", _guard.__file__, str(self.log), *self._command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._env,
            start_new_session=True,  # Ctrl-C in a terminal is for us, not for the service
        )
        assert self._guard.stdout is not None
        said = self._guard.stdout.readline().decode(errors="replace").strip()
        if not said.isdigit():
            self._guard.wait()
            reason = said.removeprefix("!") or "its guard died"
            raise ServiceError(
                f"{self.name} cannot be started: {self._command[0]}: {reason}; install it or "
                f"correct the command (log: {self.log})."
            )
        self.pid = int(said)
        self._wait_until_ready()

    def kill(self) -> None:
        """End it at once (SIGKILL), with all that it started."""
        self._order(b"K")
        self.wait()

    def stop(self, timeout: float = 5.0) -> None:
        """Ask it to end (SIGTERM); kill it if it has not ended after ``timeout`` seconds."""
        self._order(b"T")
        try:
            self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def restart(self) -> None:
        """Stop it if it runs, and start the same command again."""
        self.stop()
        self.start()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until it has ended, and return its exit code."""
        if self._guard is not None:
            self._guard.wait(timeout)
            for pipe in (self._guard.stdin, self._guard.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        return self.returncode

    def check(self) -> None:
        """Raise a ServiceError, with the end of the log, if it has died."""
        if self.died:
            raise ServiceError(self._explain(f"{self.name} died ({self._end()})"))

    def tail(self, lines: int = TAIL) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def tidy(self) -> None:
        """Remove what it leaves behind beside its log: data, sockets."""
        for each in self._leavings:
            shutil.rmtree(each, ignore_errors=True)
            with contextlib.suppress(OSError):
                each.unlink()

    def forget(self) -> None:
        """Remove its log and folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def abandon(self) -> None:
        """End it and leave nothing behind."""
        self.kill()
        self.tidy()
        self.forget()

    def _order(self, letter: bytes) -> None:
        self._asked_to_end = True
        if self.alive and self._guard is not None and self._guard.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                self._guard.stdin.write(letter)
                self._guard.stdin.flush()

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + self.timeout
        while self._ready is not None:
            if not self.alive:
                raise ServiceError(self._explain(f"{self.name} did not start ({self._end()})"))
            if self._ready(self):
                return
            if time.monotonic() > end:
                self.kill()
                what = f"{self.name} was not ready after {self.timeout:.0f} s"
                raise ServiceError(self._explain(what))
            time.sleep(POLL)

    def _end(self) -> str:
        code = self.returncode
        return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"

    def _explain(self, what: str) -> str:
        said = self.tail()
        end = f" It said last:\n{said}" if said else " It said nothing."
        return f"{what}: its log {self.log} says why.{end}"


@contextlib.contextmanager
def process(
    command: Sequence[str] | Callable[[], Any],
    *,
    name: str | None = None,
    env: Mapping[str, str] | None = None,
    ready: Callable[[Process], bool] | None = None,
    timeout: float = 60.0,
) -> Iterator[Process]:
    """A child process that ends with the ``with`` block, or with this process, however it dies.

    Parameters
    ----------
    command : sequence of str, or callable without arguments
        A program with its arguments; or a Python function (one from a notebook's cell, too: bind
        arguments with `functools.partial`), which runs in a fresh interpreter.
    name : str, default=None
        For messages and the log; None takes it from the command.
    env : mapping, default=None
        Environment variables beside those of this process.
    ready : callable (Process) -> bool, default=None
        Asked until it says True; None does not wait.
    timeout : float, default=60
        Seconds to wait for ``ready``.

    Yields
    ------
    Process
        With `pid`, `alive`, `kill()`, `stop()`, `restart()`, `check()`, `log` and `tail()`. The log
        is removed at the end, unless the process died or the block raised an error.

    Raises
    ------
    ServiceError
        If it cannot be started, ends before it is ready, or is not ready in time.

    Examples
    --------
    >>> with process(["sleep", "60"]) as child:
    ...     child.alive
    True
    """
    child = Process(command, name=name or _name(command), env=env, ready=ready, timeout=timeout)
    with supervised(child):
        yield child


@contextlib.contextmanager
def supervised(child: Process) -> Iterator[None]:
    """Start it, and end it with the block; its log stays if it died or the block raised an error.

    Raises
    ------
    ServiceError
        If it does not start.
    """
    atexit.register(child.abandon)  # for a block that is never left
    keep_log = False
    try:
        child.start()
        yield
    except Exception as error:
        keep_log = True
        if not isinstance(error, ServiceError):
            error.add_note(f"{child.name}'s log: {child.log}")
        raise
    finally:
        atexit.unregister(child.abandon)
        keep_log |= child.died
        child.stop()
        child.tidy()
        if not keep_log:
            child.forget()


def new_folder(name: str) -> Path:
    """A new temporary folder for the log, and whatever else a process needs while it runs."""
    return Path(tempfile.mkdtemp(prefix=f"mlsd-{name}-{os.getpid()}-"))


def _name(command: Sequence[str] | Callable[[], Any]) -> str:
    if callable(command):
        function = getattr(command, "func", command)
        name = getattr(function, "__name__", type(function).__name__)
    else:
        name = Path(command[0]).name
    return "".join(c if c.isalnum() else "_" for c in name) or "process"


def _as_command(command: Sequence[str] | Callable[[], Any], folder: Path) -> list[str]:
    if not callable(command):
        return [str(word) for word in command]
    import cloudpickle

    file = folder / "function.pickle"
    file.write_bytes(cloudpickle.dumps(command))
    return [sys.executable, "-m", "mlsd_kit.services._call", str(file)]
