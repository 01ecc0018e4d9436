"""Designs on the command line: from the stub to a pass, and the mock interview."""

import io
import json

import pytest

from mlsd_kit.curriculum import check
from mlsd_kit.curriculum.cli import main
from mlsd_kit.curriculum.drills.drill import load
from mlsd_kit.curriculum.grading import GradingError, state
from mlsd_kit.curriculum.grading.catalogue import find

NAME = "fraud_50ms"


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch):
    monkeypatch.setenv("MLSD_WORK", str(tmp_path))
    return tmp_path


def mlsd(*words):
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return ended.value.code or 0


def answer():
    return (load(NAME).folder / "reference.py").read_text()


def test_from_the_stub_to_a_pass(work, capsys):
    assert mlsd("check", NAME) == 1
    assert "not started" in capsys.readouterr().out
    file = work / "design" / f"{NAME}.py"
    file.write_text(answer().replace("scorers=20", "scorers=6"))
    assert mlsd("check", f"design/{NAME}") == 1
    said = capsys.readouterr().out
    assert "MISS p99 latency" in said
    assert "(sized_for_the_mean)" in said
    file.write_text(answer())
    assert mlsd("check", NAME, "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["status"] == "passed"
    assert state.row(find(NAME)).status == "passed"
    assert state.row(find(NAME)).attempts == 3
    assert mlsd("solution", NAME) == 0
    assert "Fraud50ms(" in capsys.readouterr().out
    assert mlsd("check", "--all") == 0
    assert mlsd("reset", NAME) == 0
    assert "scorers=...," in file.read_text()


def test_hints_and_progress_know_designs(capsys):
    assert mlsd("hint", NAME) == 0
    assert "Hint 1 of 3" in capsys.readouterr().out
    mlsd("progress")
    assert f"design/{NAME}" in capsys.readouterr().out


def test_a_file_with_an_error_is_a_verdict_not_a_traceback(work, capsys):
    file = work / "design" / f"{NAME}.py"
    file.parent.mkdir()
    file.write_text("import os\nos.system('true')\n")
    assert mlsd("check", NAME) == 1
    assert f"{NAME}.py:2: a design file holds `name = value` lines only" in capsys.readouterr().out


def test_times_of_this_machine_are_shown_and_not_scored(capsys):
    mlsd("check", "search_funnel", "--here")
    said = capsys.readouterr().out
    assert "not started" in said
    assert "here: ranking one document takes " in said
    assert "graded runs use 9.5 (unscored)" in said


def test_dev_check_says_who_proves_designs(capsys):
    assert mlsd("dev-check", NAME) == 2
    assert "pytest tests/curriculum/drills" in capsys.readouterr().err


def test_in_a_notebook_a_design_brings_its_judge_along():
    report = check(NAME, load(NAME).reference())
    assert report.passed
    assert state.row(find(NAME)).status == "passed"
    with pytest.raises(GradingError, match="Pass your design"):
        check(NAME, lambda: None)


def test_the_classes_are_found_by_name():
    from mlsd_kit.curriculum.drills import designs

    assert designs.SearchFunnel is load("search_funnel").design
    with pytest.raises(AttributeError, match=r"there are .*SearchFunnel"):
        designs.Nothing  # noqa: B018


def talk(monkeypatch, *lines):
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_an_interview_is_put_aside_and_taken_up(work, monkeypatch, capsys):
    talk(monkeypatch, "how large are bursts?", "next", "6000")
    assert mlsd("interview", NAME, "--seed", "0") == 0
    out = capsys.readouterr()
    assert "2,000 on average" in out.out
    assert "6,000 payments/s: right" in out.out
    assert "takes it up again" in out.err
    (work / "design" / f"{NAME}.py").write_text(answer())
    talk(monkeypatch, *["next"] * 3, "check", "next", "check", "next")
    assert mlsd("interview", NAME) == 0
    page = (work / "interviews" / f"{NAME}.md").read_text()
    assert "1. passed" in page
    assert "1. wrong" in page
    assert "asked: How many payments" in page
    assert not (work / "interviews" / f"{NAME}.json").exists()
    talk(monkeypatch, *["next"] * 6)
    assert mlsd("interview", NAME) == 0
    assert (work / "interviews" / f"{NAME}.md").read_text() == page
    assert (work / "interviews" / f"{NAME}-2.md").exists()


def test_an_unknown_drill_is_one_sentence(capsys):
    assert mlsd("interview", "nothing") == 2
    assert "No drill 'nothing': there are " in capsys.readouterr().err
