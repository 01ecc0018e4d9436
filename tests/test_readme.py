"""What the README says is there is there."""

import importlib
import re

import pytest

from mlsd_kit import paths
from mlsd_kit.curriculum.run.catalogue import catalogue

ROOT = paths.root()
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")]
README = PAGES[0].read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_function_of_the_table_exists():
    names = re.findall(r"\[`(\w+)\.(\w+)`\]\(mlsd_kit/", README)
    assert len(names) >= 20
    for module, name in names:
        assert hasattr(importlib.import_module(f"mlsd_kit.{module}"), name), f"{module}.{name}"


def test_every_case_study_is_listed():
    for entry in catalogue():
        assert f"[`{entry.id}`](notebooks/{entry.id}.ipynb)" in README


def test_make_targets_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", README, re.MULTILINE))
    assert {a or b for a, b in named} <= targets | {"help"}
