"""Which parameters go to which notebook."""

from types import SimpleNamespace

import pytest

from mlsd_kit.curriculum.run.errors import UsageError
from mlsd_kit.curriculum.run.preparing import own_parameters, prepare
from mlsd_kit.services.programs import Program


@pytest.fixture
def entries(tmp_path):
    made = []
    for name, cell in {"one": "SEED, rows = 0, 5", "two": "seed = 0"}.items():
        source = tmp_path / f"{name}.py"
        source.write_text(f'# %% tags=["parameters"]\n{cell}\n')
        made.append(SimpleNamespace(id=name, source=source))
    return made


def test_each_notebook_gets_its_own_in_its_own_spelling(entries):
    found = own_parameters(entries, {"Seed": 3, "ROWS": 9})
    assert found == {"one": {"SEED": 3, "rows": 9}, "two": {"seed": 3}}


def test_no_parameters_are_no_parameters(entries):
    assert own_parameters(entries, {}) == {"one": {}, "two": {}}


def test_a_parameter_of_no_notebook_is_refused(entries):
    with pytest.raises(UsageError, match=r"has a parameter sed: .* has SEED, rows, seed"):
        own_parameters(entries, {"sed": 3, "rows": 1})


def test_one_parameter_in_two_spellings_is_refused(entries):
    with pytest.raises(UsageError, match="given twice: SEED, seed"):
        own_parameters(entries, {"seed": 3, "SEED": 4})


def test_a_service_without_a_program_for_this_system_leaves_the_notebook_out(monkeypatch):
    entry = SimpleNamespace(id="a/b", title="B", extras=(), datasets=(), services=("balancer",))
    monkeypatch.setattr(Program, "packaged", lambda self: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    left_out = prepare(entry, "key", {})
    assert left_out.status == "not started"
    assert left_out.failure.message.startswith("the balancer ")
    monkeypatch.setenv("MLSD_BALANCER_URL", "http://a.example")
    assert prepare(entry, "key", {}) is None
