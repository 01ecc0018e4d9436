"""Runs one notebook with papermill, in whatever process it is called in.

`execute` takes and returns plain data, so that joblib can send it to a process on this machine or
to a worker of a Dask cluster on another one.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlsd_kit.curriculum.claims import claims_of
from mlsd_kit.curriculum.run import results as status
from mlsd_kit.curriculum.run.cancelling import stopped_with_its_task
from mlsd_kit.curriculum.run.complete import gaps
from mlsd_kit.curriculum.run.environment import kernel_environment
from mlsd_kit.curriculum.run.results import Failure, Result
from mlsd_kit.curriculum.run.turns import ALONE, Turns

SHORT = "/tmp" if Path("/tmp").is_dir() else None
"""A folder with a short path: a Unix socket's may not exceed about 100 characters."""
NAMED = 5  # cells and claims that are missing which a sentence names
OUTPUT_PATIENCE = 120
"""Seconds after a cell's end for the last of its output to arrive: papermill takes four, and gives
up a notebook that is right where the machine is busy."""
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
    warm: str | None = None
    """Where the parent of warm kernels listens; None for a plain kernel."""
    scratch: str | None = None
    """A folder of the run for what lasts as long as a kernel, where it can be reached."""
    collect: bool = False
    """A claim that does not hold is recorded, and the notebook goes on."""
    environment: dict[str, str] = field(default_factory=dict)
    """Variables for the kernel beside its own."""


@dataclass
class _Clock:
    """The notebook's deadline, and the cell that is running."""

    deadline: float
    cells: int
    progress: str | None
    turns: Turns
    cell: int | None = None

    def on_cell_start(self, cell: Any, cell_index: int, **_: Any) -> None:
        self.cell = cell_index
        if cell.cell_type == "code":
            start = time.monotonic()
            self.turns.take(ALONE in cell.metadata.get("tags", []))
            self.deadline += time.monotonic() - start  # waiting for others is not its own time
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
    _follow_parent()
    _import_quickly()
    start = time.perf_counter()
    with ExitStack() as stack:
        # the run's, which it removes even if this process is killed; else one of its own
        here = job.scratch if job.scratch and Path(job.scratch).is_dir() else SHORT
        scratch = Path(tempfile.mkdtemp(prefix="mlsd-", dir=here))
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        output = scratch / "executed.ipynb"
        outcome, failure = _attempt(job, output)
        if outcome == status.NOT_STARTED:  # a kernel may lose a race at start: once more
            outcome, failure = _attempt(job, output)
        if outcome in (status.NOT_STARTED, status.KERNEL_DIED) and not _answers(job.warm):
            # the parent of warm kernels died and took this one along: not the notebook's fault
            outcome, failure = _attempt(replace(job, warm=None), output)
        text = output.read_text(encoding="utf-8") if output.is_file() else None
    executed = json.loads(text) if text else {"cells": []}
    return judged(job, outcome, failure, executed, time.perf_counter() - start), text


def judged(
    job: Job, outcome: str, failure: Failure | None, executed: dict[str, Any], seconds: float
) -> Result:
    """The result of a notebook that has ended with ``outcome``: its claims have their say, too."""
    claims = tuple(claims_of(executed))
    broken = [claim for claim in claims if claim.failed]
    if outcome == status.FAILED and claims and claims[-1].failed and not job.collect:
        outcome = status.CLAIM_FAILED
    elif outcome == status.PASSED and broken:  # collected
        names = ", ".join(claim.name for claim in broken)
        outcome, failure = status.CLAIM_FAILED, Failure(f"not held: {names}")
    elif outcome == status.PASSED and (missing := gaps(executed)):
        more = f"; and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        message = f"it did not come to its end: {'; '.join(missing[:NAMED])}{more}"
        outcome, failure = status.INCOMPLETE, Failure(message)
    return Result(
        job.id,
        job.title,
        outcome,
        round(seconds, 1),
        job.key,
        job.parameters,
        claims,
        failure=failure,
    )


def _answers(warm: str | None) -> bool:
    """True if there is no parent of warm kernels to lose, or if it is there."""
    if warm is None:
        return True
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(warm) == 0


def _import_quickly() -> None:
    """Import nbformat without a grammar for URLs that takes a second to build and is not used.

    It comes with jupyterlab; jsonschema checks URLs with it wherever it can be imported.
    """
    if "jsonschema" in sys.modules or "rfc3987_syntax" in sys.modules:
        return
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        import nbformat  # noqa: F401
    finally:
        del sys.modules["rfc3987_syntax"]


def _attempt(job: Job, output: Path) -> tuple[str, Failure | None]:
    """One try. Imports are here: the parent that only hands out work does not pay for them."""
    import jupytext
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill import execute_notebook
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    from mlsd_kit.curriculum.run.kernels import NotebookKernelManager

    # it takes `SEED, DRAWS = 0, 10` for no parameter, and warns; names have been judged before
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        notebook = jupytext.reads(job.text, fmt="py:percent")
    except Exception as error:  # whatever its readers raise
        why = " ".join(str(error).split())
        return status.NOT_STARTED, Failure(f"its source cannot be read as a notebook: {why}")
    turns = Turns(job.scratch)
    clock = _Clock(time.monotonic() + job.timeout, len(notebook.cells), job.progress, turns)
    folder = Path(job.folder)
    connection = str(output.with_name(f"kernel-{uuid.uuid4().hex[:8]}.json"))
    manager = {
        "transport": "ipc",
        # sockets are named after the connection file: without one all kernels share a name
        "connection_file": connection,
        "environment": kernel_environment(job.home, output.parent, job.collect) | job.environment,
        "warm": job.warm or "",
    }
    try:
        with stopped_with_its_task(lambda: NotebookKernelManager.kill(connection)):
            execute_notebook(
                notebook,
                str(output),
                parameters=job.parameters,
                kernel_name="python3",
                progress_bar=False,
                cwd=str(folder if folder.is_dir() else output.parent),
                start_timeout=60,
                kernel_manager_class=NotebookKernelManager,
                config=Config({"KernelManager": manager}),
                shutdown_kernel="immediate",
                timeout_func=clock.seconds_left,
                iopub_timeout=OUTPUT_PATIENCE,
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
    finally:
        turns.close()
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


def _follow_parent() -> None:
    """In a worker process: end when the parent does, so that no notebook runs on unseen.

    The kernel in turn watches its own parent, this process. Ctrl-C in a terminal reaches workers,
    too: it is for the parent, which ends them.
    """
    if multiprocessing.current_process().name == "MainProcess" or sys.platform == "win32":
        return
    if any(thread.name == "mlsd-parent-watch" for thread in threading.enumerate()):
        return
    if threading.current_thread() is threading.main_thread():  # of a Dask worker it is not
        signal.signal(signal.SIGINT, lambda *_: None)  # kernels start with the default again
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, name="mlsd-parent-watch", daemon=True).start()
