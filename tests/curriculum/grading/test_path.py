"""The learner's path: copies, progress, hints, solutions, fresh starts, what comes next."""

import threading
import time

import pytest

from mlsd_kit.curriculum.grading import (
    GradingError,
    grade,
    hint,
    path,
    progress,
    reset,
    solution,
    state,
    suggest,
    watch,
)
from mlsd_kit.curriculum.grading.catalogue import exercises, find

RIGHT = "def total(x, scale=1.0):\n    return float(sum((scale * v) ** 2 for v in x))\n"


def own(root, name="total"):
    return root / "work" / "coding" / f"{name}.py"


def test_the_stub_is_copied_once_into_a_folder_that_git_ignores(curriculum):
    grade("total")
    assert "NotImplementedError" in own(curriculum).read_text()
    assert (curriculum / "work" / ".gitignore").read_text() == "*\n"
    own(curriculum).write_text(RIGHT)
    assert grade("total").passed
    assert own(curriculum).read_text() == RIGHT


def test_the_folder_can_be_elsewhere(curriculum, tmp_path, monkeypatch):
    monkeypatch.setenv("MLSD_WORK", str(tmp_path / "elsewhere"))
    grade("total")
    assert (tmp_path / "elsewhere" / "coding" / "total.py").exists()
    assert not (curriculum / "work").exists()


def test_progress_is_plain_text_and_keeps_the_best(curriculum):
    grade("total")
    own(curriculum).write_text(RIGHT)
    grade("total")
    own(curriculum).write_text("")
    grade("total")
    text = (curriculum / "work" / "progress.txt").read_text()
    day = time.strftime("%Y-%m-%d")
    assert f"coding/total  passed  3  0  {day}\n" in text
    (row,) = progress()
    assert (row.status, row.attempts, row.solved) == ("passed", 3, day)


@pytest.mark.parametrize(
    "rubbish", ["\0\xff", "a b\n", "coding/total  passed  many  0  -\n", "\n\n"]
)
def test_a_damaged_progress_file_stops_nothing(curriculum, rubbish):
    grade("total")
    file = curriculum / "work" / "progress.txt"
    file.write_text(file.read_text() + rubbish)
    grade("total")
    assert state.rows()["coding/total"].attempts in (1, 2)


def test_writing_at_once_from_many_threads_loses_no_attempt(curriculum):
    exercise = find("total")
    state.update(exercise, hints=0)

    def count():
        for _ in range(5):
            hint("total")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state.row(exercise).hints == 3


def test_a_failed_write_leaves_the_old_text(curriculum, monkeypatch):
    file = curriculum / "work" / "note.txt"
    state.write(file, "old")
    with pytest.raises(TypeError):
        state.write(file, 3)
    assert file.read_text() == "old"
    assert [p.name for p in file.parent.iterdir()] == ["note.txt"]


def test_three_hints_then_the_third_again(curriculum):
    assert [hint("total") for _ in range(4)] == [
        (1, "Square."),
        (2, "Then add."),
        (3, "`(x ** 2).sum()`"),
        (3, "`(x ** 2).sum()`"),
    ]


def test_hints_must_be_three(curriculum):
    (find("total").folder / "hints.md").write_text("## 1\n\nOne.\n\n## 2\n\nTwo.\n")
    with pytest.raises(GradingError, match="sections ## 1, ## 2 and ## 3"):
        hint("total")


def test_the_solution_comes_after_passing_or_by_force(curriculum):
    with pytest.raises(GradingError, match="Pass coding/total first"):
        solution("total")
    text = solution("total", force=True)
    assert "your code" not in text
    assert "NotImplementedError" not in text
    grade("total")
    own(curriculum).write_text(text)
    assert grade("total").passed
    assert solution("total") == text


def test_reset_keeps_a_backup(curriculum):
    file, backup = reset("total")
    assert backup is None and file == own(curriculum)
    kept = []
    for text in ("mine 1", "mine 2"):
        file.write_text(text)
        _, backup = reset("total")
        kept.append(backup.read_text())
        assert "NotImplementedError" in file.read_text()
    assert kept == ["mine 1", "mine 2"]


@pytest.fixture
def three(curriculum):
    """``total`` before ``second``, and an easy ``first`` in another theme."""
    import shutil

    folder = curriculum / "exercises" / "coding"
    for name in ("second", "first"):
        shutil.copytree(folder / "total", folder / name)
    toml = (folder / "second" / "exercise.toml").read_text()
    (folder / "second" / "exercise.toml").write_text(toml.replace("[]", "['total']"))
    toml = (folder / "total" / "exercise.toml").read_text()
    (folder / "total" / "exercise.toml").write_text(toml.replace("level = 1", "level = 2"))
    return curriculum


def test_next_goes_by_prerequisites_level_and_what_is_begun(three):
    assert suggest().id == "coding/first"
    grade("total")
    assert suggest().id == "coding/total"
    own(three).write_text(RIGHT)
    grade("total")
    names = []
    while (exercise := suggest()) is not None:
        names.append(exercise.name)
        state.update(exercise, status="passed")
    assert names == ["first", "second"]


def test_a_prerequisite_counts_with_or_without_its_kind():
    assert path.is_in("total", {"coding/total"})
    assert path.is_in("coding/total", {"coding/total"})
    assert not path.is_in("tota", {"coding/total"})


def test_watch_checks_now_and_after_each_save(curriculum):
    grade("total")
    found = watch("total", every=0.05, seconds=20)
    assert next(found).status == "not started"
    own(curriculum).write_text(RIGHT)
    assert next(found).passed
    own(curriculum).unlink()
    own(curriculum).write_text(RIGHT + "# saved again\n")
    assert next(found).passed
    found.close()
    assert list(watch("total", every=0.01, seconds=0.0)) == []


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("title = 1\n[", "exercise.toml"),
        ('title = "T"\ntheme = "t"\n', "needs function"),
        ('title = "T"\nfunction = "f"\n', "needs theme"),
        ('title = "T"\ntheme = "t"\nfunction = "f"\nauthor = "me"\n', "unknown key 'author'"),
        (None, "has no exercise.toml"),
    ],
)
def test_a_wrong_exercise_toml_is_a_sentence(curriculum, toml, sentence):
    file = curriculum / "exercises" / "coding" / "total" / "exercise.toml"
    file.unlink() if toml is None else file.write_text(toml)
    with pytest.raises(GradingError, match=sentence):
        exercises()
