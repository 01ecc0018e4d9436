"""Predictions: commit first, then the experiment decides; the first choice counts."""

import pytest

from mlsd_kit.curriculum.grading import (
    GradingError,
    grade,
    hint,
    predict,
    proof,
    reset,
    solution,
    state,
    suggest,
)
from mlsd_kit.curriculum.grading.catalogue import find

QUESTION = "# Up or down?\n\nWhat happens?\n\n- a) up\n- b) down\n- c) nothing\n"
EXPERIMENT = "def answer():\n    return 'b', 'from 3 to 2'\n"


@pytest.fixture
def coin(curriculum, add):
    return add(
        curriculum,
        "predict",
        "coin",
        question_dot_md=QUESTION,
        experiment_dot_py=EXPERIMENT,
        explanation_dot_md="Because.\n",
    )


def test_a_right_choice_passes(coin):
    found = predict("coin", " (B) ")
    assert found.passed
    assert str(found) == "You chose b: right.\n\nfrom 3 to 2\n\nBecause."
    assert state.row(find("coin")).status == "passed"


def test_a_wrong_choice_is_told_and_the_first_one_counts(coin):
    found = predict("coin", "a")
    assert str(found).startswith("You chose a: the experiment says b.")
    assert predict("coin", "b").passed
    assert state.row(find("coin")).status == "wrong"
    assert suggest().id == "coding/total"
    state.update(find("total"), status="passed")
    assert suggest() is None
    reset("coin")
    assert state.row(find("coin")).attempts == 1 or predict("coin", "b").passed


def test_the_choice_is_kept_before_the_experiment_runs(coin):
    (coin / "experiment.py").write_text("def answer():\n    raise RuntimeError('no luck')\n")
    with pytest.raises(RuntimeError):
        predict("coin", "c")
    assert state.row(find("coin")).status == "chose c"
    (coin / "experiment.py").write_text(EXPERIMENT)
    predict("coin", "b")
    assert state.row(find("coin")).status == "passed"


@pytest.mark.parametrize("choice", ["", "d", "up"])
def test_a_choice_is_one_of_the_options(coin, choice):
    with pytest.raises(GradingError, match="Choose one of a, b, c"):
        predict("coin", choice)
    assert state.row(find("coin")).attempts == 0


def test_each_kind_has_its_own_command(coin):
    with pytest.raises(GradingError, match="is no prediction"):
        predict("total", "a")
    with pytest.raises(GradingError, match="is a prediction"):
        grade("coin")
    with pytest.raises(GradingError, match="once you have chosen"):
        solution("coin")
    with pytest.raises(GradingError, match=r"has no hints\.md"):
        hint("coin")


def test_the_proof_of_a_prediction(coin):
    assert proof.prove(find("coin")).problems == []
    (coin / "experiment.py").write_text("def answer():\n    return 'd'\n")
    assert "the experiment answers ['d']" in proof.prove(find("coin")).problems[0]
    (coin / "experiment.py").write_text("result = 'a'\n")
    assert "needs a function answer()" in proof.prove(find("coin")).problems[0]
    (coin / "question.md").write_text("# No options\n")
    assert "needs options" in proof.prove(find("coin")).problems[0]
