"""The cheapest single change that would pass, found by trying the neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf, log1p
from typing import Any

from mlsd_kit.curriculum.drills.design import Design, Knob
from mlsd_kit.curriculum.drills.drill import Drill, Limit
from mlsd_kit.curriculum.drills.measuring import SEEDS, simulate

STEPS = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 40.0, 100.0)
"""Factors by which a number is raised or lowered, one after the other."""
HOPELESS = 50.0
"""Added to the score of a design whose queue never drains."""
SHORT = 0.3
"""Horizon of a quick look."""


@dataclass(frozen=True)
class Outcome:
    """A quick look at a design."""

    passes: bool
    score: float
    """How far the missed limits are missed, together; 0 if all hold."""
    cost: float = inf
    short: Mapping[str, float] = field(default_factory=dict)
    """How far each limit is missed, by its key; 0 if it holds."""
    gap: float = inf
    """The misses as shares of their limits, together; known after a run only."""

    @property
    def held(self) -> int:
        """Limits that hold."""
        return sum(missed == 0 for missed in self.short.values())

    def better_than(self, other: Outcome) -> bool:
        """True if a missed limit is clearly closer and none further away: nothing is traded."""
        shared = set(self.short) & set(other.short)
        kept = all(self.short[key] >= other.short[key] - 1e-6 for key in shared)
        return kept and any(
            self.short.get(key, 0.0) > 0.9 * missed
            for key, missed in other.short.items()
            if missed < 0
        )

    def trades_well_for(self, other: Outcome) -> bool:
        """True if one limit is given for another, and far less is missed than before."""
        return self.held >= other.held and self.gap < 0.2 * other.gap < inf


@dataclass(frozen=True)
class Change:
    """One knob set otherwise."""

    knob: str
    before: Any
    after: Any
    passes: bool
    cost: float
    """What it adds to the cost; negative if it saves."""
    missed: tuple[str, ...] = ()
    """Limits that a design with it would still miss."""


def quick(
    drill: Drill,
    design: Any,
    seeds: tuple[int, ...] = (1,),
    length: float = SHORT,
    floor: float = -inf,
) -> Outcome:
    """Judge ``design`` by one short run; what can be told without a run comes first.

    If that alone is no better than ``floor``, nothing is run.
    """
    if design.problems() or drill.lint(design, drill.world):
        return Outcome(False, -100.0)
    cost = sum(drill.cost(design, drill.world).values())
    known = {**drill.facts(design, drill.world), "cost": cost}
    limits = drill.limits(drill.world)
    short = {each.key: _short(each, known[each.name]) for each in limits if each.name in known}
    overload = sum(load.rho for load in drill.loads(design, drill.world) if load.rho >= 1)
    if overload:
        return Outcome(False, -HOPELESS - min(overload, 49.0), cost, short)
    if min(short.values(), default=0.0) < 0 and sum(short.values()) <= floor:
        return Outcome(False, sum(short.values()), cost, short)
    simulated, gap = simulate(drill, design, seeds, length), 0.0
    for limit in limits:
        if (measured := simulated.measured(limit)) is not None:
            short[limit.key] = _short(limit, measured.mean)
        value = measured.mean if measured is not None else known[limit.name]
        away = abs(value - limit.bound) / max(abs(limit.bound), 1e-9)
        gap += 0.0 if limit.holds(value) else min(away, 9.0) if away == away else 9.0
    return Outcome(min(short.values()) == 0, sum(short.values()), cost, short, gap)


def _short(limit: Limit, value: float) -> float:
    """How far ``value`` misses the limit; its logarithm, so that no limit hides the others."""
    return 0.0 if limit.holds(value) else -log1p(1e-9 - limit.margin(value))


def passes_quickly(drill: Drill, design: Any) -> bool:
    """True if a quick look finds every limit met; hopeless designs are not simulated."""
    if design.problems() or drill.lint(design, drill.world):
        return False
    if any(load.rho >= 1 for load in drill.loads(design, drill.world)):
        return False
    return quick(drill, design, floor=0.0).passes


def cheapest_change(drill: Drill, design: Design) -> Change | None:
    """The single change that passes at the least cost; else the one that helps most.

    Each knob is moved a little to either side. Where that helps, it is moved further until the
    design passes; what passes in the quick look is confirmed with all seeds.
    """
    start, limits = quick(drill, design), drill.limits(drill.world)
    found: list[tuple[Any, Outcome, Change]] = []
    for name, knob in design.knobs().items():
        for path in _paths(knob, getattr(design, name)):
            best = start
            for after in path:
                changed = design.but(**{name: after})
                outcome = quick(drill, changed, floor=best.score)
                delta = outcome.cost - start.cost
                missed = tuple(n.text for n in limits if outcome.short.get(n.key, 0.0) < 0)
                change = Change(name, getattr(design, name), after, outcome.passes, delta, missed)
                if outcome.score <= best.score and not outcome.passes:
                    if outcome.trades_well_for(start):
                        found.append((changed, outcome, change))
                    if best is not start or knob.choices or start.score > -HOPELESS:
                        break
                    continue
                best = outcome
                found.append((changed, outcome, change))
                if outcome.passes:
                    break
    passing = sorted((f for f in found if f[1].passes), key=lambda f: f[1].cost)
    for changed, _, change in passing:
        if quick(drill, changed, SEEDS, 1.0).passes:
            return change
    helping = [f for f in found if f[1].better_than(start)]
    helping = helping or [f for f in found if f[1].trades_well_for(start)]
    most = max(helping, key=lambda f: (f[1].held, round(f[1].score, 1), -f[1].cost), default=None)
    return most[2] if most else None


def _paths(knob: Knob, value: Any) -> Iterator[list[Any]]:
    """Ways to move a knob: lists of values, each further from the present one."""
    if knob.several:
        for each in knob.choices:
            now = tuple(value)
            yield [tuple(c for c in knob.choices if (c in now) != (c == each))]
    elif knob.choices:
        yield from ([each] for each in knob.choices if each != value)
    else:
        base = value or max(knob.high / 100, 1 if knob.whole else 0)
        yield _steps(knob, value, [base * step for step in STEPS])
        yield _steps(knob, value, [base / step for step in STEPS] if value else [])


def _steps(knob: Knob, value: Any, wanted: list[float]) -> list[Any]:
    steps: list[Any] = []
    for each in wanted:
        up = each > value
        rounded = (int(-(-each // 1)) if up else int(each)) if knob.whole else float(f"{each:.3g}")
        inside = min(max(rounded, knob.low), knob.high)
        inside = int(inside) if knob.whole else float(inside)
        if inside != value and inside not in steps:
            steps.append(inside)
    return steps
