"""The headless run: many notebooks at once, one failure never stopping the rest."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlsd_kit import paths
from mlsd_kit.curriculum import results as status
from mlsd_kit.curriculum.catalogue import Entry, parameter_names
from mlsd_kit.curriculum.errors import BuildFolderError, UsageError
from mlsd_kit.curriculum.execute import THREAD_VARIABLES, Job, execute
from mlsd_kit.curriculum.key import kit_digest, result_key
from mlsd_kit.curriculum.packages import missing_for_extras
from mlsd_kit.curriculum.results import Failure, Result, ResultStore, slug, write_results
from mlsd_kit.data import DataError, fetch
from mlsd_kit.files import write_atomic

DEFAULT_TIMEOUT = 600.0


@dataclass(frozen=True)
class Plan:
    """What a run will do: the entries, their keys and the settings of the run."""

    entries: Sequence[Entry]
    build: Path
    jobs: int
    timeout: float = DEFAULT_TIMEOUT
    fresh: bool = False
    scheduler: str | None = None
    parameters: dict[str, Any] | None = None


class Watcher:
    """Told what happens during a run; the command line's display overrides what it shows."""

    def started(self, entries: Sequence[Entry], progress: dict[str, Path]) -> None:
        """The run begins; ``progress`` maps a notebook to the file that holds ``cell/cells``."""

    def finished(self, result: Result) -> None:
        """One notebook has a result."""


def run(plan: Plan, watcher: Watcher | None = None) -> list[Result]:
    """Run every notebook of ``plan``; return their results in the catalogue's order.

    Results and executed copies are written as they come in, so an interrupted run keeps what is
    finished and the next one does only the rest.

    Raises
    ------
    BuildFolderError
        If the build folder cannot be written or another run holds it.
    UsageError
        If a parameter is in none of the notebooks.
    KeyboardInterrupt
        On Ctrl-C, after the workers and kernels have been stopped.
    """
    watcher = watcher or Watcher()
    parameters = plan.parameters or {}
    own = _parameters_of(plan.entries, parameters)
    with _exclusive(plan.build):
        try:
            store = ResultStore(plan.build)
            kit = kit_digest()
            keys = {e.id: result_key(e, own[e.id], kit) for e in plan.entries}
            done: dict[str, Result] = {}
            todo: list[Entry] = []
            for entry in plan.entries:
                stored = store.unchanged(entry.id, own[entry.id], keys[entry.id])
                if stored is not None and not plan.fresh:
                    done[entry.id] = stored
                else:
                    todo.append(entry)
            todo.sort(key=lambda entry: -entry.seconds)  # the longest first
            with tempfile.TemporaryDirectory(prefix="mlsd-progress-") as folder:
                progress = {entry.id: Path(folder) / str(index) for index, entry in enumerate(todo)}
                watcher.started(plan.entries, progress)
                for result in done.values():
                    watcher.finished(result)
                ready = []
                for entry in todo:
                    problem = _prepare(entry, keys[entry.id], own[entry.id])
                    if problem is None:
                        ready.append(
                            _job(entry, keys[entry.id], own[entry.id], plan, progress[entry.id])
                        )
                    else:
                        store.save(problem)
                        done[problem.id] = problem
                        watcher.finished(problem)
                for result, text in _execute_all(ready, plan):
                    kept = _keep(result, text, plan.build)
                    store.save(kept)
                    done[kept.id] = kept
                    watcher.finished(kept)
            ordered = [done[entry.id] for entry in plan.entries]
            write_results(plan.build, ordered)
        except OSError as error:
            if isinstance(error, (BrokenPipeError, InterruptedError)):
                raise
            raise BuildFolderError(
                f"Cannot write to {plan.build}: {error.strerror or error}. Free some space or "
                "choose another folder with --build."
            ) from error
    return ordered


def _parameters_of(
    entries: Sequence[Entry], parameters: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Each notebook's share of the parameters: those that its parameters cell names."""
    own: dict[str, dict[str, Any]] = {}
    used: set[str] = set()
    for entry in entries:
        names = parameter_names(entry.source.read_text(encoding="utf-8"))
        own[entry.id] = {key: value for key, value in parameters.items() if key in names}
        used |= own[entry.id].keys()
    unknown = sorted(parameters.keys() - used)
    if unknown:
        raise UsageError(
            f"No notebook of this run has a parameter {', '.join(unknown)}: "
            "see the cell tagged 'parameters' of the notebook."
        )
    return own


def _prepare(entry: Entry, key: str, parameters: dict[str, Any]) -> Result | None:
    """Fetch what the notebook needs; a result that says why it cannot run, or None if it can."""
    absent = missing_for_extras(entry.extras)
    if absent:
        cure = f"pip install -c constraints.txt -e '.[{','.join(entry.extras)}]'"
        message = f"it needs {', '.join(absent)}: {cure}"
    else:
        try:
            for name in entry.datasets:
                fetch(name)
            return None
        except DataError as error:
            message = str(error)
    return Result(
        entry.id, entry.title, status.NOT_STARTED, 0.0, key, parameters, failure=Failure(message)
    )


def _job(entry: Entry, key: str, parameters: dict[str, Any], plan: Plan, progress: Path) -> Job:
    return Job(
        id=entry.id,
        title=entry.title,
        text=entry.source.read_text(encoding="utf-8"),
        folder=str(entry.source.parent),
        home=str(paths.root()),
        key=key,
        timeout=plan.timeout,
        parameters=parameters,
        progress=str(progress),
    )


def _execute_all(jobs: Sequence[Job], plan: Plan) -> Iterator[tuple[Result, str | None]]:
    """Results as they come in, from local processes or from the Dask cluster."""
    if not jobs:
        return
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    waiting = {job.id: job for job in jobs}
    with contextlib.ExitStack() as stack:
        if plan.scheduler:
            stack.enter_context(_dask(plan.scheduler))
            workers = -1
        else:
            backend = "loky" if plan.jobs > 1 else "sequential"
            stack.enter_context(parallel_config(backend=backend))
            stack.enter_context(_blas_threads())
            workers = plan.jobs
        try:
            parallel = Parallel(
                n_jobs=workers, batch_size=1, pre_dispatch="all", return_as="generator_unordered"
            )
            for result, text in parallel(delayed(execute)(job) for job in jobs):
                del waiting[result.id]
                yield result, text
            return
        except TerminatedWorkerError:
            pass  # a worker process was killed from outside: its notebook is among the waiting
    for job in waiting.values():  # here, one after the other: no second worker to lose
        yield execute(job)


@contextlib.contextmanager
def _dask(address: str) -> Iterator[None]:
    """The joblib backend of the cluster at ``address``."""
    try:
        from dask.distributed import Client
    except ImportError:
        raise UsageError(
            "--scheduler needs the extra 'cluster': pip install -c constraints.txt -e '.[cluster]'"
        ) from None
    from joblib import parallel_config

    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"No Dask scheduler answers at {address}: start one with `dask scheduler`, or leave "
            f"--scheduler out to run here ({error})."
        ) from None
    with client, parallel_config(backend="dask"):
        yield


@contextlib.contextmanager
def _blas_threads() -> Iterator[None]:
    """One BLAS thread a kernel unless the user chose: results do not depend on the core count."""
    added = [name for name in THREAD_VARIABLES if name not in os.environ]
    os.environ.update(dict.fromkeys(added, "1"))
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


def _keep(result: Result, text: str | None, build: Path) -> Result:
    """Write the executed copy; return the result that names it."""
    if text is None:
        return result
    relative = f"notebooks/{slug(result.id, result.parameters)}.ipynb"
    write_atomic(build / relative, text)
    return replace(result, executed=relative)


@contextlib.contextmanager
def _exclusive(build: Path) -> Iterator[None]:
    """Hold the build folder; two runs must not write the same files."""
    import fcntl  # Unix; on Windows the curriculum runs under WSL

    try:
        build.mkdir(parents=True, exist_ok=True)
        lock = (build / ".lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise BuildFolderError(
            f"Cannot write to the build folder {build}: {error.strerror or error}. "
            "Choose another one with --build."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            raise BuildFolderError(
                f"Another run (process {owner}) is using {build}: wait for it to end, or give "
                "this one a folder of its own with --build."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
