"""The proofs of the graders: they hold for a good exercise, and name what is wrong."""

import json

import pytest

from mlsd_kit.curriculum.grading import dev_check, grade, proof, proving
from mlsd_kit.curriculum.grading.catalogue import find
from mlsd_kit.curriculum.grading.path import solution

BUG = '''
import numpy as np


def total(x, scale=1.0):
    """Sum of (scale * x) squared."""
    return float((scale * np.asarray(x) ** 2).sum())
'''


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(proof, "SEEDS", 2)
    monkeypatch.setattr(proof, "NAMED_SEEDS", 1)


def test_a_good_exercise_is_proven_kept_and_written_down(curriculum):
    told = []
    (found,) = dev_check(write=True, tell=told.append)
    assert found.problems == []
    assert (found.seeds, found.misconceptions, found.alternatives) == (2, 4, 3)
    assert found.zoo == len(proof.ZOO)
    assert found.killed == found.mutants > 3
    assert told == [found] and not found.cached
    page = (curriculum / "docs" / "grading.md").read_text()
    assert f"| `coding/total` | 2 | 4 | 6 of 6 | 3 | {found.killed} of {found.mutants} |" in page
    (again,) = dev_check()
    assert again.cached and again.killed == found.killed
    (fresh,) = dev_check(["total"], fresh=True)
    assert not fresh.cached


def test_a_change_of_the_exercise_asks_for_a_new_proof(curriculum):
    exercise = find("total")
    before = proving.key(exercise)
    hints = exercise.folder / "hints.md"
    hints.write_text(hints.read_text() + "More.\n")
    assert proving.key(exercise) != before


BAD = {
    "the reference is wrong": ("reference.py", "** 2).sum()", "** 3).sum()"),
    "fewer than 4 misconceptions": ("misconceptions.py", "def no_square", "def _no_square"),
    "fewer than 3 alternatives": ("alternatives.py", "def with_pandas", "def _with_pandas"),
    "alternative with_a_loop is wrong": ("alternatives.py", "(scale * v) ** 2", "scale * v ** 2"),
    "misconception no_square is passed": (
        "misconceptions.py",
        "(scale * np.asarray(x)).sum())",
        "((scale * np.asarray(x)) ** 2).sum())",
    ),
    "task.md does not begin with a title": ("task.md", "# Total", "Total"),
    "needs the sections": ("hints.md", "## 3", "## 4"),
    "exercise.py is not what reference.py gives": ("exercise.py", "write total", "write it"),
    "a region ends that never began": ("reference.py", "# >>> your code", "# your code"),
    "AttributeError": ("checks.py", "same(call(**given), sum(float", "given.no; same(0, sum(float"),
}


@pytest.mark.parametrize("problem", BAD)
def test_what_is_wrong_with_an_exercise_is_said(curriculum, problem, monkeypatch):
    monkeypatch.setattr(proof, "ZOO", {})
    file, old, new = BAD[problem]
    path = find("total").folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    found = proof.prove(find("total"))
    assert any(problem in each for each in found.problems), found.problems


def test_checks_with_a_hole_let_mutants_through(curriculum, monkeypatch):
    monkeypatch.setattr(proof, "ZOO", {})
    path = find("total").folder / "checks.py"
    text = path.read_text().replace('sum(float(v) ** 2 for v in given["x"])', "call(**given)")
    path.write_text(text.replace("same(call(**given), sum((", "same(call(**given) * 0, 0 * sum(("))
    found = proof.prove(find("total"))
    assert found.survivors
    assert any("mutants are rejected" in each for each in found.problems)
    assert any("misconception scale_not_squared is passed" in each for each in found.problems)


def test_declared_mutants_must_exist_and_survive(curriculum, monkeypatch):
    monkeypatch.setattr(proof, "ZOO", {})
    line = "return float(((scale * x) ** 2).sum())"
    (find("total").folder / "mutants.toml").write_text(
        f'[[equivalent]]\nline = "{line}"\nchange = "sum becomes mean"\nreason = "none"\n'
        '[[equivalent]]\nline = "no such"\nchange = "line"\nreason = "none"\n'
    )
    problems = proof.prove(find("total")).problems
    assert any("names no mutant: no such | line" in each for each in problems)
    assert any("this one is rejected: " + line in each for each in problems)


def test_the_zoo_is_looked_at(curriculum, monkeypatch):
    monkeypatch.setattr(proof, "ZOO", {"smiles": ("def {f}(x):\n    return 0\n", {"crashed"})})
    assert "a file that smiles is wrong" in proof.prove(find("total")).problems


def test_a_debug_variant(curriculum, add):
    add(
        curriculum,
        "debug",
        "scaled",
        extra='checks_of = "total"\n',
        broken_dot_py=BUG,
        task_dot_md="# Find the bug\n",
        hints_dot_md="## 1\n\na\n\n## 2\n\nb\n\n## 3\n\nc\n",
    )
    (found,) = dev_check(["debug/scaled"])
    assert found.problems == []
    verdict = grade("scaled")
    assert verdict.exercise == "debug/scaled"
    assert verdict.status == "wrong"
    assert "scale_not_squared" in str(verdict)
    own = curriculum / "work" / "debug" / "scaled.py"
    assert own.read_text() == BUG.lstrip()
    own.write_text(solution("scaled", force=True))
    assert grade("scaled").passed


def test_a_debug_variant_whose_bug_has_no_name(curriculum, add):
    broken = BUG.replace("** 2", "** 4")
    hints = "## 1\n\na\n\n## 2\n\nb\n\n## 3\n\nc\n"
    extra = 'checks_of = "total"\n'
    add(curriculum, "debug", "odd", extra=extra, broken_dot_py=broken, hints_dot_md=hints)
    assert "broken.py is wrong, named nothing" in proof.prove(find("odd")).problems[0]


def test_two_exercises_side_by_side(curriculum):
    import shutil

    folder = curriculum / "exercises" / "coding"
    shutil.copytree(folder / "total", folder / "other")
    found = dev_check(jobs=2)
    assert [each.id for each in found] == ["coding/other", "coding/total"]
    assert all(not each.problems for each in found)
    kept = list((curriculum / "build" / "dev-check").iterdir())
    assert sorted(json.loads(path.read_text())["id"] for path in kept) == [
        "coding/other",
        "coding/total",
    ]
