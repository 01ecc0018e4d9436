"""``make portability``: settings reach the kernels, and what differs is told."""

import json
import os
import subprocess
import sys

import psutil
import pytest

from mlsd_kit.curriculum.run import portability
from mlsd_kit.curriculum.run.catalogue import catalogue
from mlsd_kit.curriculum.run.portability import (
    END,
    START,
    Setting,
    main,
    measure,
    page,
    settings,
    table,
)

BODY = """\
# %%
import os
from mlsd_kit.curriculum import claim
print(os.environ.get("OPENBLAS_CORETYPE"), os.environ["OMP_NUM_THREADS"])

# %% tags=["nbval-ignore-output"]
claim("cores that answered", 1, at_least=1, why="There is at least one.")

# %%
claim("an old core", os.environ.get("OPENBLAS_CORETYPE") == "Old", at_most=0, why="A new one.")
print("the end")
"""
OLD = Setting("old", "an old core", {"OPENBLAS_CORETYPE": "Old", "OMP_NUM_THREADS": "3"})
HERE = Setting("here", "this one", {"OMP_NUM_THREADS": "1"})


@pytest.fixture
def built(home, monkeypatch):
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)  # whoever tries an old one sets it
    home.write("one", BODY)
    assert home.mlsd("build", OMP_NUM_THREADS="1")[0] == 0
    return home


def test_a_kernel_gets_the_setting_and_what_differs_is_told(built):
    assert measure(catalogue(), HERE, built.build, 1) == {"demo/one": []}
    first, claim = measure(catalogue(), OLD, built.build, 1)["demo/one"]
    assert first == "cell 0: recorded «None 1», here «Old 3»"
    assert claim.startswith("cell 2:") and "FAILED an old core = 1" in claim  # and it went on


def test_warm_kernels_get_it_too(built):
    built.write("two", BODY)
    assert built.mlsd("build", "two", OMP_NUM_THREADS="1")[0] == 0
    found = measure(catalogue(), OLD, built.build, 1)
    assert [each[0] for each in found.values()] == ["cell 0: recorded «None 1», here «Old 3»"] * 2


def test_a_notebook_that_does_not_finish_differs(built):
    source = built.folder / "notebooks" / "demo" / "one.py"
    source.write_text(source.read_text().replace('print("the end")', "1 / 0"))
    (sentence,) = measure(catalogue(), HERE, built.build, 1)["demo/one"]
    assert "ZeroDivisionError" in sentence


def test_the_command_ends_with_one_if_anything_differs(built, monkeypatch, capsys):
    monkeypatch.setattr(portability, "settings", lambda: [HERE, OLD])
    assert main(["one", "--only", "here"]) == 0
    assert "| demo/one | none |" in capsys.readouterr().out
    assert main(["one"]) == 1
    out = capsys.readouterr().out
    assert "| demo/one | none | **2** |" in out and "old, demo/one: cell 0" in out


def test_the_table_is_put_between_its_marks(built, monkeypatch, capsys):
    monkeypatch.setattr(portability, "settings", lambda: [HERE])
    docs = built.folder / "docs" / "portability.md"
    docs.parent.mkdir()
    docs.write_text(f"before\n{START}\nold\n{END}\nafter\n")
    assert main(["--write"]) == 0
    text = docs.read_text()
    assert text.startswith("before\n") and text.endswith(f"{END}\nafter\n")
    assert "| demo/one | none |" in text and "old" not in text and "Measured on: " in text


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="no place"):
        page("nothing", {"here": {"a": []}})


def test_nothing_computes_beside_it_afterwards():
    others = psutil.Process().children()
    with portability._busy(2):
        loops = [each for each in psutil.Process().children() if each not in others]
        assert len(loops) == 2
    psutil.wait_procs(loops, timeout=10)
    assert not any(loop.is_running() for loop in loops)


def test_nothing_computes_after_a_run_that_was_killed():
    code = (
        "import time\nfrom mlsd_kit.curriculum.run import portability\n"
        "with portability._busy(2):\n    print('busy', flush=True)\n    time.sleep(60)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "busy\n"
    loops = psutil.Process(run.pid).children()
    run.kill()
    run.wait()
    assert len(loops) == 2 and not psutil.wait_procs(loops, timeout=10)[1]


def test_numpy_really_goes_without_what_a_setting_disables():
    oldest = settings()[-1]
    if "NPY_DISABLE_CPU_FEATURES" not in oldest.environment:
        pytest.skip("NumPy has nothing optional here")
    code = (
        "import json; from mlsd_kit.curriculum.run.portability import optional_features;"
        "print(json.dumps(optional_features()))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, **oldest.environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == []


def test_the_table_has_a_row_a_notebook():
    found = {"a": {"x/y": [], "x/z": ["one"]}, "b": {"x/y": ["one", "two"], "x/z": []}}
    assert table(found).splitlines()[2:] == ["| x/y | none | **2** |", "| x/z | **1** | none |"]
