"""The headless run: many notebooks at once, one failure never stopping the rest."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlsd_kit.curriculum.run.catalogue import Entry
from mlsd_kit.curriculum.run.errors import BuildFolderError
from mlsd_kit.curriculum.run.key import result_key
from mlsd_kit.curriculum.run.locking import exclusive
from mlsd_kit.curriculum.run.parallel import execute_all
from mlsd_kit.curriculum.run.preparing import job_of, own_parameters, prepare
from mlsd_kit.curriculum.run.report import write_report
from mlsd_kit.curriculum.run.results import Result, ResultStore, slug, write_results
from mlsd_kit.curriculum.run.watching import Watcher
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
    """Address of a Dask scheduler whose workers run the notebooks."""
    warm: bool | None = None
    """Fork kernels from a process that has imported the libraries; None decides by itself."""
    parameters: dict[str, Any] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables for the kernels beside their own; it is no part of a result's key."""
    collect: bool = False
    """A claim that does not hold is recorded, and the notebook goes on."""


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
    own = own_parameters(plan.entries, parameters)
    with exclusive(plan.build):
        try:
            store = ResultStore(plan.build)
            keys = {e.id: result_key(e, own[e.id]) for e in plan.entries}
            done: dict[str, Result] = {}
            todo: list[Entry] = []
            for entry in plan.entries:
                stored = store.unchanged(entry.id, own[entry.id], keys[entry.id])
                if stored is not None and not plan.fresh:
                    done[entry.id] = stored
                else:
                    todo.append(entry)
            todo.sort(key=lambda entry: -_seconds(entry, own[entry.id], store))  # the longest first
            with tempfile.TemporaryDirectory(prefix="mlsd-progress-") as folder:
                progress = {entry.id: Path(folder) / str(index) for index, entry in enumerate(todo)}
                watcher.started(plan.entries, progress)
                for result in done.values():
                    watcher.finished(result)
                ready = []
                for entry in todo:
                    problem = prepare(entry, keys[entry.id], own[entry.id])
                    if problem is None:
                        job = job_of(
                            entry,
                            keys[entry.id],
                            own[entry.id],
                            plan.timeout,
                            progress=str(progress[entry.id]),
                            collect=plan.collect,
                        )
                        ready.append(replace(job, environment=dict(plan.environment)))
                    else:
                        store.save(problem)
                        done[problem.id] = problem
                        watcher.finished(problem)
                for result, text in execute_all(ready, plan.jobs, plan.scheduler, plan.warm):
                    kept = _keep(result, text, plan.build)
                    store.save(kept)
                    done[kept.id] = kept
                    watcher.finished(kept)
            ordered = [done[entry.id] for entry in plan.entries]
            write_results(plan.build, ordered)
            write_report(ordered, plan.build)
        except OSError as error:
            if isinstance(error, (BrokenPipeError, InterruptedError)):
                raise
            raise BuildFolderError(
                f"Cannot write to {plan.build}: {error.strerror or error}. Free some space or "
                "choose another folder with --build."
            ) from error
    return ordered


def _seconds(entry: Entry, parameters: dict[str, Any], store: ResultStore) -> float:
    """How long it took here the last time; what its header says if it has not passed here."""
    last = store.load(entry.id, parameters)
    return last.seconds if last is not None and last.passed else entry.seconds


def _keep(result: Result, text: str | None, build: Path) -> Result:
    """Write the executed copy; return the result that names it."""
    if text is None:
        return result
    relative = f"notebooks/{slug(result.id, result.parameters)}.ipynb"
    write_atomic(build / relative, text)
    return replace(result, executed=relative)
