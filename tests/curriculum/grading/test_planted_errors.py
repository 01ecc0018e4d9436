"""From an empty workspace: an error planted into the learner's copy fails each of the exercises."""

import contextlib

import pytest

from mlsd_kit.curriculum.checking import judge_design
from mlsd_kit.curriculum.drills.drill import load
from mlsd_kit.curriculum.grading import grade, grader, judge, state
from mlsd_kit.curriculum.grading.catalogue import exercises, find
from mlsd_kit.curriculum.grading.mutants import mutants
from mlsd_kit.curriculum.grading.mutation import equivalent
from mlsd_kit.curriculum.grading.prediction import measure, predict, question

WRITTEN = [*exercises("coding"), *exercises("estimates")]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, nursery):
    """A workspace that holds nothing; what fails need not be made smaller for these tests."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("workspace") / "work"
        patch.setenv("MLSD_WORK", str(folder))
        patch.setattr(grader, "Sandbox", lambda: contextlib.nullcontext(nursery))
        patch.setattr(judge, "SHRINKING", 0.0)
        patch.setitem(grader.JUDGES, "design", judge_design)
        yield folder


def planted(exercise):
    """The reference with a small error in the part that the learner writes."""
    same = equivalent(exercise)
    wrong = (m for m in mutants(exercise.text("reference.py")) if m.id not in same)
    return next(wrong).source


def is_failed(exercise, verdict):
    return (
        not verdict.passed
        and verdict.status in ("wrong", "error")
        and state.row(exercise).status == verdict.status
        and not state.row(exercise).solved
    )


@pytest.mark.parametrize("exercise", WRITTEN, ids=lambda e: e.id)
def test_an_error_in_the_learners_copy(exercise, workspace):
    path, copied = state.own_file(exercise)
    assert copied and path == workspace / exercise.kind / f"{exercise.name}.py"
    path.write_text(planted(exercise), encoding="utf-8")
    assert is_failed(exercise, grade(exercise.id))


@pytest.mark.parametrize("exercise", exercises("debug"), ids=lambda e: e.id)
def test_the_error_that_is_there_to_be_found(exercise, workspace):
    assert is_failed(exercise, grade(exercise.id))
    path, copied = state.own_file(exercise)
    assert not copied and path.read_text(encoding="utf-8") == exercise.text("broken.py")


@pytest.mark.parametrize("exercise", exercises("design"), ids=lambda e: e.id)
def test_an_error_in_a_design(exercise, workspace):
    drill = load(exercise.name)
    changes = next(iter(drill.wrong.values()))
    wrong = vars(drill.reference().but(**changes))
    knobs = ", ".join(f"{name}={value!r}" for name, value in wrong.items())
    path, _ = state.own_file(exercise)
    text = exercise.text("reference.py")
    path.write_text(text[: text.index("design =")] + f"design = {drill.design.__name__}({knobs})\n")
    verdict = grade(exercise.id)
    assert not verdict.passed and verdict.status == "wrong"
    assert state.row(exercise).status == "wrong"


@pytest.mark.parametrize("exercise", exercises("predict"), ids=lambda e: e.id)
def test_a_wrong_answer_to_a_prediction(exercise, workspace):
    right = measure(exercise).answer
    wrong = next(letter for letter in question(exercise).options if letter != right)
    assert not predict(exercise.id, wrong).passed
    # the first choice counts: the right one afterwards does not pass the exercise
    assert predict(exercise.id, right).passed
    assert state.row(find(exercise.id)).status == "wrong"


def test_that_is_every_exercise():
    kinds = {each.kind for each in exercises()}
    assert kinds == {"coding", "estimates", "debug", "design", "predict"}
