"""The project's own tooling: stages, workflow, hooks, container; what they name is there."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml

from mlsd_kit import paths

ROOT = paths.root()
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

spec = importlib.util.spec_from_file_location("ci_stages", ROOT / ".ci" / "stages.py")
stages = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stages)


def workflow():
    return yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())


def test_the_workflow_runs_what_ci_runs_on_every_python_that_is_claimed():
    job = workflow()["jobs"]["all"]
    claimed = [each.rsplit(" ", 1)[1] for each in PROJECT["classifiers"] if "Python :: 3." in each]
    assert job["strategy"]["matrix"]["python"] == [each.split()[-1] for each in claimed]
    assert {each.split("-")[0] for each in job["strategy"]["matrix"]["os"]} == {"ubuntu", "macos"}
    assert ".ci/run" in [step.get("run") for step in job["steps"]]


def test_the_workflow_calls_targets_that_exist_and_runs_weekly():
    runs = [s["run"] for job in workflow()["jobs"].values() for s in job["steps"] if "run" in s]
    made = {t for run in runs if run.startswith("make ") for t in run.split("#")[0].split()[1:]}
    assert made and made <= TARGETS
    (when,) = workflow()[True]["schedule"]  # YAML 1.1 reads the key `on` as true
    assert len(when["cron"].split()) == 5 and when["cron"].split()[4].isdigit()


def test_every_dependency_has_a_lower_bound_for_the_oldest_packages():
    extras = PROJECT["optional-dependencies"].values()
    for each in [*PROJECT["dependencies"], *(name for extra in extras for name in extra)]:
        assert re.search(r"(>=|==)\d", each), each


def test_hooks_call_tools_that_exist():
    from mlsd_kit.curriculum.cli import app

    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["repo"] == "local"
    commands = {each.callback.__name__ for each in app.registered_commands}
    for hook in repo["hooks"]:
        tool, command = hook["entry"].split()[:2]
        assert hook["language"] == "system" and tool in (".venv/bin/ruff", ".venv/bin/mlsd")
        assert command in (commands if tool.endswith("mlsd") else {"check", "format"})


def test_the_container_sets_itself_up():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    command, target = container["postCreateCommand"].split()
    version = container["image"].rsplit(":", 1)[1]
    assert command == "make" and target in TARGETS
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]


def test_the_stages_of_test_and_quick_are_targets():
    calls = re.findall(r"stages\.py (\w+) ([a-z ]+)$", MAKEFILE, re.MULTILINE)
    assert {name for name, _ in calls} == {"test", "quick"}
    for _, named in calls:
        assert set(named.split()) <= TARGETS & set(stages.USUAL)


def test_before_each_stage_stands_how_long_it_and_all_will_take():
    lines = stages.announcements(["unit", "graders"], {"unit": 600.0, "graders": 130.0})
    assert lines == [
        "1 of 2: unit tests, about 10 min; about 12 min left in all",
        "2 of 2: graders, about 2 min",
    ]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A Makefile with a target that passes and one that fails."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAKEFLAGS", raising=False)
    (tmp_path / "Makefile").write_text("check:\n\t@true\nunit:\n\t@exit 3\n")
    return tmp_path


@pytest.mark.skipif(shutil.which("make") is None, reason="no make")
def test_stages_run_in_order_are_timed_and_end_at_the_first_that_fails(folder, capfd):
    assert stages.main("test", ["check", "unit", "check"]) == 2  # as make does
    said = capfd.readouterr()
    assert "1 of 3" in said.out and "2 of 3" in said.out and "3 of 3" not in said.out
    assert "make test: unit tests failed; alone: make unit" in said.err
    assert list(json.loads((folder / "build" / "stages.json").read_text())) == ["check"]


@pytest.mark.parametrize("text", ["", "[1]", '{"check": "soon"}', "{"])
def test_a_record_that_cannot_be_read_counts_as_none(folder, text):
    (folder / "build").mkdir()
    (folder / "build" / "stages.json").write_text(text)
    assert stages.recorded() == {}


def test_doctests_of_the_stages():
    command = [sys.executable, "-m", "doctest", ROOT / ".ci" / "stages.py"]
    assert subprocess.run(command, capture_output=True, text=True).stdout == ""
