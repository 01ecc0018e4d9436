"""Runs the variants of one notebook together: what they have in common is computed once.

The cells of the notebook run in one process, which forks where the cells of a variant begin to
differ; the variant goes on from there. What a fork must not share (threads, processes, sockets,
files) leaves a variant without a result: it is for kernels of its own.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlsd_kit.curriculum.run.catalogue import code_cells
from mlsd_kit.curriculum.run.environment import kernel_environment
from mlsd_kit.curriculum.run.execute import SHORT, Job, judged
from mlsd_kit.curriculum.run.results import Failure, Result
from mlsd_kit.curriculum.run.turns import ALONE

PAUSE = 0.05  # seconds between two looks for results


def can_share(jobs: Sequence[Job], warm: bool | None, environment: Mapping[str, str]) -> bool:
    """Whether the variants of one notebook are run together.

    On Linux, from two on, unless plain kernels are wanted; in CI they are. A notebook that must
    have the machine for itself in one of its cells runs as always.
    """
    if sys.platform != "linux" or len(jobs) < 2 or warm is False:
        return False
    if warm is None and environment.get("CI", "").lower() not in ("", "0", "false"):
        return False
    return not any(f'"{ALONE}"' in options for job in jobs for options, _ in code_cells(job.text))


def run_shared(base: Job, variants: Sequence[Job], jobs: int, *, wanted: bool) -> Iterator[Result]:
    """Results as they come in: of the variants that could be forked, and of ``base`` if wanted.

    Parameters
    ----------
    base : Job
        The notebook as it is.
    variants : sequence of Job
        The same with other cells or parameters; their keys tell them apart.
    jobs : int
        Processes that compute at once.
    wanted : bool
        Run the notebook as it is to its end; else only as far as variants need it.
    """
    trunk = _cells(base)
    spec = {
        "parent": os.getpid(),
        "jobs": jobs,
        "timeout": base.timeout,
        "trunk": {"key": base.key, "wanted": wanted, "cells": trunk},
        "variants": [_variant(job, trunk) for job in variants],
    }
    waiting = {job.key: job for job in ([base] if wanted else []) + list(variants)}
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="mlsd-tree-", dir=SHORT))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        file = folder / "tree"
        file.write_text(json.dumps({**spec, "folder": str(folder)}), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("_trunk.py")), str(file)],
            cwd=base.folder,
            env={**os.environ, **kernel_environment(base.home, folder, collect=True)},
            start_new_session=True,
        )
        stack.callback(_end, process)
        ended = False
        while waiting and not ended:
            ended = process.poll() is not None  # before the last look
            for key in [key for key in waiting if (folder / f"{key}.json").is_file()]:
                text = (folder / f"{key}.json").read_text(encoding="utf-8")
                yield _result(waiting.pop(key), json.loads(text))
            if not ended:
                time.sleep(PAUSE)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _cells(job: Job) -> list[tuple[int, str]]:
    """Number and source of each code cell, with the parameters where papermill puts them."""
    import jupytext
    from papermill.translators import PythonTranslator

    notebook = jupytext.reads(job.text, fmt="py:percent")
    found: list[tuple[int, str]] = []
    number = 0
    for cell in notebook.cells:
        number += 1
        if cell.cell_type == "code":
            found.append((number, cell.source))
            if job.parameters and "parameters" in cell.metadata.get("tags", []):
                number += 1
                found.append((number, PythonTranslator.codify(job.parameters)))
    return found


def _variant(job: Job, trunk: Sequence[tuple[int, str]]) -> dict[str, Any]:
    cells = _cells(job)
    pairs = itertools.zip_longest(trunk, cells, fillvalue=(0, None))
    first = next(i for i, ((_, old), (_, new)) in enumerate(pairs) if old != new)
    return {"key": job.key, "first": first, "cells": cells}


def _result(job: Job, record: dict[str, Any]) -> Result:
    failure = None
    if record["outcome"] == "timed out":
        failure = Failure(f"the time limit of {job.timeout:g} s ran out")
    elif record["outcome"] == "failed":
        number = record["cell"]
        failure = Failure(f"{record['message']} (cell {number})", number, record["source"])
    return judged(job, record["outcome"], failure, record, record["seconds"])
