"""A user who is not root, with a checkout that is read-only and no home: one sentence, or it runs.

Root may write everywhere, so root becomes another user here; anybody else is one already.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import mlsd_kit
from mlsd_kit import paths

NOTEBOOK = """\
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
#     title: Two
#     question: How much is one and one?
#     asked: [a sum]
#     datasets: []
#     extras: []
#     seconds: 1
# ---

# %%
import os

from mlsd_kit.curriculum import claim

assert os.geteuid() != 0 and "HOME" not in os.environ
claim("sum", 1 + 1, at_least=2, why="One and one are two.")
"""


@pytest.fixture
def mlsd(another_user):
    """Runs ``mlsd …`` as another user in a checkout that nobody may write; knows a free folder."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        made, scratch = Path(folder, "checkout"), Path(folder, "scratch")
        shutil.copytree(
            Path(mlsd_kit.__file__).parent,
            made / "mlsd_kit",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        mape = "exercises/coding/mape"
        shutil.copytree(paths.root() / mape, made / mape)
        for name in ("notebooks/demo", "datasets"):
            (made / name).mkdir(parents=True)
        (made / "notebooks" / "demo" / "two.py").write_text(NOTEBOOK)
        (made / "constraints.txt").write_text("numpy==1.0\n")
        scratch.mkdir()
        for each in (Path(folder), scratch):
            each.chmod(0o777)
        for each in (made, *made.rglob("*")):
            each.chmod(each.stat().st_mode & 0o555)
        env = {k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_CACHE_HOME")}
        env |= {"PYTHONPATH": str(made), "MLSD_HOME": str(made), "TMPDIR": str(scratch)}

        def run(*words, **more):
            command = [*another_user, sys.executable, "-m", "mlsd_kit.curriculum.cli", *words]
            return subprocess.run(
                command, cwd=made, env={**env, **more},
                capture_output=True, text=True, timeout=300, check=False,
            )  # fmt: skip

        run.scratch, run.checkout = scratch, made
        yield run
        for each in (made, *made.rglob("*")):
            each.chmod(each.stat().st_mode | 0o200)


def test_results_that_cannot_be_kept_are_one_sentence_and_elsewhere_it_runs(mlsd):
    refused = mlsd("run", "two")
    assert refused.returncode == 2, refused.stdout + refused.stderr
    (said,) = refused.stderr.splitlines()
    assert said.startswith("mlsd: Cannot write to the build folder") and "--build" in said
    build = mlsd.scratch / "build"
    done = mlsd("run", "two", "--build", str(build))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (build / "results.json").exists()
    assert not (mlsd.checkout / "~").exists()


def test_exercises_that_cannot_be_kept_are_one_sentence_and_elsewhere_they_are_judged(mlsd):
    for words in (("check", "mape"), ("progress",), ("reset", "mape")):
        refused = mlsd(*words)
        assert refused.returncode == 2, refused.stdout + refused.stderr
        (said,) = refused.stderr.splitlines()
        assert said.startswith("mlsd: Cannot write your exercises to") and "MLSD_WORK" in said
    work = mlsd.scratch / "work"
    begun = mlsd("check", "mape", MLSD_WORK=str(work))
    assert "not started" in begun.stdout, begun.stdout + begun.stderr
    (work / "coding" / "mape.py").write_text(
        (mlsd.checkout / "exercises" / "coding" / "mape" / "reference.py").read_text()
    )
    passed = mlsd("check", "mape", MLSD_WORK=str(work))
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "coding/mape: passed" in passed.stdout
