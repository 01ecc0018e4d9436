"""One notebook over many seeds."""

import csv
import json

import pytest

from mlsd_kit.curriculum.claims import Claim
from mlsd_kit.curriculum.run.catalogue import read_entry
from mlsd_kit.curriculum.run.results import Result
from mlsd_kit.curriculum.run.sweep import claim_rows, unfinished, unsteady

LUCKY = """\
# %% tags=["parameters"]
seed = 1
size = 10

# %%
from mlsd_kit.curriculum import claim
import pathlib, os
with (pathlib.Path(os.environ["MLSD_HOME"]) / "ran").open("a") as file:
    file.write(f"{seed} ")
claim("seed is small", seed, at_most=3, why="luck")
claim("size", size, at_least=1, why="always")
if seed == 6:
    raise ValueError("six")
claim("size", 2 * size, at_least=2 * seed, why="the second of that name")
"""


def ran(home):
    return sorted(int(word) for word in (home.folder / "ran").read_text().split())


def test_a_lucky_seed_is_seen(home):
    home.write("lucky", LUCKY)
    code, out, err = home.mlsd("sweep", "lucky", "--jobs", "1", "-p", "seed", "2:6")
    assert code == 1, err
    assert "seed=2: passed" in out and "seed=4: claim failed" in out
    assert "seed=4: not held" not in out.partition("Claims")[2]
    assert "failed: seed=6: ValueError: six (cell 3)" in out
    assert "2 of 5 runs of demo/lucky passed" in out
    record = json.loads((home.build / "sweeps/demo/lucky.json").read_text())
    assert record["parameters"] == {"seed": [2, 3, 4, 5, 6]}
    assert (record["runs"], record["passed"]) == (5, 2)
    small, size, again = record["claims"]
    assert (small["name"], small["held"], small["runs"]) == ("seed is small", 2, 5)
    assert (small["minimum"], small["median"], small["maximum"]) == (2, 4, 6)
    assert small["broken"] == ["seed=4", "seed=5", "seed=6"]  # and the notebook went on
    assert 0 < small["interval"][0] < 0.4 < small["interval"][1] < 1
    assert (size["held"], size["bound"]) == (5, "at least 1")
    assert (again["name"], again["held"], again["bound"]) == ("size #2", 4, "varies")
    (lost,) = record["unfinished"]
    assert lost["parameters"] == {"seed": 6} and lost["status"] == "failed"
    with (home.build / "sweeps/demo/lucky.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 14
    assert rows[0] == {
        "seed": "2",
        "status": "passed",
        "seconds": rows[0]["seconds"],
        "claim": "seed is small",
        "value": "2.0",
        "bound": "at most 3",
        "held": "True",
        "undecided": "",
    }
    kept = sorted(path.name for path in (home.build / "sweeps/notebooks/demo").iterdir())
    assert kept == ["lucky@seed=4.ipynb", "lucky@seed=5.ipynb", "lucky@seed=6.ipynb"]


def test_only_what_is_missing_or_changed_is_run(home):
    source = home.write("lucky", LUCKY)
    words = ("sweep", "lucky", "--jobs", "1", "--warm", "-p")
    assert home.mlsd(*words, "seed", "1:3")[0] == 0
    assert home.mlsd(*words, "SEED", "1:4")[0] == 1  # in the notebook's spelling or another
    assert ran(home) == [1, 2, 3, 4]
    code, out, _ = home.mlsd(*words, "seed", "4,1")  # a claim that fails is a result, too
    assert code == 1 and ran(home) == [1, 2, 3, 4]
    assert "seed=4: unchanged, claim failed" in out
    source.write_text(source.read_text().replace("at_most=3", "at_most=4"))
    code, out, _ = home.mlsd(*words, "seed", "3:4", "-p", "size", "10,20", "--json")
    assert code == 0 and ran(home) == [1, 2, 3, 3, 3, 4, 4, 4]
    record = json.loads(out)
    assert record["runs"] == 4
    assert record["parameters"] == {"seed": [3, 4], "size": [10, 20]}


def test_a_sweep_leaves_the_results_of_a_run_alone(home, ok_body):
    home.write("one", ok_body)
    assert home.mlsd("run", "--jobs", "1")[0] == 0
    before = {path: path.read_bytes() for path in home.build.rglob("*") if path.is_file()}
    assert home.mlsd("sweep", "one", "--jobs", "1", "-p", "seed", "9")[0] == 1
    assert {path: path.read_bytes() for path in before if path.name != ".lock"} == {
        path: content for path, content in before.items() if path.name != ".lock"
    }
    assert "unchanged" in home.mlsd("run")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nobody", "-p", "seed", "1:2"), "No notebook 'nobody'"),
        (("one", "-p", "sed", "1:2"), "No notebook of this run has a parameter sed"),
        (("one", "-p", "seed", "5:1"), "5:1 is an empty range"),
        (("one", "-p", "seed", "[1"), "seed is a number; got"),
        (("one", "-p", "2=3"), "-p takes a name and values"),
        (("one", "-p", "seed", "1:2", "-p", "seed", "5"), "-p seed is given twice"),
    ],
)
def test_wrong_words_are_one_sentence(home, ok_body, words, sentence):
    home.write("one", ok_body)
    code, _, err = home.mlsd("sweep", *words)
    assert code == 2
    assert sentence in err and "Traceback" not in err


def result(seed, *claims, status="passed"):
    return Result("demo/one", "one", status, 1.0, "key", {"seed": seed}, claims)


def test_a_run_that_never_got_there_does_not_count_as_held():
    good = Claim("area", 0.9, "at least 0.8", "test", True)
    rows = claim_rows([result(1, good), result(2, status="timed out"), result(3, good)])
    assert [(row.held, row.runs, row.broken) for row in rows] == [(2, 3, ())]
    assert unfinished([result(1, good), result(2, status="timed out")])[0].parameters == {"seed": 2}


def test_a_figure_that_is_no_number_is_left_out_of_the_range():
    nan = Claim("area", float("nan"), "at least 0.8", "test", False)
    good = Claim("area", 0.9, "at least 0.8", "test", True)
    (row,) = claim_rows([result(1, nan), result(2, good)])
    assert (row.minimum, row.median, row.maximum, row.held) == (0.9, 0.9, 0.9, 1)
    (row,) = claim_rows([result(1, nan)])
    assert row.median != row.median


def test_what_is_undecided_counts_neither_way():
    good = Claim("p99", 40.0, "at most 50", "test", True)
    late = Claim("p99", 90.0, "at most 50", "test", False)
    lost = Claim("p99", 90.0, "at most 50", "test", False, "other work took 41 %")
    (row,) = claim_rows([result(1, good), result(2, late), result(3, lost), result(4, lost)])
    assert (row.held, row.runs, row.undecided, row.broken) == (1, 4, 2, ("seed=2",))
    assert row.interval[0] < 0.1 and row.interval[1] > 0.9  # one of two
    (row,) = claim_rows([result(1, lost)])
    assert (row.held, row.undecided, row.interval) == (0, 1, (0.0, 1.0))


def test_a_sweep_shows_what_is_undecided_apart(home):
    body = """\
        # %% tags=["parameters"]
        seed = 1

        # %%
        from mlsd_kit.curriculum import claim
        busy = "other work took 41 %" if seed == 2 else None
        claim("p99", 80 if seed == 2 else 40, at_most=50, why="test", undecided=busy)
        """
    home.write("busy", body)
    code, out, err = home.mlsd("sweep", "busy", "--jobs", "1", "-p", "seed", "1:3")
    assert code == 0, out + err
    assert "2 of 2, 1 undecided" in out
    with (home.build / "sweeps/demo/busy.csv").open() as file:
        rows = {row["seed"]: (row["held"], row["undecided"]) for row in csv.DictReader(file)}
    assert rows == {"1": ("True", ""), "2": ("", "other work took 41 %"), "3": ("True", "")}


def test_no_runs_no_rows():
    assert claim_rows([]) == []


@pytest.mark.parametrize(
    ("seconds", "runs", "misses", "steady"),
    [
        (10, 20, 1, True),
        (10, 20, 2, False),
        (10, 10, 1, False),
        (41, 10, 1, True),
        (41, 10, 2, False),
    ],
)
def test_how_many_seeds_a_claim_may_miss(home, ok_body, seconds, runs, misses, steady):
    entry = read_entry(home.write("one", ok_body, seconds=seconds))
    results = [
        result(seed, Claim("area", 0.9, "at least 0.8", "test", seed >= misses))
        for seed in range(runs)
    ]
    assert (unsteady(entry, results) == []) is steady


def test_an_undecided_seed_counts_neither_way_and_an_unfinished_one_is_a_fault(home, ok_body):
    entry = read_entry(home.write("one", ok_body))
    open_ = Claim("area", 0.9, "at least 0.8", "test", False, "other work took 50 %")
    good = Claim("area", 0.9, "at least 0.8", "test", True)
    assert unsteady(entry, [result(1, open_), result(2, good)]) == []
    (sentence,) = unsteady(entry, [result(1, good), result(2, good, status="timed out")])
    assert "seed=2 did not finish: timed out" in sentence


def test_prove_names_the_claims_that_owe_too_much_to_their_seed(home):
    home.write("lucky", LUCKY)
    code, out, err = home.mlsd("prove", "lucky", "--seeds", "1:5", "--jobs", "1", "--json")
    assert code == 1, err
    (record,) = json.loads(out)
    assert record["faults"] == [
        "The claim 'seed is small' holds on 3 of 5 seeds; 5 are needed.",
    ]
    assert home.mlsd("prove", "lucky", "--seeds", "1:3", "--jobs", "1")[0] == 0
    assert ran(home) == [1, 2, 3, 4, 5]
    home.write("plain", LUCKY.replace("seed", "start"))
    code, _, err = home.mlsd("prove", "plain", "--seeds", "1:3")
    assert code == 2 and "has a parameter seed" in err
