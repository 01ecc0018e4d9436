"""The exercises that the curriculum ships: complete, and what is generated is up to date."""

import pytest

from mlsd_kit.curriculum.grading import grade, stub
from mlsd_kit.curriculum.grading.catalogue import exercises, find
from mlsd_kit.curriculum.grading.path import hints
from mlsd_kit.curriculum.grading.prediction import question

EVERY = exercises()


@pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.id)
def test_an_exercise_is_complete(exercise):
    assert exercise.statement.startswith("# ")
    for name in exercise.requires:
        assert find(name).id != exercise.id
    if exercise.kind == "predict":
        assert len(question(exercise).options) >= 2
        return
    assert len(hints(exercise)) == 3
    if exercise.kind == "design":
        return  # tests/curriculum/drills
    if exercise.kind == "debug":
        assert exercise.text("broken.py") != exercise.solution_text
        return
    assert not stub.stale(exercise), "mlsd dev-check --write"
    assert exercise.checks
    assert exercise.misconceptions


def test_prerequisites_form_no_circle():
    requires = {e.id: [find(name).id for name in e.requires] for e in EVERY}

    def depth(name, above=()):
        assert name not in above, f"{name} requires itself"
        return 1 + max((depth(each, (*above, name)) for each in requires[name]), default=0)

    assert all(depth(name) < 20 for name in requires)


def test_a_reservoir_that_asks_for_the_length_is_told_so(tmp_path):
    mine = tmp_path / "mine.py"
    solution = find("reservoir").solution_text
    body = "    len(stream)\n"
    head, rest = solution.split("def reservoir", 1)
    signature, after = rest.split(":\n", 1)
    mine.write_text(f"{head}def reservoir{signature}:\n{body}{after}", encoding="utf-8")
    verdict = grade("reservoir", file=mine)
    assert verdict.status == "error" and "has no len()" in str(verdict)
