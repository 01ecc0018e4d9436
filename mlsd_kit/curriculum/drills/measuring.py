"""Three seeds, the same for every design, and the interval that they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mlsd_kit.curriculum.drills.drill import Drill, Limit, Run
from mlsd_kit.curriculum.drills.statistics import over_seeds

SEEDS = (1, 2, 3)
LONGER = 2.5
"""The horizon of the second look, where the first leaves a limit inside its interval."""


class Measured(NamedTuple):
    """A figure over the seeds: its mean, and half the width of its 95 % interval."""

    mean: float
    half: float = 0.0

    def straddles(self, limit: Limit) -> bool:
        """True if the limit lies inside the interval."""
        return self.half > 0 and abs(self.mean - limit.bound) <= self.half


@dataclass(frozen=True)
class Simulated:
    """All runs of one design, without and with the fault."""

    calm: tuple[Run, ...]
    broken: tuple[Run, ...]
    longer: bool = False

    def measured(self, limit: Limit) -> Measured | None:
        """The figure that ``limit`` bounds; None if no run has it."""
        runs = self.broken if limit.fault else self.calm
        if not runs or limit.name not in runs[0].values:
            return None
        values = [run.values[limit.name] for run in runs]
        return Measured(*over_seeds(values)) if len(values) > 1 else Measured(values[0])


def simulate(
    drill: Drill, design: Any, seeds: Sequence[int] = SEEDS, length: float = 1.0
) -> Simulated:
    """Run ``design`` for each seed, and again with the fault if a limit asks for it."""
    asked = any(limit.fault for limit in drill.limits(drill.world))
    runs = {
        fault: tuple(drill.simulate(design, drill.world, seed, length, fault) for seed in seeds)
        for fault in ((False, True) if asked else (False,))
    }
    return Simulated(runs[False], runs.get(True, ()), length > 1.0)


def settled(drill: Drill, design: Any) -> Simulated:
    """Simulate; where a limit lies inside an interval, look again for longer."""
    first = simulate(drill, design)
    for limit in drill.limits(drill.world):
        found = first.measured(limit)
        if found is not None and found.straddles(limit):
            return simulate(drill, design, length=LONGER)
    return first
