"""What a drill declares: its world, its limits, how a design is simulated, what goes wrong."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from math import ceil
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsd_kit import paths
from mlsd_kit.curriculum.drills.design import Design
from mlsd_kit.curriculum.drills.errors import DrillError
from mlsd_kit.curriculum.drills.here import Measurement
from mlsd_kit.curriculum.drills.limits import Limit
from mlsd_kit.curriculum.drills.stages import Passage

ROOM = 0.7
"""The utilisation that advice aims at: room for chance, deployments and a lost machine."""


@dataclass(frozen=True)
class Load:
    """What a stage is offered, against what it can do."""

    stage: str
    rho: float
    """Offered work over capacity: at 1 and above the queue never drains."""
    servers: int
    knob: str
    """The knob that sets the servers."""

    @property
    def needed(self) -> int:
        """Servers that bring the utilisation to `ROOM`."""
        return ceil(self.servers * self.rho / ROOM - 1e-9)


@dataclass(frozen=True, eq=False)
class Run:
    """What one seed measured."""

    values: Mapping[str, float]
    total: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    """Seconds from arrival to answer, a request."""
    stages: Mapping[str, Passage] = field(default_factory=dict)
    """What each stage did to every request, in order; all arrays as long as ``total``."""


@dataclass(frozen=True)
class Situation:
    """What is known of a judged design, for the traps to look at."""

    design: Any
    world: Any
    missed: frozenset[str]
    """Keys of the limits that do not hold."""
    values: Mapping[str, float]
    rho: Mapping[str, float]
    """Utilisation by stage."""


@dataclass(frozen=True)
class Trap:
    """A known wrong idea, told only where it is the cause: when a limit it explains is missed."""

    name: str
    explains: tuple[str, ...]
    """Limits that this idea makes a design miss."""
    when: Callable[[Situation], bool]
    says: str
    """A format string over the design, as ``d``: ``"{d.days} days of it"``."""


@dataclass(frozen=True)
class FollowUp:
    """What the interviewer asks next: the same system in another world."""

    says: str
    changes: Mapping[str, Any]
    """To the world."""
    answer: Mapping[str, Any]
    """Changes to the reference that hold there: the old one does not."""


@dataclass(frozen=True)
class Question:
    """A requirement question: what one should ask, and what the answer changes."""

    asks: str
    answer: str
    """A format string over the fields of the world: ``"{qps:,.0f} a second"``."""
    words: tuple[str, ...]
    """Any of these words in a learner's question counts as having asked it."""


@dataclass(frozen=True)
class Estimation:
    """A figure to estimate before designing, in a stated unit."""

    asks: str
    unit: str
    answer: Callable[[Any], float]
    """From the world."""
    within: float = 1.25
    """How far off the answer may be, as a ratio."""


def _nothing(design: Any, world: Any) -> Any:
    return {}


@dataclass(frozen=True)
class Drill:
    """One design drill."""

    design: type[Design]
    world: Any
    """A frozen dataclass: the numbers that the prompt gives."""
    limits: Callable[[Any], tuple[Limit, ...]]
    simulate: Callable[[Any, Any, int, float, bool], Run]
    """(design, world, seed, length, fault) → what was measured; ``length`` scales the horizon."""
    cost: Callable[[Any, Any], dict[str, float]]
    """Dollars a month, by item."""
    best_cost: float
    """The cheapest passing design known."""
    facts: Callable[[Any, Any], dict[str, float]] = _nothing
    """What needs no simulation: memory, quality from a table."""
    loads: Callable[[Any, Any], tuple[Load, ...]] = lambda design, world: ()
    lint: Callable[[Any, Any], tuple[str, ...]] = lambda design, world: ()
    """Sentences on knobs that contradict each other."""
    traps: tuple[Trap, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    questions: tuple[Question, ...] = ()
    estimates: tuple[Estimation, ...] = ()
    """What one should know to an order of magnitude before setting a knob."""
    wrong: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Named wrong designs: the trap each falls into, and its changes to the reference."""
    measurements: tuple[Measurement, ...] = ()
    """Service times that the learner's machine can measure too."""
    own_work: Mapping[str, str] = field(default_factory=dict)
    """What to say, by stage, if its own work dominates and no machine does it."""
    fault: str = ""
    """What breaks in the fault run, in words."""
    cost_unit: str = "$ a month"
    source: str = ""
    """Where service times and quality come from."""
    folder: Path = Path()
    name: str = ""

    @property
    def prompt(self) -> str:
        """What the interviewer says first: the sentence in quotes that begins the task."""
        text = (self.folder / "task.md").read_text(encoding="utf-8-sig")
        return " ".join(text.partition('*"')[2].partition('"*')[0].split())

    @property
    def opening(self) -> str:
        """The prompt without its numbers: one has to ask for them."""
        first = self.prompt.partition(":")[0]
        return first if first.endswith(("?", ".")) else f"{first}."

    @property
    def id(self) -> str:
        """As the exercises call it: ``design/search_funnel``."""
        return f"design/{self.name}"

    def within(self, follow_up: FollowUp) -> Drill:
        """The drill in the follow-up's world."""
        return replace(self, world=replace(self.world, **follow_up.changes))

    def reference(self) -> Any:
        """The reference design."""
        from mlsd_kit.curriculum.drills.reading import read

        path = self.folder / "reference.py"
        return read(path.read_text(encoding="utf-8-sig"), self.design, path.name)


def folder() -> Path:
    """Where the drills lie."""
    return paths.root() / "exercises" / "design"


def names() -> list[str]:
    """The drills there are."""
    return sorted(path.parent.name for path in folder().glob("*/drill.py"))


def load(name: str) -> Drill:
    """The drill called ``name``.

    Raises
    ------
    DrillError
        If there is none.
    """
    short = name.strip().removeprefix("design/")
    if short not in names():
        raise DrillError(f"No drill {name!r}: there are {', '.join(names())}.")
    return _load(folder() / short)


@cache
def _load(where: Path) -> Drill:
    module = _module(where / "drill.py", f"mlsd_design_{where.name}")
    drill: Drill = module.DRILL
    drill.design.drill = where.name
    return replace(drill, name=where.name, folder=where)


def _module(path: Path, name: str) -> ModuleType:
    """A drill's file as a module of its own, without writing bytecode beside it."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    exec(compile(path.read_text(encoding="utf-8-sig"), str(path), "exec"), vars(module))
    return module
