"""Wrong solutions are found out in every run, and checks that nothing needs are named."""

import pytest

from mlsd_kit.curriculum.grading import dev_check, proof
from mlsd_kit.curriculum.grading.catalogue import exercises, find
from mlsd_kit.curriculum.grading.detection import detection, parts, spare, wrong_solutions

LONG = ("monthly_spending", "reservoir", "resample", "split_normalise", "stratified_split")
SLOW = {f"coding/{name}" for name in LONG}
"""Judged by a database, or by hundreds of runs with other seeds: `mlsd dev-check` looks at them."""
JUDGED = [e for k in ("coding", "estimates", "debug") for e in exercises(k) if e.id not in SLOW]
SEEDS = [1000 * number + 3 for number in range(proof.SEEDS)]


@pytest.mark.parametrize("exercise", JUDGED, ids=lambda e: e.id)
def test_every_wrong_solution_is_rejected_in_every_run(exercise):
    found = detection(exercise, wrong_solutions(exercise), SEEDS)
    assert len(found) >= sum(proof.LEAST.get(exercise.kind, (0, 0, 0))[::2])
    assert {name: runs for name, runs in found.items() if runs < proof.SEEDS} == {}


def total(x, scale=1.0):
    return float(((scale * x) ** 2).sum())


def nine_first(x, scale=1.0):
    """Right but for a first value of 9 in a list of 5, which few runs draw."""
    return total(x, scale) + (len(x) == 5 and x[0] == 9)


def test_luck_is_told_from_certainty(curriculum):
    solutions = {"right": total, "nine_first": nine_first, "wrong": lambda x, scale=1.0: -1.0}
    found = detection(find("total"), solutions, SEEDS)
    assert (found["right"], found["wrong"]) == (0, proof.SEEDS)
    assert 0 <= found["nine_first"] < proof.SEEDS


def test_a_solution_that_only_luck_rejects_fails_the_proof(curriculum, monkeypatch):
    monkeypatch.setattr(proof, "ZOO", {})
    monkeypatch.setattr(proof, "SEEDS", 4)
    wrong = find("total").folder / "wrong.py"
    text = wrong.read_text()
    wrong.write_text(
        text + "\n\ndef nine_first(x, scale=1.0):\n"
        '    """A first value of 9 in a list of 5 counts once more."""\n'
        "    more = len(x) == 5 and x[0] == 9\n"
        "    return float(((scale * np.asarray(x)) ** 2).sum()) + more\n"
    )
    found = proof.prove(find("total"))
    assert found.detected["nine_first"] < proof.SEEDS
    said = f"nine_first is rejected in {found.detected['nine_first']} of {proof.SEEDS} runs"
    assert said in found.problems
    wrong.write_text(text.split("def ")[0])
    assert "fewer than 2 wrong solutions" in proof.prove(find("total")).problems


def test_what_no_wrong_solution_needs_is_named(curriculum):
    exercise = find("total")
    assert [str(part) for part in parts(exercise)] == ["fixed input 1", *["drawn inputs"] * 2]

    def no_scale(x, scale=1.0):
        return total(x)

    def no_square(x, scale=1.0):
        return float((scale * x).sum())

    only_scale = spare(exercise, {"no_scale": no_scale})
    assert only_scale == ["the check «adds the squares»"]
    either = spare(exercise, {"no_square": no_square})
    assert either == [
        "the check «adds the squares», though the first to reject 1 of them",
        "the check «scales before squaring»",
    ]
    assert spare(exercise, {"right": total}) == [
        "the check «adds the squares»",
        "the check «scales before squaring»",
    ]

    def first_only(x, scale=1.0):
        """Right but for what the fixed input of the first check holds."""
        return total(x, scale) + (list(x) == [1, 2])

    both = spare(exercise, {"no_scale": no_scale, "first_only": first_only})
    assert both == ["drawn inputs of the check «adds the squares»"]


def test_dev_check_says_it(curriculum, monkeypatch):
    monkeypatch.setattr(proof, "SEEDS", 2)
    (found,) = dev_check(["total"], spare=True)
    assert set(found.detected.values()) == {2}
    assert len(found.detected) == found.misconceptions + 2
    assert found.spare is not None
    (again,) = dev_check(["total"])
    assert again.cached and again.detected == found.detected
