"""What differs between two runs of a notebook, by nbval's rules."""

from copy import deepcopy
from types import SimpleNamespace

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbval.plugin import IPyNbCell, coalesce_streams, nocolors

from mlsd_kit.curriculum.claims import MIME
from mlsd_kit.curriculum.run.normalise import VOLATILE
from mlsd_kit.curriculum.run.outputs import LEFT_OUT, differences, first_difference


def shown(text, **more):
    return new_output("display_data", {"text/plain": text, **more})


def said(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def claimed(value=0.5, *, held=True, bound="at least 0", name="share", **more):
    record = {"name": name, "value": value, "bound": bound, "why": "t", "held": held, **more}
    return new_output("display_data", {MIME: record, "text/plain": f"{name} {value}"})


def notebook(*outputs, source="f()", tags=()):
    cell = new_code_cell(source, metadata={"tags": list(tags)}, outputs=list(outputs))
    return new_notebook(cells=[new_markdown_cell("# A title"), new_code_cell("1"), cell])


PAIRS = {
    "the same": ([shown("a")], [shown("a")]),
    "text": ([shown("a")], [shown("b")]),
    "html alone": ([shown("a", **{"text/html": "<b>"})], [shown("a", **{"text/html": "<i>"})]),
    "pictures": ([shown("a", **{"image/png": "x"})], [shown("a", **{"image/png": "y"})]),
    "a picture too many": ([shown("a", **{"image/png": "x"})], [shown("a")]),
    "one more": ([shown("a")], [shown("a"), shown("a")]),
    "nothing": ([shown("a")], []),
    "streams in pieces": ([said("a"), said("b")], [said("ab")]),
    "another stream": ([said("a")], [said("a", "stderr")]),
    "kinds in another order": ([said("a"), shown("b")], [shown("b"), said("a")]),
    "texts in another order": ([shown("a"), shown("b")], [shown("b"), shown("a")]),
    "a claim's figure": ([claimed(0.5)], [claimed(0.6)]),
    "a new field of a claim": ([claimed(0.5)], [claimed(0.5, below=True)]),
}


def nbval_agrees(before, after):
    judge = SimpleNamespace(
        parent=SimpleNamespace(skip_compare=tuple(LEFT_OUT)),
        colors=nocolors,
        sanitize=lambda text: text,
        format_output_compare=lambda *_: None,
    )
    before, after = (coalesce_streams(deepcopy(each)) for each in (before, after))
    return IPyNbCell.compare_outputs(judge, after, before)


@pytest.mark.parametrize("name", PAIRS)
def test_the_judgement_is_nbvals(name):
    before, after = PAIRS[name]
    assert (first_difference(before, after) is None) == nbval_agrees(before, after)


def test_the_first_line_that_differs_is_told():
    before, after = notebook(shown("a 1\nb  2.50\nc 3")), notebook(shown("a 1\nb  2.51\nc 4"))
    (found,) = differences(before, after)
    assert str(found) == "cell 1: recorded «b 2.50», here «b 2.51»"


def test_a_cell_that_nbval_ignores_is_not_compared():
    assert not differences(notebook(shown("1 ms"), tags=[VOLATILE]), notebook(shown("2 ms")))
    comment = "# NBVAL_IGNORE_OUTPUT\nf()"
    assert not differences(
        notebook(shown("1 ms"), source=comment), notebook(shown("2 ms"), source=comment)
    )


@pytest.mark.parametrize(
    "after, differs",
    [
        (claimed(0.7), False),
        (claimed(0.7, held=False, undecided="other work took 41 %"), False),
        (claimed(0.7, held=False), True),
        (claimed(0.5, bound="at least 1"), True),
        (claimed(0.5, name="another"), True),
        (shown("none"), True),
    ],
)
def test_claims_of_an_ignored_cell_keep_name_bound_and_verdict(after, differs):
    before = notebook(claimed(0.5), tags=[VOLATILE])
    assert bool(differences(before, notebook(after, tags=[VOLATILE]))) == differs


def test_another_source_is_told_before_its_outputs():
    (found,) = differences(notebook(source="f()"), notebook(source="g()"))
    assert "rebuild" in str(found)


def test_long_lines_are_cut():
    (found,) = differences(notebook(shown("x" * 500)), notebook(shown("y" * 500)))
    assert len(found.recorded) == 160 and found.recorded.endswith("…")
