"""On a Dask worker: a notebook whose task was cancelled does not run on unseen.

A worker cannot stop the thread of a task. Where the run that asked for it was interrupted or died,
the scheduler marks the task; whoever runs it has to look.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator

LOOK = 0.5  # seconds between two looks


@contextlib.contextmanager
def stopped_with_its_task(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` once if the Dask task that runs this block is cancelled; elsewhere do nothing.

    >>> with stopped_with_its_task(lambda: print("never")):
    ...     pass
    """
    cancelled = _cancelled()
    if cancelled is None:
        yield
        return
    left = threading.Event()

    def watch() -> None:
        while not left.wait(LOOK):
            if cancelled():
                stop()
                return

    thread = threading.Thread(target=watch, name="mlsd-task-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()


def _cancelled() -> Callable[[], bool] | None:
    """Asks whether the current task was cancelled; None where this is no Dask task."""
    if "distributed.worker" not in sys.modules:
        return None
    from distributed import get_worker
    from distributed.worker import thread_state

    key = getattr(thread_state, "key", None)
    if key is None:
        return None
    worker = get_worker()

    def cancelled() -> bool:
        task = worker.state.tasks.get(key)
        return task is None or task.state == "cancelled"

    return cancelled
