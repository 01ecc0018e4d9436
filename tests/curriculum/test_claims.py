"""Claims hold, fail, and refuse bounds that nothing can fail."""

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsd_kit.curriculum.claims import MIME, Claim, ClaimError, claim, claims_of

FLOATS = st.floats(-1e6, 1e6)


@given(FLOATS, FLOATS)
def test_at_least_and_at_most_split_the_line(value, bound):
    for keyword, holds in (("at_least", value >= bound), ("at_most", value <= bound)):
        if holds:
            claim("x", value, **{keyword: bound}, why="test")
        else:
            with pytest.raises(ClaimError, match="the claim says"):
                claim("x", value, **{keyword: bound}, why="test")


@pytest.mark.parametrize("value, holds", [(1, True), (2, True), (0.999, False), (2.001, False)])
def test_between_includes_its_ends(value, holds):
    if holds:
        claim("x", value, between=(1, 2), why="test")
    else:
        with pytest.raises(ClaimError):
            claim("x", value, between=(1, 2), why="test")


@pytest.mark.parametrize("target", [10, -10])
def test_approx_is_relative(target):
    claim("x", target * 1.04, approx=target, rel=0.05, why="test")
    with pytest.raises(ClaimError, match="within 5 %"):
        claim("x", target * 1.06, approx=target, rel=0.05, why="test")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_never_holds_between(value):
    with pytest.raises(ClaimError):
        claim("x", value, between=(-1e300, 1e300), why="test")


def test_nan_holds_no_bound():
    for bound in ({"at_least": -1e300}, {"at_most": 1e300}):
        with pytest.raises(ClaimError):
            claim("x", float("nan"), **bound, why="test")


@pytest.mark.parametrize(
    "bounds",
    [
        {},
        {"at_least": 1, "at_most": 2},
        {"approx": 1},
        {"rel": 0.1},
        {"at_least": 1, "rel": 0.1},
        {"approx": 0, "rel": 0.1},
        {"approx": 1, "rel": 1.0},
        {"approx": 1, "rel": -0.1},
        {"between": (2, 1)},
        {"at_least": float("-inf")},
        {"at_most": float("nan")},
    ],
)
def test_a_bound_that_cannot_fail_or_is_not_one_is_refused(bounds):
    with pytest.raises(ValueError):
        claim("x", 1, **bounds, why="test")


@pytest.mark.parametrize("name, why", [("", "a reason"), ("x", " ")])
def test_a_claim_needs_a_name_and_a_why(name, why):
    with pytest.raises(ValueError, match="why"):
        claim(name, 1, at_least=0, why=why)


def test_a_failing_claim_is_shown_before_it_fails(capsys):
    with pytest.raises(ClaimError):
        claim("x", 1, at_least=2, why="test")
    assert capsys.readouterr().out == "FAILED x = 1 (at least 2; test)\n"


def test_html_escapes_and_names_the_verdict():
    row = Claim("a < b", 1.0, "at least 2", "x & y", held=False)._repr_html_()
    assert "a &lt; b" in row and "x &amp; y" in row and "failed" in row


@pytest.mark.parametrize("value", [40, 80, float("nan")])
def test_an_undecided_claim_neither_holds_nor_fails_whatever_its_value(value, capsys):
    claim("p99", value, at_most=50, why="agreed", undecided="other work took 41 %")
    shown = capsys.readouterr().out
    assert shown.startswith("UNDECIDED p99") and "agreed; other work took 41 %" in shown


@pytest.mark.parametrize("reason", ["", "  ", "the machine was busy"])
def test_a_cause_that_was_not_measured_leaves_nothing_open(reason):
    with pytest.raises(ValueError, match="measured"):
        claim("p99", 80, at_most=50, why="agreed", undecided=reason)


def test_the_three_outcomes_are_told_apart():
    held = Claim("x", 1.0, "b", "w", True)
    failed = Claim("x", 1.0, "b", "w", False)
    lost = Claim("x", 1.0, "b", "w", False, "other <work> took 41 %")
    assert [c.outcome for c in (held, failed, lost)] == ["held", "failed", "undecided"]
    assert [c.failed for c in (held, failed, lost)] == [False, True, False]
    rows = [c._repr_html_() for c in (held, failed, lost)]
    assert len({row.partition("4px solid ")[2][:7] for row in rows}) == 3
    assert "? undecided" in rows[2] and "other &lt;work&gt; took 41 %" in rows[2]


def test_the_record_in_the_output_tells_it(monkeypatch):
    IPython = pytest.importorskip("IPython")
    records = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: records.append(data[MIME]))
    claim("x", 1, at_least=0, why="w")
    claim("x", float("nan"), at_least=0, why="w", undecided="other work took 41 %")
    assert "undecided" not in records[0] and records[0]["held"]
    assert (records[1]["held"], records[1]["undecided"]) == (False, "other work took 41 %")
    cells = [{"outputs": [{"data": {MIME: record}} for record in records]}]
    assert [c.outcome for c in claims_of({"cells": cells})] == ["held", "undecided"]


def test_claims_are_read_back_from_outputs():
    record = {"name": "x", "value": 0.5, "bound": "at least 0", "why": "t", "held": True}
    lost = {**record, "value": None, "held": False}
    cell = nbformat.v4.new_code_cell("claim(...)")
    cell.outputs = [
        nbformat.v4.new_output("display_data", {MIME: r, "text/plain": ""}) for r in (record, lost)
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("#"), cell])
    first, second = claims_of(json.loads(nbformat.writes(notebook)))
    assert first == Claim(**record)
    assert second.value != second.value and not second.held


def test_in_a_sweep_a_claim_that_does_not_hold_is_shown_and_the_notebook_goes_on(
    monkeypatch, capsys
):
    monkeypatch.setenv("MLSD_COLLECT_CLAIMS", "1")
    claim("accuracy", 0.5, at_least=0.9, why="the baseline")
    assert capsys.readouterr().out.startswith("FAILED accuracy = 0.5")


@pytest.mark.parametrize("value", [1.5e-10, 2.0e-10, -3e-11, 0.0])
def test_far_inside_its_bound_the_digits_are_not_kept(value, capsys):
    claim("gradient", value, at_most=1e-6, why="test")
    assert capsys.readouterr().out == "held   gradient below 1e-09 (at most 1e-06; test)\n"


@pytest.mark.parametrize(
    "value, bound, shown",
    [
        (2e-9, {"at_most": 1e-6}, "= 2e-09"),  # its order of magnitude says something
        (0, {"at_most": 0.1}, "= 0"),  # none of a share is none
        (0, {"at_most": 0}, "= 0"),
        (-5, {"at_most": 1}, "= -5"),
        (1e-12, {"at_least": -1}, "= 1e-12"),
    ],
)
def test_other_figures_keep_their_digits(value, bound, shown, capsys):
    claim("x", value, **bound, why="test")
    assert capsys.readouterr().out.startswith(f"held   x {shown} (")


def test_below_is_shown_in_tables():
    made = Claim("x", 1e-9, "at most 1e-06", "t", held=True, below=True)
    assert made.shown == "below 1e-09"
    assert "x <b>below 1e-09</b>" in made._repr_html_()
