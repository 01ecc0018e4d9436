"""A small curriculum of its own for every test: notebooks written here, a build folder to match."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   mlsd:
#     title: {title}
#     question: How would you build {title}?
#     asked: [a thing]
#     datasets: {datasets}
#     extras: {extras}
#     seconds: {seconds}
# ---

"""

WARM = "_warm_parent.py"


def _is_kernel(process: psutil.Process) -> bool:
    """A plain kernel by its command line; a warm one by that of the parent which forked it."""
    words = " ".join(process.cmdline())
    if "ipykernel_launcher" in words:
        return True
    # in a session of its own with the parent's command line: not the parent
    return WARM in words and (process.ppid() == 1 or WARM in " ".join(process.parent().cmdline()))


class Home:
    """A curriculum in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "notebooks").mkdir(parents=True)
        (folder / "datasets").mkdir()
        (folder / "constraints.txt").write_text("numpy==1.0\n")
        self.build = folder / "build"

    def write(self, name: str, body: str, *, theme="demo", datasets="[]", extras="[]", seconds=1):
        source = self.folder / "notebooks" / theme / f"{name}.py"
        source.parent.mkdir(exist_ok=True)
        head = HEADER.format(title=name, datasets=datasets, extras=extras, seconds=seconds)
        source.write_text(head + textwrap.dedent(body))
        return source

    def environment(self, **more: str) -> dict[str, str]:
        return {**os.environ, "MLSD_HOME": str(self.folder), "PYTHONUNBUFFERED": "1", **more}

    def start(self, *words: str, **more: str) -> subprocess.Popen:
        """``mlsd …`` in a process (and process group) of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "mlsd_kit.curriculum.cli", *words],
            env=self.environment(**more),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def mlsd(self, *words: str, timeout: float = 120, **more: str):
        """Run ``mlsd …`` to its end: exit code, standard output, standard error."""
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=timeout)
        return process.returncode, out, err

    def kernels(self) -> list[psutil.Process]:
        """Kernel processes that work for this curriculum, whoever their parent is."""
        found = []
        for process in psutil.process_iter():
            try:
                if not _is_kernel(process):
                    continue
                if process.environ().get("MLSD_HOME") == str(self.folder):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def await_kernels(self, number: int, seconds: float = 60) -> list[psutil.Process]:
        """Wait until this many kernels run for this curriculum; fail the test otherwise."""
        deadline = time.monotonic() + seconds
        while len(found := self.kernels()) != number:
            assert time.monotonic() < deadline, f"{len(found)} kernels run, not {number}"
            time.sleep(0.1)
        return found

    def results(self) -> dict[str, dict]:
        """``results.json`` by notebook."""
        read = json.loads((self.build / "results.json").read_text())
        return {record["id"]: record for record in read["notebooks"]}


@pytest.fixture
def home(tmp_path, monkeypatch):
    made = Home(tmp_path / "home")
    monkeypatch.setenv("MLSD_HOME", str(made.folder))
    monkeypatch.delenv("MLSD_BUILD", raising=False)
    return made


OK = """\
# %% [markdown]
# A notebook that holds.

# %% tags=["parameters"]
seed = 1

# %%
from mlsd_kit.curriculum import claim
claim("seed", seed, at_most=5, why="a small seed")
"""


@pytest.fixture
def ok_body():
    return OK


@pytest.fixture
def late_output() -> str:
    """A cell whose end is told seven seconds after its reply, as on a machine with much to do."""
    return textwrap.dedent("""\
        import sys, time
        sys.stdout.flush_timeout = sys.stderr.flush_timeout = 0.1
        get_ipython().kernel.iopub_thread.schedule(lambda: time.sleep(7))""")
