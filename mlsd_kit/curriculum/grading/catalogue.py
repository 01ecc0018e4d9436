"""The catalogue: which exercises there are, and the modules that make up one."""

from __future__ import annotations

import difflib
import importlib.util
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from mlsd_kit import paths
from mlsd_kit.curriculum.grading.declare import Check
from mlsd_kit.curriculum.grading.errors import GradingError

KINDS = ("coding", "estimates", "debug", "predict", "design")


@dataclass(frozen=True)
class Exercise:
    """One exercise: what ``exercise.toml`` says, and where its files are."""

    folder: Path
    kind: str
    name: str
    title: str
    theme: str
    case_study: str
    primitive: str
    function: str
    complexity: str
    level: int
    requires: tuple[str, ...]
    checks_of: str
    """For a debug variant: the coding exercise whose checks judge it."""

    @property
    def id(self) -> str:
        """Kind and name: ``coding/mape``."""
        return f"{self.kind}/{self.name}"

    @property
    def has_file(self) -> bool:
        """False for a prediction: an answer is chosen, nothing is written."""
        return self.kind != "predict"

    @cached_property
    def judged_by(self) -> Exercise:
        """The exercise whose checks and reference judge this one: itself, except for debug."""
        return find(f"coding/{self.checks_of.removeprefix('coding/')}") if self.checks_of else self

    def text(self, name: str) -> str:
        """The text of one of its files."""
        try:
            return (self.folder / name).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise GradingError(f"{self.id} has no {name}: write it.") from None

    @property
    def solution_text(self) -> str:
        """The reference: its own, or for a debug variant without one that of its exercise."""
        own = self.folder / "reference.py"
        return self.text("reference.py") if own.exists() else self.judged_by.text("reference.py")

    @property
    def statement(self) -> str:
        """The task, in Markdown."""
        return self.text("question.md" if self.kind == "predict" else "task.md")

    def module(self, name: str) -> ModuleType:
        """One of its Python files as a module of its own."""
        return load_module(self.folder / f"{name}.py", f"mlsd_{self.kind}_{self.name}_{name}")

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The checks, in the order they are written."""
        estimate = getattr(self.checks_module, "ESTIMATE", None)
        if estimate is not None:
            return tuple(estimate.checks)
        found = [item for item in vars(self.checks_module).values() if isinstance(item, Check)]
        if not found:
            raise GradingError(f"{self.id}: checks.py declares no @check.")
        return tuple(found)

    def reading(self, answer: Any) -> Any:
        """An answer as it is compared with a known error's: an estimate's in the task's unit."""
        estimate = getattr(self.checks_module, "ESTIMATE", None)
        return answer if estimate is None else estimate.in_unit(answer)

    @cached_property
    def checks_module(self) -> ModuleType:
        """``checks.py``."""
        return self.module("checks")

    @cached_property
    def misconceptions(self) -> dict[str, FunctionType]:
        """The named wrong solutions."""
        path = self.folder / "misconceptions.py"
        return functions(self.module("misconceptions")) if path.exists() else {}

    @cached_property
    def wrong(self) -> dict[str, FunctionType]:
        """Wrong solutions that get no name in a message, and must be rejected all the same."""
        path = self.folder / "wrong.py"
        return functions(self.module("wrong")) if path.exists() else {}

    def load(self) -> None:
        """Read everything that a verdict needs, before any code of a learner's has run.

        A file that such code could have written must not be read, let alone run, by the judge.
        """
        _ = (self.misconceptions, self.reference, self.right)
        if self.judged_by is self:
            _ = self.checks
        else:
            self.judged_by.load()

    @cached_property
    def reference(self) -> str:
        """The text of the reference that is run beside a learner's solution; empty without one."""
        path = self.folder / "reference.py"
        return path.read_text(encoding="utf-8-sig") if path.exists() else ""

    @cached_property
    def right(self) -> Callable[..., Any] | None:
        """The reference as a function; None without one of its own."""
        if not (self.folder / "reference.py").exists():
            return None
        return functions(self.module("reference")).get(self.function)

    @cached_property
    def alternatives(self) -> dict[str, FunctionType]:
        """Correct solutions in other styles."""
        path = self.folder / "alternatives.py"
        return functions(self.module("alternatives")) if path.exists() else {}


def functions(module: ModuleType) -> dict[str, FunctionType]:
    """The public functions that ``module`` itself defines, in order."""
    return {
        name: item
        for name, item in vars(module).items()
        if isinstance(item, FunctionType)
        and item.__module__ == module.__name__
        and not name.startswith("_")
    }


def load_module(path: Path, name: str) -> ModuleType:
    """The file at ``path`` as a fresh module, without writing bytecode beside it."""
    if not path.exists():
        raise GradingError(f"{path.parent.name} has no {path.name}: write it.")
    module = ModuleType(name)
    module.__file__ = str(path)
    spec = importlib.util.spec_from_file_location(name, path)
    module.__spec__ = spec
    exec(compile(path.read_text(encoding="utf-8-sig"), str(path), "exec"), vars(module))
    return module


def exercises(kind: str | None = None) -> list[Exercise]:
    """Every exercise of the curriculum, by kind and name.

    Raises
    ------
    GradingError
        If a folder's ``exercise.toml`` is missing or wrong.
    """
    root = paths.root() / "exercises"
    found = []
    for each in KINDS if kind is None else (kind,):
        folders = sorted(f for f in (root / each).glob("*") if f.is_dir() and f.name[0] not in "._")
        found += [read(folder, each) for folder in folders if any(folder.glob("*.*"))]
    return found


def read(folder: Path, kind: str) -> Exercise:
    """The exercise in ``folder``."""
    path = folder / "exercise.toml"
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise GradingError(f"{kind}/{folder.name} has no exercise.toml: write it.") from None
    except tomllib.TOMLDecodeError as error:
        raise GradingError(f"{kind}/{folder.name}/exercise.toml: {error}.") from None
    texts = ("title", "theme", "case_study", "primitive", "function", "complexity", "checks_of")
    unknown = set(data) - {*texts, "kind", "level", "requires", "options", "answer"}
    if unknown:
        raise GradingError(f"{kind}/{folder.name}/exercise.toml: unknown key {min(unknown)!r}.")
    values = {key: str(data.get(key, "")) for key in texts}
    needed = ["title", "theme"] + (["checks_of"] if kind == "debug" else [])
    needed += ["function"] if kind in ("coding", "estimates") else []
    for key in needed:
        if not values[key]:
            raise GradingError(f'{kind}/{folder.name}/exercise.toml needs {key} = "...".')
    return Exercise(
        folder=folder,
        kind=kind,
        name=folder.name,
        level=int(data.get("level", 1)),
        requires=tuple(data.get("requires", ())),
        **values,
    )


def find(name: str) -> Exercise:
    """The exercise called ``name``: ``"mape"``, or ``"coding/mape"`` where a kind is needed.

    Raises
    ------
    GradingError
        If there is none; the sentence offers the nearest names.
    """
    name = name.strip().removesuffix(".py")
    wanted_kind, _, short = name.rpartition("/")
    root = paths.root() / "exercises"
    for kind in KINDS:
        folder = root / kind / short
        if wanted_kind in ("", kind) and short and any(folder.glob("*.*")):
            return read(folder, kind)
    known = [f"{f.parent.name}/{f.name}" for k in KINDS for f in sorted((root / k).glob("*/"))]
    names = [*known, *(each.partition("/")[2] for each in known)]
    near = difflib.get_close_matches(name, names, 3, 0.5)
    cure = f"did you mean {' or '.join(near)}?" if near else "`mlsd progress` lists them."
    raise GradingError(f"No exercise {name!r}: {cure}")
