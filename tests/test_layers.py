"""The floors of the house: who may import whom, how long a file may be."""

import ast
import sys
from pathlib import Path

import pytest

import mlsd_kit

PACKAGE = Path(mlsd_kit.__file__).parent
UPPER = {"curriculum", "grading", "drills"}
BESIDE = {"data", "services"}
ROOF = {"cli", "doctor"}
NOT_PRIMITIVES = UPPER | BESIDE | ROOF | {"__init__", "paths", "files"}
ALLOWED = {"numpy", "scipy", "pandas", "mlsd_kit"} | set(sys.stdlib_module_names)
CONTRACT = (
    "sklearn.base",
    "sklearn.exceptions",
    "sklearn.get_config",
    "sklearn.utils",
    "imblearn.base",
    "imblearn.utils",
)
EXTRA = {"sql": {"duckdb"}, "plots": {"matplotlib"}, "model_selection": {"joblib"}}
LONGEST = 250


def topic(file: Path) -> str:
    return file.relative_to(PACKAGE).with_suffix("").parts[0]


FILES = sorted(PACKAGE.rglob("*.py"))
PRIMITIVES = [file for file in FILES if topic(file) not in NOT_PRIMITIVES]


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} has a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("file", PRIMITIVES, ids=lambda f: str(f.relative_to(PACKAGE)))
def test_primitives_stand_on_numpy_scipy_pandas_and_the_contract(file):
    allowed = ALLOWED | EXTRA.get(topic(file), set())
    for name in imports(file):
        if name.startswith("mlsd_kit."):
            assert name.split(".")[1] not in NOT_PRIMITIVES, f"{name} is above the primitives"
        elif name.split(".")[0] not in allowed:
            assert name.startswith(CONTRACT), f"{name} is not the contract"


@pytest.mark.parametrize("file", PRIMITIVES, ids=lambda f: str(f.relative_to(PACKAGE)))
def test_a_primitive_fits_on_a_few_screens(file):
    assert len(file.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(PACKAGE)))
def test_the_floors(file):
    here = topic(file)
    used = {name.split(".")[1] for name in imports(file) if name.startswith("mlsd_kit.")}
    if here not in ROOF:
        assert not used & ROOF
    if here in UPPER:
        assert not used & (UPPER - {here})
    elif here not in ROOF:
        assert not used & UPPER
