"""``docs/reliability.md``: every row names tests that exist; no fault, no component is left out."""

import ast
import functools
import re

import pytest

from mlsd_kit import paths

ROOT = paths.root()
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ")
][1:]
FAULTS = {
    "Redis restarted empty in mid-load",
    "PostgreSQL restarted in mid-transaction",
    "broker restarted",
    "a dead backend",
    "object store restarted in mid-write",
    "malformed JSON, NaN",
    "a body of 50 MB",
    "1,000 half-open connections",
    "a full disk under the outbox",
    "a clock that jumps back an hour",
    "SIGTERM, SIGKILL",
    "a read-only checkout",
    "another user than root",
    "no HOME",
}
SERVICES = {"redis", "postgres", "broker", "http_service", "alerts"} | {
    "balancer", "web_server", "object_store",
}  # fmt: skip


@functools.cache
def names_in(file):
    """Names of the test functions in a file, at its top level."""
    body = ast.parse((ROOT / file).read_bytes()).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1]}")
def test_a_row_names_tests_that_exist(row):
    assert len(row) == 4, "a row has a fault, a component, what happens, and tests"
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row[3])
    assert named and len(named) == row[3].count("`") / 2
    assert [name for file, name in named if name not in names_in(file)] == []


def test_each_pair_of_fault_and_component_has_one_row():
    pairs = [tuple(row[:2]) for row in ROWS]
    assert len(set(pairs)) == len(pairs)


def test_no_fault_and_no_component_is_left_out():
    assert {row[0] for row in ROWS} == FAULTS
    systems = {each.name for each in (ROOT / "mlsd_kit" / "systems").iterdir() if each.is_dir()}
    systems.discard("__pycache__")
    named = {name for row in ROWS for name in re.findall(r"`(\w+)`", row[1])}
    assert named == systems | SERVICES
