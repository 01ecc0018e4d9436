"""Many notebooks at once: on this machine's cores, or on the workers of a Dask cluster."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlsd_kit.curriculum.run.environment import THREAD_VARIABLES, kernel_environment
from mlsd_kit.curriculum.run.errors import UsageError
from mlsd_kit.curriculum.run.execute import SHORT, Job, execute
from mlsd_kit.curriculum.run.results import Result
from mlsd_kit.curriculum.run.warm import chosen, shared_imports, warm_parent

PATIENCE = 10.0  # seconds for a scheduler and its first worker to answer


def execute_all(
    jobs: Sequence[Job], workers: int, scheduler: str | None = None, warm: bool | None = None
) -> Iterator[tuple[Result, str | None]]:
    """Results and executed notebooks as they come in.

    Parameters
    ----------
    jobs : sequence of Job
        The notebooks, the longest first.
    workers : int
        Notebooks at a time on this machine.
    scheduler : str, default=None
        Address of a Dask scheduler: its workers run the notebooks, with plain kernels.
    warm : bool, default=None
        Fork kernels from a process that has imported the libraries; None decides by itself.

    Raises
    ------
    UsageError
        If no scheduler answers there, or if warm kernels are asked of a cluster.
    """
    if not jobs:
        return
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(_scratch())
        jobs = [replace(job, scratch=scratch) for job in jobs]
        if scheduler:
            if warm:
                raise UsageError("--warm is for this machine; a cluster's kernels are plain.")
            stack.enter_context(_dask(scheduler))
            workers = -1
        else:
            backend = "loky" if workers > 1 else "sequential"
            stack.enter_context(parallel_config(backend=backend))
            stack.enter_context(_blas_threads())
            if chosen(warm, len(jobs), workers, os.environ):
                jobs = _warmed(jobs, stack)
        waiting = {index: job for index, job in enumerate(jobs)}
        try:
            parallel = Parallel(
                n_jobs=workers, batch_size=1, pre_dispatch="all", return_as="generator_unordered"
            )
            numbered = parallel(delayed(_numbered)(*each) for each in list(waiting.items()))
            for index, result, text in numbered:
                del waiting[index]
                yield result, text
            return
        except TerminatedWorkerError:
            pass  # a worker process was killed from outside: its notebook is among the waiting
        for job in waiting.values():  # here, one after the other: no second worker to lose
            yield execute(job)


def _numbered(index: int, job: Job) -> tuple[int, Result, str | None]:
    return index, *execute(job)


@contextlib.contextmanager
def _scratch() -> Iterator[str]:
    """A folder for the kernels of this run; workers that are killed leave theirs in it."""
    folder = tempfile.mkdtemp(prefix="mlsd-", dir=SHORT)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _warmed(jobs: Sequence[Job], stack: contextlib.ExitStack) -> list[Job]:
    """The jobs with the address of a parent of warm kernels, which lives as long as ``stack``."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mlsd-warm-"))
    kernels = kernel_environment(jobs[0].home, Path(folder)) | jobs[0].environment
    environment = {**os.environ, **kernels}  # of all jobs of a run: libraries read it once
    statements = shared_imports([job.text for job in jobs])
    address = stack.enter_context(warm_parent(statements, environment))
    return [replace(job, warm=address) for job in jobs]


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
        client: Any = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"No Dask scheduler answers at {address}: start one with `dask scheduler`, or leave "
            f"--scheduler out to run here ({error})."
        ) from None
    with client, parallel_config(backend="dask"):
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise UsageError(
                f"The Dask scheduler at {address} has no worker: start one with "
                f"`dask worker {address}`, in an environment with this kit."
            ) from None
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
