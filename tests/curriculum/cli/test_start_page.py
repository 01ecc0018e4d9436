"""The page that JupyterLab opens on: complete, up to date, and every link leads somewhere."""

import re
import shutil

import pytest

from mlsd_kit import paths
from mlsd_kit.curriculum.cli import start_page
from mlsd_kit.curriculum.grading import practice, state
from mlsd_kit.curriculum.grading.catalogue import exercises, find
from mlsd_kit.curriculum.run.catalogue import catalogue
from mlsd_kit.curriculum.run.results import Result, ResultStore

LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A copy of the curriculum's texts, with a learner's folder inside."""
    folder = tmp_path / "home"
    for part in ("notebooks", "exercises"):
        shutil.copytree(paths.root() / part, folder / part)
    (folder / "datasets").mkdir()
    monkeypatch.setenv("MLSD_HOME", str(folder))
    monkeypatch.delenv("MLSD_WORK", raising=False)
    return folder


def read(home):
    page = start_page.write(home / "build")
    assert page == home / "work" / "start.md"
    return page.read_text(encoding="utf-8")


def test_every_notebook_and_every_exercise_is_on_it(home):
    targets = {(home / "work" / target).resolve() for _, target in LINK.findall(read(home))}
    missing = [e.id for e in catalogue() if not {e.notebook.resolve(), e.source} & targets]
    missing += [e.id for e in exercises() if not any(t.parent == e.folder for t in targets)]
    assert not missing
    assert not [target for target in targets if not target.exists()]


def test_the_path_begins_with_the_framework_and_ends_with_the_template(home):
    notebooks = [target for _, target in LINK.findall(read(home)) if target.endswith(".ipynb")]
    assert notebooks[0].endswith("foundations/framework.ipynb")
    assert notebooks[-1].endswith("template/template.ipynb")


def test_exercises_with_a_practice_notebook_open_there(home):
    practice.lay_out()
    links = dict(LINK.findall(read(home)))
    assert links[find("mape").title] == "practice/mape.ipynb"
    assert links[find("average_qps").title] == "../exercises/estimates/average_qps/task.md"


def test_a_notebook_that_is_not_built_yet_opens_from_its_source(home):
    entry = catalogue()[0]
    entry.notebook.unlink()
    assert f"[{entry.title}](../notebooks/{entry.id}.py)" in read(home)


@pytest.mark.parametrize(("status", "mark"), [("passed", "✓"), ("timed out", "✗"), (None, "○")])
def test_a_notebook_carries_its_last_result(home, status, mark):
    entry = catalogue()[0]
    if status:
        ResultStore(home / "build").save(Result(entry.id, entry.title, status, 1.0, "k"))
    assert f"| {mark} | [{entry.title}]" in read(home)


def test_an_exercise_carries_how_it_stands(home):
    title = find("mape").title
    assert f"✓ [{title}]" not in read(home) and f"… [{title}]" not in read(home)
    state.update(find("mape"), status="wrong", attempts=1)
    assert f"… [{title}]" in read(home)
    assert f"**Your next exercise:** [{title}]" in read(home)
    state.update(find("mape"), status="passed")
    assert f"✓ [{title}]" in read(home) and f"(1 of {len(exercises('coding'))} passed)" in read(
        home
    )


def test_a_learners_folder_elsewhere_has_no_page(home, tmp_path, monkeypatch):
    monkeypatch.setenv("MLSD_WORK", str(tmp_path / "elsewhere"))
    assert start_page.write(home / "build") is None
    assert not (tmp_path / "elsewhere" / "start.md").exists()
