"""After a failure, `make notebooks` says in one line a cell what differs, and where to read on."""

import os
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from mlsd_kit import paths

PLUGIN = "mlsd_kit.curriculum.run.nbval_hint"


def nbval(folder, *words):
    command = [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "--nbval"]
    command += ["--nbval-current-env", "-p", PLUGIN, "-p", "no:cacheprovider", *words, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(paths.root()), "PYTHONSAFEPATH": ""}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    return done.returncode, done.stdout


def write(folder, *cells):
    made = []
    for source, text in cells:
        outputs = [new_output("stream", name="stdout", text=text)] if text else []
        made.append(new_code_cell(source, execution_count=1, outputs=outputs))
    nbformat.write(new_notebook(cells=made), folder / "sums.ipynb")


@pytest.mark.parametrize("words", [(), ("-n", "1")])
def test_a_difference_and_an_error_are_told_in_a_line_each(tmp_path, words):
    write(tmp_path, ("print('a'); print(0.2)", "a\n0.3\n"), ("print(1)", "1\n"), ("1 / 0", ""))
    code, out = nbval(tmp_path, *words)
    assert code == 1
    assert "sums cell 0: recorded «0.3», here «0.2»" in out
    assert "sums cell 1" not in out
    assert "sums cell 2: ZeroDivisionError: division by zero" in out
    assert "Here: " in out and "docs/portability.md" in out


def test_nothing_is_said_where_nothing_differs(tmp_path):
    write(tmp_path, ("print(1)", "1\n"))
    code, out = nbval(tmp_path)
    assert code == 0 and "portability" not in out


def test_output_that_comes_late_is_waited_for(tmp_path, late_output):
    write(tmp_path, (late_output, ""), ("print(1)", "1\n"))
    code, out = nbval(tmp_path)
    assert code == 0, out


def test_the_page_is_there():
    from mlsd_kit.curriculum.run.nbval_hint import PAGE

    assert (paths.root() / PAGE).is_file()
