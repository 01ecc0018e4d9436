"""What the README and its pages name is there, and the examples give what is shown."""

import importlib
import os
import re
import subprocess
import sys

import pytest

from mlsd_kit import paths
from mlsd_kit.curriculum.claims import ClaimError
from mlsd_kit.curriculum.grading.catalogue import exercises
from mlsd_kit.curriculum.run.catalogue import catalogue

ROOT = paths.root()
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md"))]
README = (ROOT / "README.md").read_text()
CATALOGUE = (ROOT / "docs" / "catalogue.md").read_text()
DIVIDES_BY_THE_FORECAST = """
import numpy as np


def mape(y_true, y_pred):
    y_true, y_pred = np.asarray(y_true, float), np.asarray(y_pred, float)
    days = y_true != 0
    return 100 * np.mean(np.abs((y_true - y_pred)[days] / y_pred[days]))
"""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    links = [link for link in links if not link.startswith("https://")]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_is_short_and_its_picture_small():
    assert len(README.splitlines()) < 120
    (picture,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert (ROOT / picture).stat().st_size < 200_000


def test_the_claim_in_the_readme_fails_as_shown(capsys):
    code, shown = re.search(r"```python\n(.*?)```\n```text\n(.*?)```", README, re.DOTALL).groups()
    with pytest.raises(ClaimError) as raised:
        exec(code, {})
    assert capsys.readouterr().out + f"ClaimError: {raised.value}\n" == shown


def test_the_grader_in_the_readme_names_the_mistake_as_shown(tmp_path):
    shown = re.search(r"\$ mlsd check mape\n(.*?)```", README, re.DOTALL)[1]
    head, tail = shown.split("     ...\n")
    seed = re.search(r"--seed (\d+)", tail)[1]
    (tmp_path / "coding").mkdir()
    (tmp_path / "coding" / "mape.py").write_text(DIVIDES_BY_THE_FORECAST)
    done = subprocess.run(
        [sys.executable, "-m", "mlsd_kit.curriculum.cli", "check", "mape", "--seed", seed],
        env={**os.environ, "MLSD_WORK": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(head) and done.stdout.endswith(tail)


def test_every_function_of_the_table_exists():
    names = re.findall(r"\[`(\w+)\.(\w+)`\]\(\.\./mlsd_kit/", CATALOGUE)
    assert len(names) >= 20
    for module, name in names:
        assert hasattr(importlib.import_module(f"mlsd_kit.{module}"), name), f"{module}.{name}"


def test_every_case_study_is_listed():
    for entry in catalogue():
        assert f"[`{entry.id}`](../notebooks/{entry.id}.ipynb)" in CATALOGUE


def test_every_coding_question_is_listed():
    for exercise in exercises():
        if exercise.kind == "coding":
            assert f"[`{exercise.name}`](../exercises/{exercise.id}/task.md)" in CATALOGUE


def test_the_catalogue_counts_the_exercises_right():
    for kind, number in re.findall(r"^\| `exercises/(\w+)` \| (\d+) ", CATALOGUE, re.MULTILINE):
        assert int(number) == sum(exercise.kind == kind for exercise in exercises()), kind


def test_make_targets_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    texts = [page.read_text() for page in PAGES]
    named = {
        a or b for t in texts for a, b in re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", t, re.M)
    }
    assert len(named) > 10 and named <= targets


def test_commands_exist():
    from mlsd_kit.curriculum.cli import app

    known = {
        each.name or each.callback.__name__.replace("_", "-") for each in app.registered_commands
    }
    known |= {group.name for group in app.registered_groups}
    for page in PAGES:
        named = set(re.findall(r"(?:`|^\$? ?)mlsd ([a-z][a-z-]*)", page.read_text(), re.MULTILINE))
        assert named <= known, (page.name, named - known)
