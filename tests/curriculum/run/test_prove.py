"""Sabotages: what breaks, what does not, and what is no proof."""

import json

import pytest

from mlsd_kit.curriculum.run.catalogue import Sabotage
from mlsd_kit.curriculum.run.errors import UsageError
from mlsd_kit.curriculum.run.prove import sabotaged

BODY = """\
# %% [markdown]
# gain = 2 stands here, too.

# %% tags=["parameters"]
seed = 1

# %%
from mlsd_kit.curriculum import claim
import pathlib, os
with (pathlib.Path(os.environ["MLSD_HOME"]) / "ran").open("a") as file:
    file.write("x")
gain = 2
claim("gain", gain, at_least=1, why="The rule gains nothing.")

# %%
assert gain < 10
claim("seed", seed, at_most=5, why="A small seed.")
"""
CONSTANT = {"name": "no gain", "replace": "gain = 2", "with": "gain = 0"}
LARGE = {"name": "large seed", "parameter": "SEED", "value": 9}


def write(home, *sabotages, body=BODY, name="one"):
    source = home.write(name, body)
    text = source.read_text()
    words = json.dumps(list(sabotages))  # JSON is YAML
    source.write_text(text.replace("#     title:", f"#     sabotages: {words}\n#     title:"))
    return source


def proof(home, *words):
    code, out, err = home.mlsd("prove", "--jobs", "1", "--json", *words)
    assert out, err
    return code, json.loads(out)[0]


def ran(home):
    return len((home.folder / "ran").read_text())


def test_every_claim_breaks_and_every_sabotage_breaks_one(home):
    write(home, CONSTANT, LARGE)
    code, record = proof(home)
    assert (code, record["faults"], record["proven"]) == (0, [], True)
    assert {claim["name"]: claim["outcomes"] for claim in record["claims"]} == {
        "gain": {"no gain": "breaks", "large seed": "holds"},
        "seed": {"no gain": "holds", "large seed": "breaks"},
    }


def test_only_what_changed_is_run_again(home):
    source = write(home, CONSTANT, LARGE)
    assert proof(home)[0] == 0 and ran(home) == 3
    assert proof(home)[0] == 0 and ran(home) == 3
    source.write_text(source.read_text().replace("gain = 0", "gain = -1"))
    assert proof(home)[0] == 0 and ran(home) == 4
    assert proof(home, "--fresh")[0] == 0 and ran(home) == 7


def test_an_ordinary_run_serves_as_the_notebook_as_it_is(home):
    write(home, CONSTANT, LARGE)
    assert home.mlsd("run", "--jobs", "1")[0] == 0
    assert proof(home)[0] == 0 and ran(home) == 3


def test_a_claim_that_nothing_breaks_has_no_teeth(home):
    write(home, CONSTANT)
    code, record = proof(home)
    assert code == 1
    assert record["faults"] == ["No sabotage breaks the claim 'seed'."]


def test_a_sabotage_that_breaks_nothing_is_useless(home):
    write(home, CONSTANT, LARGE, {"name": "other seed", "parameter": "seed", "value": 2})
    code, record = proof(home)
    assert code == 1
    assert record["faults"] == ["The sabotage 'other seed' breaks no claim."]


def test_an_error_breaks_no_claim_and_what_lies_behind_it_is_not_reached(home):
    crash = {"name": "an assertion fires", "replace": "gain = 2", "with": "gain = 20; seed = 9"}
    write(home, CONSTANT, crash)
    code, record = proof(home)
    assert code == 1
    assert record["claims"][1]["outcomes"]["an assertion fires"] == "not reached"
    toothless, useless = record["faults"]
    assert toothless == "No sabotage breaks the claim 'seed'."
    assert useless.startswith("The sabotage 'an assertion fires' breaks no claim (its run ended")


def test_an_undecided_claim_is_neither_held_nor_broken_and_is_tried_again(home):
    busy = 'undecided="other work took 90 %" if gain == 2.5 else None, '
    other = {"name": "busy", "replace": "gain = 2", "with": "gain = 2.5; seed = 9"}
    write(home, CONSTANT, other, body=BODY.replace("gain, at_least", f"gain, {busy}at_least"))
    code, record = proof(home)
    assert (code, record["faults"]) == (0, [])
    assert record["claims"][0]["outcomes"] == {"no gain": "breaks", "busy": "undecided"}
    assert proof(home)[0] == 0 and ran(home) == 4


@pytest.mark.parametrize(
    ("sabotage", "sentence"),
    [
        ({"name": "gone", "replace": "gain = 3", "with": "1"}, "it is there nowhere: 'gain = 3'"),
        ({"name": "often", "replace": "claim(", "with": "1"}, "it is there 2 times: 'claim('"),
        ({"name": "no seed", "parameter": "sede", "value": 1}, "has a parameter sede"),
        (CONSTANT, "Two sabotages are named 'no gain'."),
    ],
)
def test_a_sabotage_that_cannot_be_made_is_a_fault(home, sabotage, sentence):
    write(home, CONSTANT, LARGE, sabotage)
    code, record = proof(home)
    assert code == 1
    assert len(record["faults"]) == 1 and sentence in record["faults"][0]


def test_a_notebook_that_does_not_pass_as_it_is_proves_nothing(home):
    write(home, CONSTANT, LARGE, body=BODY.replace("at_most=5", "at_most=0"))
    code, record = proof(home)
    assert code == 1
    assert "does not pass as it is: not held: seed" in record["faults"][0]


def test_without_names_those_that_declare_none_are_left_out(home, ok_body):
    home.write("plain", ok_body)
    write(home, CONSTANT, LARGE)
    code, out, err = home.mlsd("prove", "--jobs", "1")
    assert code == 0, out + err
    assert "1 of 1 case studies proven" in out and "plain" not in out
    code, out, _ = home.mlsd("prove", "plain")
    assert code == 1 and "Its header declares no sabotages." in out


def test_the_document_keeps_what_others_wrote(home):
    write(home, CONSTANT, LARGE)
    write(home, CONSTANT, LARGE, name="two")
    (home.folder / "docs").mkdir()
    document = home.folder / "docs" / "claims.md"
    assert home.mlsd("prove", "two", "--jobs", "1", "--write")[0] == 0
    two = document.read_text()
    assert home.mlsd("prove", "one", "--jobs", "1", "--write")[0] == 0
    both = document.read_text()
    assert two.partition("## demo/two")[2] in both
    assert "| gain | breaks |  |\n| seed |  | breaks |" in both
    assert both.index("## demo/one") < both.index("## demo/two")
    write(home, CONSTANT, name="one")  # no proof any more: what is there stays
    assert home.mlsd("prove", "one", "--jobs", "1", "--write")[0] == 1
    assert document.read_text() == both


def test_only_code_cells_are_sabotaged():
    text = "# %% [markdown]\n# x = 1\n\n# %%\nx = 1\n\n# %% [raw]\nx = 1\n"
    changed = sabotaged(text, Sabotage("two", replace="x = 1", by="x = 2"))
    assert changed == text.replace("\nx = 1\n\n#", "\nx = 2\n\n#")
    with pytest.raises(UsageError, match="nowhere"):
        sabotaged("# %%\nx = 1\n\n# %%\ny = 1\n", Sabotage("over", replace="1\n\n# %%\ny", by=""))
