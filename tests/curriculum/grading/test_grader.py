"""From a file to a verdict: right, wrong with a name, replayed, timed, in words and in JSON."""

import json
import re
import subprocess
import sys

import pytest

from mlsd_kit.curriculum.grading import GradingError, Verdict, check, check_all, grade, speed
from mlsd_kit.curriculum.grading.verdict import CheckResult, Speed

HEAD = "import numpy as np\n\n\ndef total(x, scale=1.0):\n"
RIGHT = HEAD + "    return float(((scale * np.asarray(x, dtype=float)) ** 2).sum())\n"


@pytest.fixture
def mine(curriculum, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(RIGHT)
    return path


def test_a_right_solution_passes_and_is_timed(mine):
    verdict = grade("total", file=mine)
    assert verdict.passed
    assert [result.status for result in verdict.checks] == ["passed", "passed"]
    assert verdict.checks[0].examples >= 10
    assert verdict.speed is not None and verdict.speed.ratio > 0
    assert "passed (2 of 2 checks)" in str(verdict)
    assert "the reference's time" in str(verdict)


def test_a_wrong_one_is_told_the_call_the_difference_and_the_known_error(mine):
    mine.write_text(HEAD + "    return float((scale * np.asarray(x)).sum())\n")
    verdict = grade("total", file=mine)
    assert verdict.status == "wrong"
    first = verdict.checks[0]
    assert first.message == "called total(x=[1.0, 2.0]);\nexpected 5.0, got 3.0"
    assert [name for name, _ in first.misconceptions] == ["no_square"]
    told = str(verdict)
    assert "FAIL The squares are added." in told
    assert "this is what happens when: The values are added without squaring" in told
    assert f"replay with --seed {verdict.seed}" in told
    assert verdict.speed is None


def test_an_unknown_error_gets_no_name(mine):
    mine.write_text(HEAD + "    return 3.25\n")
    assert all(not result.misconceptions for result in grade("total", file=mine).checks)


def test_an_error_that_shows_on_drawn_inputs_is_shrunk(mine):
    mine.write_text(
        RIGHT.replace("    return", "    if len(x) > 2 and scale == 2: return -1.0\n    return")
    )
    verdict = grade("total", file=mine, seed=3)
    assert [result.status for result in verdict.checks] == ["passed", "wrong"]
    assert "called total(x=[0.0, 0.0, 0.0], scale=2.0);\ntotal: expected 0" in (
        verdict.checks[1].message
    )


def test_the_same_seed_draws_the_same_inputs_and_runs_differ(mine, tmp_path):
    log = HEAD + "    print(list(map(float, x)), scale)\n    return 0.5\n"
    mine.write_text(log)

    def seen(seed):
        verdict = grade("total", file=mine, seed=seed)
        return [(result.message, result.printed) for result in verdict.checks], verdict.seed

    assert seen(7) == seen(7)
    assert len({seen(None)[1] for _ in range(3)}) > 1


def test_an_error_in_one_check_is_the_learners_line(mine):
    mine.write_text(HEAD + "    return x.no_such_thing\n")
    verdict = grade("total", file=mine)
    assert verdict.status == "error"
    assert "line 5 in total: return x.no_such_thing" in verdict.checks[0].message
    assert [result.status for result in verdict.checks] == ["error", "not run"]


def test_not_started_says_so_and_nothing_else(curriculum):
    verdict = grade("total")
    assert verdict.status == "not started"
    assert "Copied the exercise to" in str(verdict)
    assert str(verdict).endswith("coding/total: not started in " + verdict.file)
    assert "Copied" not in str(grade("total"))


def test_the_verdict_survives_json(mine):
    mine.write_text(HEAD + "    return float((scale * np.asarray(x)).sum())\n")
    verdict = grade("total", file=mine)
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict
    mine.write_text(RIGHT)
    passed = grade("total", file=mine)
    assert Verdict.from_json(json.loads(json.dumps(passed.to_json()))) == passed


def test_check_all_reports_what_is_begun_and_what_is_not(curriculum):
    assert [v.status for v in check_all()] == ["not started"]
    grade("total")
    path = curriculum / "work" / "coding" / "total.py"
    path.write_text(RIGHT)
    assert [v.status for v in check_all()] == ["passed"]


def test_names_are_found_with_and_without_their_kind_and_near_misses_are_offered(mine):
    assert grade("coding/total", file=mine).exercise == "coding/total"
    with pytest.raises(GradingError, match=r"did you mean .*total"):
        grade("totl", file=mine)
    for odd in ("", "/", "nothing like it", "../total"):
        with pytest.raises(GradingError, match="No exercise"):
            grade(odd, file=mine)


def test_a_check_that_cannot_read_the_answer_blames_the_answer(curriculum, mine):
    checks = curriculum / "exercises" / "coding" / "total" / "checks.py"
    checks.write_text(
        "from mlsd_kit.curriculum.grading import check\n\n\n"
        "@check(always=[{'x': [1.0]}])\ndef reads(call, given):\n    '''Reads.'''\n"
        "    call(**given).item()\n"
    )
    mine.write_text(HEAD + "    return None\n")
    verdict = grade("total", file=mine)
    assert verdict.status == "wrong"
    assert "got None, which the check could not read (AttributeError" in str(verdict)


def test_a_broken_check_is_the_authors_error(curriculum, mine):
    checks = curriculum / "exercises" / "coding" / "total" / "checks.py"
    checks.write_text(
        "from mlsd_kit.curriculum.grading import check\n\n\n"
        "@check(always=[{'x': [1.0]}])\ndef broken(call, given):\n    '''Broken.'''\n"
        "    given['y']\n"
    )
    with pytest.raises(KeyError):
        grade("total", file=mine)


def test_a_check_needs_inputs_and_a_rule():
    with pytest.raises(ValueError, match="needs inputs"):
        check()
    with pytest.raises(ValueError, match="needs a docstring"):
        check(always=[{}])(lambda call, given: None)


def test_a_loop_far_slower_than_the_reference_is_pointed_out():
    loop = "def f(x):\n    for v in x:\n        pass\n"
    assert "array operation" in speed._hint(25.0, loop, "f")
    assert speed._hint(25.0, "def f(x):\n    return x\n", "f") == ""
    assert speed._hint(19.0, loop, "f") == ""
    assert not speed.has_loop("def f(:", "f")
    assert str(Speed(3.14, 1.0, 0.3)) == "3.1 × the reference's time"


def test_html_is_escaped_and_names_the_status():
    verdict = Verdict(
        "coding/total",
        "wrong",
        (CheckResult("a", "A <b> rule", "wrong", "got <script>"), CheckResult("c", "C", "not run")),
    )
    page = verdict._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "A &lt;b&gt; rule" in page and "(not run)" in page
    assert not re.search(r"[^-]color:(black|white|#000|#fff)", page)
    assert "Write the function" in Verdict("coding/total", "not started")._repr_html_()


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, mlsd_kit.curriculum.grading as g; assert 'check' in dir(g)\n"
        "heavy = {'numpy', 'pandas', 'hypothesis', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_public_name_is_there():
    import mlsd_kit.curriculum.grading as grading

    for name in grading.__all__:
        assert getattr(grading, name) is not None
    with pytest.raises(AttributeError, match="no_such"):
        grading.no_such  # noqa: B018


def named(mine, returned):
    """Of each check of a wrong solution: the known errors that the verdict names."""
    mine.write_text(HEAD + f"    x = np.asarray(x)\n    return {returned}\n")
    verdict = grade("total", file=mine, seed=3)
    assert verdict.status == "wrong"
    return [[name for name, _ in check.misconceptions] for check in verdict.checks]


def test_beside_a_second_error_the_first_has_its_name_where_it_shows(mine):
    """A 9 counts twice, which nobody knows of, and the scale is not squared, which is known."""
    both = "float(scale * (x**2).sum() + 81 * (x == 9).sum())"
    assert named(mine, both) == [[], ["scale_not_squared"]]


def test_two_errors_that_always_come_together_are_neither_of_them(mine):
    assert named(mine, "float((scale * x[1:]).sum())") == [[], []]


def test_no_error_is_named_that_would_spoil_an_answer_that_is_right(mine):
    """The sizes are added: as without squares for positive values, and right for 1 and -1."""
    assert named(mine, "float(np.abs(scale * x).sum())") == [[], []]
