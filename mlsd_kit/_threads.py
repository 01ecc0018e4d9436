"""Work on blocks by as many threads as BLAS may use; NumPy's loops run side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sklearn.utils.parallel import _get_threadpool_controller

Block = TypeVar("Block")
Result = TypeVar("Result")


def n_threads() -> int:
    """``OMP_NUM_THREADS`` if it is set to a number, else one per processor, at most 8.

    Examples
    --------
    >>> 1 <= n_threads() <= 8
    True
    """
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    n = int(wanted) if wanted.isdecimal() else os.cpu_count() or 1
    return max(1, min(n, 8))


def in_order(
    work: Callable[[Block], Result], blocks: Sequence[Block], *, least: int = 8
) -> list[Result]:
    """``[work(block) for block in blocks]``: the same on any number of threads.

    Parameters
    ----------
    work : callable
    blocks : sequence
    least : int
        Neighbouring blocks that a thread takes at a time: more of them the shorter one is. A
        thread that is held up takes fewer; with fewer than two such runs nothing is started.

    Examples
    --------
    >>> in_order(len, ["a", "bb", "ccc"], least=1)
    [1, 2, 3]
    """
    runs = [blocks[start : start + least] for start in range(0, len(blocks), least)]
    n = min(n_threads(), len(runs))
    if n < 2:
        return [work(block) for block in blocks]
    with ThreadPoolExecutor(n) as pool:
        done = pool.map(lambda run: [work(block) for block in run], runs)
        return [result for results in done for result in results]


def one_blas_thread() -> AbstractContextManager[Any]:
    """Matrix products inside run on the calling thread: for work that is split up already.

    Many small products gain nothing from BLAS's own threads, which wait for one another each time.
    """
    limit: AbstractContextManager[Any] = _get_threadpool_controller().limit(
        limits=1, user_api="blas"
    )
    return limit
