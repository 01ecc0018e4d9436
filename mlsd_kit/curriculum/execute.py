"""Runs one notebook with papermill, in whatever process it is called in.

`execute` takes and returns plain data, so that joblib can send it to a process on this machine or
to a worker of a Dask cluster on another one.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import threading
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlsd_kit.curriculum import results as status
from mlsd_kit.curriculum.claims import claims_of
from mlsd_kit.curriculum.results import Failure, Result

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Job:
    """One notebook to run: its text travels with it."""

    id: str
    title: str
    text: str
    """The py:percent source."""
    folder: str
    """Working folder of the kernel; a worker that lacks it uses its temporary one."""
    home: str
    """The curriculum's root, for ``$MLSD_HOME`` in the kernel."""
    key: str
    timeout: float
    """Seconds for the whole notebook."""
    parameters: dict[str, Any] = field(default_factory=dict)
    progress: str | None = None
    """A file that receives ``cell/cells`` while it runs, where the folder is shared."""


@dataclass
class _Clock:
    """The notebook's deadline, and the cell that is running."""

    deadline: float
    cells: int
    progress: str | None
    cell: int | None = None

    def on_cell_start(self, cell: Any, cell_index: int, **_: Any) -> None:
        self.cell = cell_index
        if self.progress:
            try:
                Path(self.progress).write_text(f"{cell_index + 1}/{self.cells}", encoding="utf-8")
            except OSError:
                self.progress = None  # another machine: its folder is not ours

    def seconds_left(self, cell: Any = None) -> float:
        return max(0.5, self.deadline - time.monotonic())


def execute(job: Job) -> tuple[Result, str | None]:
    """Run ``job``; return its result and the executed notebook as text (None if it never started).

    Never raises for what the notebook does: a failing cell, a failed claim, a cell that runs past
    the time limit and a kernel that dies are results.
    """
    _die_with_parent()
    start = time.perf_counter()
    with ExitStack() as stack:
        # A short path: a Unix socket's may not exceed about 100 characters.
        short = "/tmp" if Path("/tmp").is_dir() else None
        scratch = Path(tempfile.mkdtemp(prefix="mlsd-", dir=short))
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        stack.enter_context(_environment(job, scratch))
        output = scratch / "executed.ipynb"
        outcome, failure = _attempt(job, output)
        if outcome == status.NOT_STARTED:  # a kernel may lose a race at start: once more
            outcome, failure = _attempt(job, output)
        text = output.read_text(encoding="utf-8") if output.is_file() else None
    import nbformat

    claims = tuple(claims_of(nbformat.reads(text, as_version=4))) if text else ()
    if outcome == status.FAILED and claims and not claims[-1].held:
        outcome = status.CLAIM_FAILED
    seconds = round(time.perf_counter() - start, 1)
    result = Result(
        job.id, job.title, outcome, seconds, job.key, job.parameters, claims, failure=failure
    )
    return result, text


def _attempt(job: Job, output: Path) -> tuple[str, Failure | None]:
    """One try. Imports are here: the parent that only hands out work does not pay for them."""
    import jupytext
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill import execute_notebook
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    notebook = jupytext.reads(job.text, fmt="py:percent")
    clock = _Clock(time.monotonic() + job.timeout, len(notebook.cells), job.progress)
    folder = Path(job.folder)
    connection = str(output.with_name(f"kernel-{uuid.uuid4().hex[:8]}.json"))
    try:
        execute_notebook(
            notebook,
            str(output),
            parameters=job.parameters,
            kernel_name="python3",
            progress_bar=False,
            cwd=str(folder if folder.is_dir() else output.parent),
            start_timeout=60,
            # sockets are named after the connection file: without one all kernels share a name
            config=Config({"KernelManager": {"transport": "ipc", "connection_file": connection}}),
            shutdown_kernel="immediate",
            timeout_func=clock.seconds_left,
            on_cell_start=clock.on_cell_start,
        )
    except PapermillExecutionError as error:
        return status.FAILED, _cell_failure(error)
    except CellTimeoutError:
        message = f"the time limit of {job.timeout:g} s ran out"
        return status.TIMED_OUT, _where(message, notebook, clock)
    except DeadKernelError:
        message = "the kernel died (killed, out of memory, or a crash in native code)"
        return status.KERNEL_DIED, _where(message, notebook, clock)
    except (RuntimeError, TimeoutError, OSError) as error:
        if clock.cell is not None:
            raise
        message = f"the kernel did not start: {error}"
        return status.NOT_STARTED, Failure(message)
    return status.PASSED, None


def _where(message: str, notebook: Any, clock: _Clock) -> Failure:
    """A failure that papermill does not describe: at the cell that was running."""
    if clock.cell is None:
        return Failure(message)
    # parameters add a cell, so the source may lie one further than in the file
    cells = notebook.cells
    source = cells[clock.cell].source if clock.cell < len(cells) else ""
    return Failure(f"{message} in cell {clock.cell + 1}", clock.cell + 1, source)


def _cell_failure(error: Any) -> Failure:
    lines = _ANSI.sub("", "\n".join(error.traceback)).splitlines()
    message = f"{error.ename}: {error.evalue}" if error.ename != "ClaimError" else error.evalue
    number = error.cell_index + 1
    return Failure(
        f"{_first_line(message)} (cell {number})", number, error.source, "\n".join(lines[-15:])
    )


def _first_line(text: str) -> str:
    lines = _ANSI.sub("", text).strip().splitlines()
    return lines[0][:300] if lines else ""


class _environment:
    """Environment of the kernel: its own scratch folders, the curriculum's root, BLAS threads.

    Kernels inherit it. The user's kernel specs and IPython profile are left out, so that the
    notebook runs on this Python and nothing else.
    """

    def __init__(self, job: Job, scratch: Path) -> None:
        self.values = {
            "JUPYTER_RUNTIME_DIR": str(scratch / "r"),
            "JUPYTER_DATA_DIR": str(scratch / "d"),
            "IPYTHONDIR": str(scratch / "i"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "PYTHONHASHSEED": "0",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            **({"MLSD_HOME": job.home} if Path(job.home).is_dir() else {}),
            **{name: os.environ.get(name, "1") for name in THREAD_VARIABLES},
        }

    def __enter__(self) -> None:
        self.before = {name: os.environ.get(name) for name in self.values}
        os.environ.update(self.values)

    def __exit__(self, *_: object) -> None:
        for name, value in self.before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _die_with_parent() -> None:
    """In a worker process: end when the parent does, so that no notebook runs on unseen.

    The kernel in turn watches its own parent, this process.
    """
    if multiprocessing.current_process().name == "MainProcess" or sys.platform == "win32":
        return
    if any(thread.name == "mlsd-parent-watch" for thread in threading.enumerate()):
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, name="mlsd-parent-watch", daemon=True).start()
