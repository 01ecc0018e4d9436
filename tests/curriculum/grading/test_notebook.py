"""In a notebook: the same verdict, from a judge that the kernel cannot touch."""

import nbformat
import numpy as np
import pytest

from mlsd_kit.curriculum.grading import GradingError, practice, state
from mlsd_kit.curriculum.grading.catalogue import find
from mlsd_kit.curriculum.grading.notebook import check, solution

FACTOR = 2


def right(x, scale=1.0):
    return float(((scale * np.asarray(x)) ** 2).sum())


def wrong(x, scale=1.0):
    return float((scale * np.asarray(x)).sum())


def uses_a_global_and_a_closure(power):
    def total(x, scale=1.0):
        return float(((scale * np.asarray(x)) ** power).sum()) * FACTOR / 2

    return total


def test_a_function_passes_and_is_recorded(curriculum):
    verdict = check("total", right)
    assert verdict.passed and verdict.speed is not None
    assert "✓" in verdict._repr_html_()
    assert state.row(find("total")).status == "passed"


def test_a_wrong_one_gets_the_same_sentences(curriculum):
    verdict = check("total", wrong, seed=5)
    assert verdict.seed == 5
    assert "called total(x=[1.0, 2.0])" in str(verdict)
    assert "no_square" in verdict._repr_html_()


def test_globals_and_closures_travel_along(curriculum):
    assert check("total", uses_a_global_and_a_closure(2)).passed


def test_a_lambda_and_an_error_with_its_line(curriculum):
    verdict = check("total", lambda x, scale=1.0: x.nothing)
    assert verdict.status == "error"
    assert "AttributeError" in str(verdict)


def test_the_stub_is_not_started(curriculum):
    def total(x, scale=1.0):
        raise NotImplementedError("write total")

    assert check("total", total).status == "not started"


def test_a_patched_kernel_does_not_change_the_verdict(curriculum, monkeypatch):
    import mlsd_kit.curriculum.grading.compare as compare

    monkeypatch.setattr(compare, "same", lambda *args, **kwargs: None)
    assert check("total", wrong).status == "wrong"


def test_what_cannot_be_judged_is_a_sentence(curriculum):
    with pytest.raises(GradingError, match=r'Pass your function: check\("total", total\)'):
        check("total", 3)
    with pytest.raises(GradingError, match="No exercise"):
        check("nothing", right)
    lock = __import__("threading").Lock()
    with pytest.raises(GradingError, match="cannot leave the notebook"):
        check("total", lambda x, scale=1.0: lock)


def test_a_prediction_is_answered_by_a_letter(curriculum, add):
    add(
        curriculum,
        "predict",
        "coin",
        question_dot_md="# Q\n\n- a) up\n- b) down\n",
        experiment_dot_py="def answer():\n    return 'a'\n",
    )
    assert check("coin", "a").passed


def test_the_practice_notebook_is_valid_and_the_same_every_time(curriculum):
    exercise = find("total")
    text = practice.text(exercise)
    assert text == practice.text(exercise)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    kinds = ["markdown", "code", "code", "markdown", "code"]
    assert [cell.cell_type for cell in notebook.cells] == kinds
    assert notebook.cells[0].source.startswith("# Total")
    assert "raise NotImplementedError" in notebook.cells[1].source
    assert notebook.cells[2].source.endswith('check("total", total)')
    assert notebook.cells[4].source.endswith('solution("total")')
    assert notebook.cells[4].metadata.jupyter.source_hidden
    assert len({cell.id for cell in notebook.cells}) == 5


def test_practice_notebooks_are_laid_out_once_in_the_learners_folder(curriculum):
    (path,) = practice.lay_out()
    assert path == state.folder() / "practice" / "total.ipynb"
    path.write_text("mine")
    assert practice.lay_out() == [path]
    assert path.read_text() == "mine"


def test_the_practice_notebook_runs_from_stub_to_solution(curriculum):
    from nbclient import NotebookClient

    exercise = find("total")
    notebook = nbformat.reads(practice.text(exercise), as_version=4)
    solved = notebook.cells[1].copy()
    solved.source = exercise.text("reference.py")
    solved.id, again = "solved", notebook.cells[2].copy()
    again.id = "again"
    notebook.cells += [solved, again]
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": curriculum}}).execute()
    before, after = (
        notebook.cells[i].outputs[0]["data"]["text/html"] for i in (2, len(notebook.cells) - 1)
    )
    assert "not started" in before
    assert "passed" in after


def test_the_solution_folds_open_only_after_passing(curriculum):
    closed = solution("total")
    assert "once total is passed" in repr(closed) and "def total" not in closed._repr_html_()
    check("total", right)
    opened = solution("total")
    assert "def total" in repr(opened)
    assert opened._repr_html_().startswith("<details><summary>Reference solution of total")
    assert "return" in opened._repr_html_() and "begin" not in opened.text.lower()
