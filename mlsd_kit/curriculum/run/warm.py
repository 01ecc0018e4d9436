"""Warm kernels: one process imports the third-party libraries once and forks every kernel.

Importing pandas, scikit-learn and matplotlib takes a kernel one to two seconds; a forked one has
them already. The kit's own modules are not preloaded, and what libraries look up while they are
imported is arranged to be what a plain kernel would show them, so results do not differ. Plain
kernels remain the judge of a missing import: the kit's CI uses them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mlsd_kit.curriculum.run.catalogue import code_cells
from mlsd_kit.curriculum.run.sources import closure

SHARED_BY = 2  # an import that a single notebook makes is cheaper where it is


def chosen(wish: bool | None, notebooks: int, jobs: int, environment: Mapping[str, str]) -> bool:
    """Whether a run uses warm kernels.

    As the user wishes; else on Linux, outside CI, from two notebooks a job on: before that the
    kernels wait longer for the parent's imports than they save.

    >>> chosen(None, 24, 2, {}) == (sys.platform == "linux"), chosen(None, 24, 2, {"CI": "true"})
    (True, False)
    """
    if wish is not None:
        return wish and hasattr(os, "fork")
    if sys.platform != "linux" or environment.get("CI", "").lower() not in ("", "0", "false"):
        return False
    return notebooks >= 2 * jobs and notebooks > 1


@contextlib.contextmanager
def warm_parent(statements: Sequence[str], environment: Mapping[str, str]) -> Iterator[str]:
    """Start the parent of warm kernels, and end it with its kernels.

    Parameters
    ----------
    statements : sequence of str
        Import statements that it runs first, from `shared_imports`.
    environment : mapping
        What libraries read while they are imported: the kernels' environment.

    Yields
    ------
    str
        Path of the Unix socket where kernels are asked for. Kernels that are asked for before the
        imports are done wait for them.
    """
    # A short path: a Unix socket's may not exceed about 100 characters. Only this user may enter.
    short = "/tmp" if Path("/tmp").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="mlsd-warm-", dir=short))
    path = folder / "s"
    server = str(Path(__file__).with_name("_warm_parent.py"))
    imports = json.dumps(list(statements))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen(64)
            number = listener.fileno()
            os.set_inheritable(number, True)
            process = subprocess.Popen(
                [sys.executable, server, str(number), imports],
                stdin=subprocess.PIPE,
                pass_fds=[number],
                env=dict(environment),
                start_new_session=True,  # Ctrl-C in a terminal is for the run
            )
        stack.callback(_end, process)
        yield str(path)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:  # stopped, or deep in an import
        process.kill()
        process.wait()


def shared_imports(sources: Sequence[str]) -> list[str]:
    """Import statements of third-party modules that at least two of the notebooks make.

    Their own and those of the kit's modules that they use, sorted.

    >>> shared_imports(["# %%\\nimport numpy as np, os", "# %%\\nfrom numpy import linalg"])
    ['import numpy']
    """
    counts: Counter[str] = Counter()
    for source in sources:
        found = closure([cell for _, cell in code_cells(source)], words=False)
        statements = set()
        for module, name in found.libraries:
            if module.partition(".")[0] not in sys.stdlib_module_names:
                statements.add(f"import {module}")
                if name is not None:
                    statements.add(f"from {module} import {name}")
        counts.update(statements)
    return sorted(statement for statement, count in counts.items() if count >= SHARED_BY)
