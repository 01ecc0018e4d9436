"""What the trials of a notebook have in common is computed once, and changes no outcome."""

import json
import os
import sys

import pytest

from mlsd_kit.curriculum.run.catalogue import read_entry
from mlsd_kit.curriculum.run.preparing import job_of
from mlsd_kit.curriculum.run.sharing import can_share, run_shared

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks, and looks into /proc")

NOTE = """\
# %% tags=["parameters"]
seed = 1

# %%
import os, pathlib, random, sys
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
from mlsd_kit.curriculum import claim

def note(word):
    with (pathlib.Path(os.environ["MLSD_HOME"]) / "ran").open("a") as file:
        file.write(word + " ")

rng = np.random.default_rng(seed)
np.random.seed(seed)
note("first")
"""
LAST = """
# %%
gain = rng.normal() + np.random.normal()
plt.plot([1, 2])
pd.DataFrame({"gain": [gain]})

# %%
note("last")
claim("gain", gain, at_least=-99, why="Chance alone.")
claim("name of this module", len(__name__), at_least=8, why="As in a kernel.")
claim("turns", 3, at_least=2, why="There are two.")
"""


def variants(home, body, *replaced, timeout=60.0, **parameters):
    """The notebook as it is, and one job for each pair of texts; keys are base, a, b, c."""
    entry = read_entry(home.write("one", body))
    text = entry.source.read_text()
    base = job_of(entry, "base", {}, timeout, collect=True)
    jobs = []
    for key, (old, new) in zip("abc", replaced, strict=False):
        assert text.count(old) == 1
        changed = text.replace(old, new)
        jobs.append(job_of(entry, key, {}, timeout, collect=True, text=changed))
    if parameters:
        jobs.append(job_of(entry, "parameters", parameters, timeout, collect=True))
    return base, jobs


def shared(base, jobs, wanted=True):
    return {result.key: result for result in run_shared(base, jobs, 2, wanted=wanted)}


def ran(home):
    return sorted((home.folder / "ran").read_text().split())


def test_claims_are_those_of_kernels_and_common_cells_run_once(home):
    from mlsd_kit.curriculum.run.execute import execute

    low = ("at_least=2", "at_least=4")
    base, jobs = variants(
        home, NOTE + LAST, ("pd.DataFrame", "gain += 1; pd.DataFrame"), low, seed=2
    )
    found = shared(base, jobs)
    assert ran(home) == ["first", "first", "last", "last", "last", "last"]
    for job in (base, *jobs):
        result, _ = execute(job)
        assert (result.status, result.claims) == (found[job.key].status, found[job.key].claims)
        assert (result.failure is None) == (found[job.key].failure is None)
    assert found["b"].failure.message == "not held: turns"
    assert len({found[key].claims[0].value for key in ("base", "a", "parameters")}) == 3


def test_the_notebook_as_it_is_goes_only_as_far_as_it_is_needed(home):
    base, jobs = variants(home, NOTE + LAST, ("at_least=2", "at_least=4"))
    assert list(shared(base, jobs, wanted=False)) == ["a"]
    assert ran(home) == ["first", "last"]


@pytest.mark.parametrize(
    "statement",
    [
        "import threading, time\nthreading.Timer(9, print).start()",
        "import subprocess; held = subprocess.Popen(['sleep', '9'])",
        "import socket; held = socket.socket()",
        "import tempfile; held = tempfile.TemporaryDirectory()",
    ],
    ids=["thread", "process", "socket", "file"],
)
def test_what_two_processes_must_not_share_is_left_to_kernels(home, statement):
    body = NOTE + f"\n# %%\n{statement}\n" + LAST
    base, jobs = variants(home, body, ("seed = 1", "seed = 2"), ("at_least=2", "at_least=4"))
    found = shared(base, jobs)
    assert set(found) == {"base", "a"}
    assert {result.status for result in found.values()} == {"passed"}


def test_files_of_a_variant_are_its_own(home):
    write = "import tempfile\nhandle, path = tempfile.mkstemp()\nnote(path)\n"
    base, jobs = variants(home, NOTE + LAST + write, ("at_least=2", "at_least=4"))
    assert len(shared(base, jobs)) == 2
    paths = {path for path in ran(home) if path.startswith("/")}
    assert len({os.path.dirname(path) for path in paths}) == 2  # noqa: PTH120
    assert not [path for path in paths if os.path.exists(path)]  # noqa: PTH110


def test_however_a_variant_ends_the_others_go_on(home):
    body = "# %%\nimport os\nfrom mlsd_kit.curriculum import claim\n\n# %%\nlast = 1\n\n"
    base, jobs = variants(
        home,
        body + '# %%\nclaim("last", last, at_least=1, why="There is one.")\n',
        ("last = 1", "while True: pass"),
        ("last = 1", "os.kill(os.getpid(), 9)"),
        ("last = 1", "raise ValueError('what\\nmore')"),
        timeout=8.0,
    )
    found = shared(base, jobs)
    assert found["base"].status == "passed"
    assert found["a"].status == "timed out" and "8 s ran out" in found["a"].failure.message
    assert "b" not in found  # a kernel of its own will say how it died
    assert found["c"].failure.message == "ValueError: what (cell 2)"
    assert found["c"].claims == ()


def test_leaving_early_and_clearing_are_seen(home):
    clear = "from IPython.display import clear_output; clear_output()"
    base, jobs = variants(
        home,
        NOTE + LAST,
        ('note("last")', "sys.exit(0)"),
        ('"There are two.")', f'"There are two."); {clear}'),
    )
    found = shared(base, jobs)
    assert {found[key].status for key in "ab"} == {"incomplete"}
    assert "the claim 'turns' of cell 4 is missing" in found["b"].failure.message


def test_when_trials_share(home):
    base, jobs = variants(home, NOTE + LAST, ("at_least=2", "at_least=4"))
    both = [base, *jobs]
    assert can_share(both, None, {}) and can_share(both, True, {"CI": "true"})
    assert not can_share(both, None, {"CI": "true"}) and not can_share(both, False, {})
    assert not can_share([base], None, {})
    loud = NOTE + LAST.replace("# %%\nnote", '# %% tags=["alone"]\nnote')
    base, jobs = variants(home, loud, ("at_least=2", "at_least=4"))
    assert not can_share([base, *jobs], None, {})


def test_a_proof_is_the_same_in_shared_and_in_plain_kernels(home):
    source = home.write("one", NOTE + LAST.replace("at_least=-99", "between=(-9, 9)"))
    words = json.dumps(
        [
            {"name": "large gain", "replace": "gain = rng", "with": "gain = 10 + rng"},
            {"name": "one turn", "replace": '"turns", 3', "with": '"turns", 1'},
            {"name": "no name", "replace": "len(__name__)", "with": "0"},
        ]
    )
    text = source.read_text().replace("#     title:", f"#     sabotages: {words}\n#     title:")
    source.write_text(text)
    outs = []
    for kind, build in (("--warm", "w"), ("--plain", "p")):
        folder = str(home.folder / build)
        code, out, err = home.mlsd("prove", kind, "--json", "--jobs", "2", "--build", folder)
        assert code == 0, out + err
        record = json.loads(out)
        for sabotage in record[0]["sabotages"]:
            del sabotage["seconds"]
        outs.append(record)
    assert outs[0] == outs[1]
    assert ran(home).count("first") == 1 + 4
