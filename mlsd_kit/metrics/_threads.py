"""Work on blocks of rows by as many threads as BLAS may use; NumPy's loops run side by side."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def n_threads() -> int:
    """``OMP_NUM_THREADS`` if it is set to a number, else one per processor, at most 8."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    n = int(wanted) if wanted.isdecimal() else os.cpu_count() or 1
    return max(1, min(n, 8))


def in_order(work: Callable[[slice], Result], blocks: list[slice]) -> list[Result]:
    """``[work(block) for block in blocks]``: the same on any number of threads.

    Each thread takes one run of neighbouring blocks, so that short blocks cost no hand-over.
    """
    n = min(n_threads(), len(blocks) // 8)  # a few short blocks are not worth a thread
    if n < 2:
        return [work(block) for block in blocks]
    step = -(-len(blocks) // n)
    runs = [blocks[start : start + step] for start in range(0, len(blocks), step)]
    with ThreadPoolExecutor(n) as pool:
        done = pool.map(lambda run: [work(block) for block in run], runs)
        return [result for results in done for result in results]
