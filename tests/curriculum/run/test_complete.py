"""A notebook that leaves early, or hides a claim, has not passed."""

import json

import pytest

from mlsd_kit.curriculum.claims import MIME
from mlsd_kit.curriculum.run.catalogue import catalogue
from mlsd_kit.curriculum.run.complete import gaps, sites

FIRST = """\
# %%
from mlsd_kit.curriculum import claim
claim("one", 1, at_least=0, why="It is positive.")
"""
ENDS = {
    "exits": (
        FIRST + "\n# %%\nimport sys\nsys.exit(0)\n\n# %%\n"
        'claim("two", 0, at_least=1, why="It is positive.")\n',
        "cell 3 did not run; the claim 'two' of cell 3 is missing",
    ),
    "last": (
        FIRST + "\n# %%\nraise SystemExit\n\n# %%\nprint('the last cell')\n",
        "cell 3 did not run",
    ),
    "cleared": (
        FIRST + "from IPython.display import clear_output\nclear_output()\n",
        "the claim 'one' of cell 1 is missing",
    ),
    "swallowed": (
        FIRST + "\n# %%\ntry:\n"
        '    raise RuntimeError("before the claim")\n'
        '    claim("two", 0, at_least=1, why="It is positive.")\n'
        "except RuntimeError:\n    pass\n",
        "the claim 'two' of cell 2 is missing",
    ),
    "caught": (
        FIRST + "\n# %%\nimport contextlib\nwith contextlib.suppress(AssertionError):\n"
        '    claim("two", 0, at_least=1, why="It is positive.")\n',
        "not held: two",
    ),
    "rebound": (
        FIRST + "\n# %%\ndef claim(*_, **__):\n    pass\n\n\n"
        'claim("two", 0, at_least=1, why="It is positive.")\n',
        "the claim 'two' of cell 2 is missing",
    ),
}


def test_notebooks_that_hide_something_do_not_pass(home, ok_body):
    for name, (body, _) in ENDS.items():
        home.write(name, body)
    home.write("good", ok_body)
    assert home.mlsd("run", "--jobs", "2", timeout=400)[0] == 1
    results = home.results()
    assert results.pop("demo/good")["status"] == "passed"
    for name, (_, sentence) in ENDS.items():
        record = results[f"demo/{name}"]
        assert record["status"] == ("claim failed" if name == "caught" else "incomplete"), record
        assert record["failure"]["message"].endswith(sentence), record


def cell(source, *names, ran=True):
    outputs = [{"output_type": "display_data", "data": {MIME: {"name": name}}} for name in names]
    return {
        "cell_type": "code",
        "source": source,
        "execution_count": 1 if ran else None,
        "outputs": outputs,
    }


@pytest.mark.parametrize(
    ("source", "names", "missing"),
    [
        ('claim("a", 1)', ["a"], []),
        ('claim("a", 1)', ["b"], ["'a'"]),
        ('claim("a", 1)\nclaim("a", 2)', ["a"], ["'a'"]),
        ('claim(f"{x} b", 1)\nclaim("a b", 1)', ["a b", "c b"], []),
        ('claim(f"{x} b", 1)\nclaim("a b", 1)', ["a b"], ["f'{x} b'"]),
        ('curriculum.claim(name="a", value=1)', [], ["'a'"]),
        ("for name in names:\n    claim(name, 1)", ["a", "b"], []),
        ("for name in names:\n    claim(name, 1)", [], ["name"]),
        ("[claim(name, 1) for name in names]", [], ["name"]),
        ('with x:\n    claim("a", 1)', [], ["'a'"]),
        ('try:\n    claim("a", 1)\nfinally:\n    claim("b", 1)', [], ["'a'", "'b'"]),
        ('if x:\n    claim("a", 1)\nelse:\n    claim("b", 1)', ["b"], []),
        ('try:\n    f()\nexcept OSError:\n    claim("a", 1)', [], []),
        ('x and claim("a", 1)', [], []),
        ('%%capture\nclaim("a", 1)', [], ["'a'"]),
        ("# claim('a', 1)\nprint(\"claim('a', 1)\")", [], []),
    ],
)
def test_what_must_show(source, names, missing):
    found = gaps({"cells": [cell(source, *names)]})
    assert found == [f"the claim {words} of cell 1 is missing" for words in missing]


def test_a_claim_in_a_function_shows_where_it_is_called():
    define = cell('def f():\n    claim("a", 1)')
    assert gaps({"cells": [define, cell("f()", "a")]}) == []
    assert gaps({"cells": [define]}) == ["the claim 'a' of cell 1 is missing"]
    own = cell('f()\nclaim("a", 1)', "a")  # the cell's own comes first
    assert gaps({"cells": [define, own]}) == ["the claim 'a' of cell 1 is missing"]


def test_a_cell_that_is_empty_or_text_need_not_run():
    text = {"cell_type": "markdown", "source": 'claim("a", 1)'}
    assert gaps({"cells": [text, cell("\n", ran=False)]}) == []
    assert gaps({"cells": [cell("1", ran=False)]}) == ["cell 1 did not run"]


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.id)
def test_the_committed_notebooks_came_to_their_ends(entry):
    notebook = json.loads(entry.notebook.read_text(encoding="utf-8"))
    assert gaps(notebook) == []
    written = [site for each in notebook["cells"] for site in sites("".join(each["source"]))]
    assert any(not site.conditional for site in written)
