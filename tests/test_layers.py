"""The floors of the house: who may import whom, and that no import goes round in a circle."""

import ast
import sys
from pathlib import Path

import pytest

import mlsd_kit

PACKAGE = Path(mlsd_kit.__file__).parent
BESIDE = {"data", "services"}
NOT_PRIMITIVES = BESIDE | {"systems", "curriculum", "__init__", "paths", "files"}
ROOMS = {"run", "grading", "drills"}
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


def dotted(file: Path) -> str:
    """The module's name: ``mlsd_kit.data.fetching``; a package goes by its folder's."""
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = {dotted(file): file for file in FILES}


def topic(module: str) -> str:
    """The first name below the kit: ``data`` of ``mlsd_kit.data.fetching``."""
    return [*module.split("."), "__init__"][1]


def room(module: str) -> str | None:
    """The room of the curriculum in which a module lies, if it lies in one."""
    parts = module.split(".")
    return parts[2] if parts[1:2] == ["curriculum"] and len(parts) > 2 else None


def imports(file: Path) -> set[str]:
    """Every module that a file imports anywhere, in functions and for types, too."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} has a relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {
                str(node.module) if name.startswith("mlsd_kit") and name not in MODULES else name
                for name in names
            }
    return found


USES = {
    module: {name for name in imports(file) if name in MODULES} - {module}
    for module, file in MODULES.items()
}
PRIMITIVES = [module for module in MODULES if topic(module) not in NOT_PRIMITIVES]


def test_the_tree_is_the_one_that_the_floors_are_about():
    assert {room(module) for module in MODULES} >= ROOMS | {"cli", "claims"}
    assert {topic(module) for module in MODULES} >= NOT_PRIMITIVES


@pytest.mark.parametrize("module", PRIMITIVES)
def test_primitives_stand_on_numpy_scipy_pandas_and_the_contract(module):
    allowed = ALLOWED | EXTRA.get(topic(module), set())
    for name in imports(MODULES[module]):
        if name.startswith("mlsd_kit."):
            assert topic(name) not in NOT_PRIMITIVES, f"{name} is above the primitives"
        elif name.split(".")[0] not in allowed:
            assert name.startswith(CONTRACT), f"{name} is not the contract"


@pytest.mark.parametrize("module", [name for name in MODULES if topic(name) in BESIDE])
def test_data_and_services_stand_beside_each_other_and_know_no_case_study(module):
    above = {"systems", "curriculum"} | BESIDE - {topic(module)}
    assert not {name for name in USES[module] if topic(name) in above}


@pytest.mark.parametrize("module", [name for name in MODULES if topic(name) == "systems"])
def test_a_system_knows_no_other_and_nothing_of_the_course(module):
    own = module.split(".")[2:3]
    for name in USES[module]:
        assert topic(name) != "curriculum", f"{name} is the machinery of the course"
        if topic(name) == "systems":
            assert name.split(".")[2:3] in (own, []), f"{name} is another case study's"


@pytest.mark.parametrize("module", [name for name in MODULES if topic(name) == "curriculum"])
def test_the_rooms_of_the_curriculum_are_apart_and_the_command_line_is_the_roof(module):
    for name in USES[module]:
        assert topic(name) != "systems", f"{name} is a case study's"
        if room(module) in ROOMS:
            assert room(name) in (room(module), "claims") or topic(name) != "curriculum", name
        if room(module) != "cli":
            assert room(name) != "cli", f"{name} is the roof"


def test_no_import_goes_round_in_a_circle():
    done: set[str] = set()

    def follow(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path[path.index(module) :], module])
        if module not in done:
            for name in sorted(USES[module]):
                follow(name, (*path, module))
            done.add(module)

    for module in MODULES:
        follow(module, ())
