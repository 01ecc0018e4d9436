"""The lint of notebooks: every rule can fail, and every exception must be needed."""

import ast
import json

import pytest

from mlsd_kit.curriculum.claims import MIME
from mlsd_kit.curriculum.run.catalogue import read_entry
from mlsd_kit.curriculum.run.lint import (
    EXCEPTIONS,
    PARTS,
    RULES,
    advice,
    bound_twice,
    findings,
    not_a_sentence,
)

GOOD = """\
# %%
from mlsd_kit.curriculum import claim
gain = 2

# %%
claim("gain", gain, at_least=1, why="The rule in use gains nothing.")
"""
WHY = "The rule in use gains nothing."


def write(home, *, body=GOOD, headline=("gain",), theme="foundations", whys=(WHY,), name="one"):
    """A notebook with its executed form; claims are ``gain``, ``gain 1``, ``gain 2`` ..."""
    source = home.write(name, body, theme=theme)
    words = json.dumps(list(headline))
    text = source.read_text().replace("#     title:", f"#     headline: {words}\n#     title:")
    source.write_text(text)
    outputs = [
        {
            "output_type": "display_data",
            "data": {
                MIME: {
                    "name": f"gain {i}" if i else "gain",
                    "value": 2.0,
                    "bound": "at least 1",
                    "why": why,
                    "held": True,
                }
            },
        }
        for i, why in enumerate(whys)
    ]
    cells = [
        {"cell_type": "markdown", "source": "# One\n\nIt gains 3 of 4 at `k = 5`, by F1."},
        {"cell_type": "code", "source": body, "execution_count": 1, "outputs": outputs},
    ]
    source.with_suffix(".ipynb").write_text(json.dumps({"cells": cells}))
    return read_entry(source)


def rules(entry):
    return [finding.rule for finding in findings(entry)]


def test_a_notebook_that_keeps_to_the_rules_has_no_findings(home):
    assert rules(write(home)) == []


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("bound-twice", {"body": GOOD.replace("claim(", "gain = 3\nclaim(")}),
        ("why-sentence", {"whys": ("half rich?",)}),
        ("claims", {"whys": (WHY,) * 16}),
        ("headline", {"headline": ()}),
        ("headline", {"headline": ("loss",)}),
        ("headline", {"headline": ("gain", "gain 1", "gain 2", "gain 3"), "whys": (WHY,) * 4}),
    ],
)
def test_each_rule_can_fail(home, rule, changes):
    assert rules(write(home, **changes)) == [rule]


def test_a_case_study_has_its_four_parts(home):
    assert rules(write(home, theme="demo")) == list(PARTS)
    calls = "\n# %%\nplots.diagram(1)\ncontract(app)\ncapacity_table(a, b)\ndefence(1)\n"
    assert rules(write(home, theme="demo", body=GOOD + calls)) == []
    words = '\n# %%\n"plots.diagram(1)"  # contract(app)\n'
    assert rules(write(home, theme="demo", body=GOOD + words)) == list(PARTS)


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["a = 1", "a = 2"], ["a"]),
        (["a = 1; a = a + 1"], ["a"]),
        (["(a, *b), c = x", "b = 1", "[c] = 2"], ["b", "c"]),
        (["import a.b", "import a.c"], []),  # both bind the package
        (["import a", "import a"], []),
        (["from a import b", "from c import b"], ["b"]),
        (["import a as b", "b = 1"], ["b"]),
        (["def a(): a = 1; b = 1", "class b: a = 1", "lambda a: (b := a)"], []),
        (["def a(): pass", "a = 1"], ["a"]),
        (["for a, _b in c: pass", "for a, _b in d: pass"], ["a"]),
        (["with f() as (a, _b): pass", "with f() as a, f() as _b: pass"], ["a"]),
        (["if x:\n    a = 1\nelif y:\n    a = 2\nelse:\n    a = 3"], []),
        (["if x:\n    a = 1", "a = 2"], ["a"]),
        (["try:\n    import a\nexcept ImportError:\n    a = None"], []),
        (["try:\n    a = 1\nfinally:\n    a = 2"], ["a"]),
        (["match x:\n    case 1:\n        a = 1\n    case _:\n        a = 2"], []),
        (["a = 1; a += 1; a |= 2"], []),
        (["a = 1", "a += 1"], ["a"]),
        (["for _i in x:\n    a += 1", "a = 0"], ["a"]),
        (["ax = 1; _ = 2; rng = 3", "ax, _, rng = x"], []),
        (["print(a := 1)", "[a := b for b in c]"], ["a"]),
        (["[a for a in b]", "{a: 1 for a in b}", "a = 1"], []),
        (["a: int", "a = 1"], []),
        (["a: int = 1", "a = 1"], ["a"]),
        (["a.b = 1; a[0] = 1", "a.b = 2; a[0] = 2"], []),
        (["while x:\n    a = 1", "a = 2"], ["a"]),
    ],
)
def test_names_that_are_bound_twice(cells, names):
    found = bound_twice([ast.parse(text) for text in cells])
    assert sorted(sentence.split("'")[1] for sentence in found) == names


@pytest.mark.parametrize(
    ("why", "good"),
    [
        ("Published models reach this figure.", True),
        ("95 % of all seeds stay above it.", True),
        ("published models reach this figure.", False),
        ("Published models reach this figure", False),
        ("Steps of noise.", False),
        ("", False),
    ],
)
def test_what_counts_as_a_sentence(why, good):
    assert (not_a_sentence(why) is None) is good


def test_an_exception_spares_a_notebook_and_must_be_needed(home):
    write(home, whys=("half rich?",))
    write(home, name="two")
    file = home.folder / "notebooks" / EXCEPTIONS
    code, out, _ = home.mlsd("lint")
    assert code == 1 and "the why of 'gain' is no sentence" in out
    file.write_text('"foundations/one" = ["why-sentence"]\n')
    assert home.mlsd("lint")[:2] == (0, "2 notebooks, 0 findings.\n")
    lines = ['"foundations/one" = ["why-sentence", "claims"]', '"foundations/two" = ["hats"]']
    file.write_text("\n".join([*lines, '"demo/gone" = ["claims"]']))
    code, out, _ = home.mlsd("lint")
    assert code == 1 and "4 findings" not in out and "3 findings" in out
    assert "foundations/one: its exception is not needed any more" in out
    assert "foundations/two: lint-exceptions.toml names a rule that there is not" in out
    assert "there is no notebook demo/gone" in out
    code, out, _ = home.mlsd("lint", "two")
    assert code == 1 and "demo/gone" not in out
    file.write_text("what")
    code, _, err = home.mlsd("lint")
    assert code == 2 and "is not TOML" in err


def test_a_notebook_without_its_executed_form_is_told_so(home, ok_body):
    home.write("one", ok_body)
    code, _, err = home.mlsd("lint")
    assert code == 2 and "demo/one has no .ipynb: run `mlsd build one`" in err


def test_advice_never_fails(home):
    body = 'ax.set_title("Wins 3 of 4, by F1")\n' + "x = 1\n" * 12
    entry = write(home, body=body)
    assert advice(entry) == [
        "foundations/one: cell 2 has 13 lines; 12 can be taken in",
        "foundations/one: cell 2 has a figure in a title: 'Wins 3 of 4, by F1'",
        "foundations/one: cell 1 has figures in its prose: 3, 4",
    ]
    entry = write(home)
    code, out, _ = home.mlsd("lint", "--advice")
    assert code == 0 and "advice: foundations/one: cell 1 has figures" in out


def test_every_rule_is_named_once():
    assert len(set(RULES)) == len(RULES)
