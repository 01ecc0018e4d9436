"""What a command does not load: nobody waits for libraries that are not used.

Times depend on the machine (``make bench-run`` prints them); imports do not.
"""

import os
import subprocess
import sys

import pytest

from mlsd_kit import paths

PROGRAM = """
import sys
from mlsd_kit.curriculum.cli import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    assert ended.code in (0, 1, 2), ended.code
print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}))
"""
LIBRARIES = {"numpy", "pandas", "scipy", "sklearn", "matplotlib", "lightgbm", "hypothesis"}
NOTEBOOKS = {"papermill", "nbclient", "nbformat", "jupytext", "jupyter_client", "IPython", "zmq"}
ELSEWHERE = {"joblib", "distributed", "dask", "duckdb", "pandera", "torch", "onnxruntime"}


def loaded(*words, **environment):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        text=True,
        check=True,
        cwd=paths.root(),
        env={**os.environ, **environment},
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("--version",)])
def test_help_loads_nothing_but_the_command_line(words):
    assert loaded(*words) & (LIBRARIES | NOTEBOOKS | ELSEWHERE | {"rich", "yaml"}) == set()


def test_the_list_loads_what_prints_a_table(tmp_path):
    found = loaded("list", MLSD_BUILD=str(tmp_path))
    assert found & (LIBRARIES | NOTEBOOKS | ELSEWHERE) == set()
    assert "rich" in found


def test_a_check_that_finds_no_exercise_loads_no_library():
    heavy = {"pandas", "scipy", "sklearn", "matplotlib", "hypothesis"} | NOTEBOOKS | ELSEWHERE
    assert loaded("check", "no_such_exercise") & heavy == set()


NOTEBOOK = """\
# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   mlsd: {title: One, question: "Why?", asked: [], datasets: [], extras: [], seconds: 1}
# ---

# %%
x = 1
"""


def test_an_unchanged_run_loads_nothing_that_runs_a_notebook(tmp_path):
    for folder in ("notebooks/demo", "datasets"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "notebooks/demo/one.py").write_text(NOTEBOOK)
    folders = {"MLSD_HOME": str(tmp_path), "MLSD_BUILD": str(tmp_path / "build")}
    assert "papermill" in loaded("run", "--jobs", "1", **folders)
    assert loaded("run", "--jobs", "1", **folders) & (LIBRARIES | NOTEBOOKS | ELSEWHERE) == set()
