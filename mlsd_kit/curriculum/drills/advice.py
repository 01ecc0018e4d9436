"""Where the slowest requests spend their time, and what that says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlsd_kit.curriculum.drills.drill import Load, Run

SLOWEST = 0.01
NEAR_FULL, HALF_FULL = 0.85, 0.4


@dataclass(frozen=True)
class StageTime:
    """One stage, as the slowest 1 % of the requests saw it [s]."""

    name: str
    waiting: float
    batching: float
    work: float
    alone: float
    """Own work of a request that takes this stage, over all requests."""
    load: Load | None = None

    @property
    def total(self) -> float:
        """All three parts."""
        return self.waiting + self.batching + self.work


def slowest(run: Run, loads: tuple[Load, ...]) -> tuple[StageTime, ...]:
    """The stages in order, as the slowest 1 % of the answered requests passed them."""
    answered = np.flatnonzero(np.isfinite(run.total))
    if not len(answered):
        return ()
    count = max(1, round(SLOWEST * len(answered)))
    chosen = answered[np.argsort(run.total[answered], kind="stable")[-count:]]
    by_stage = {load.stage: load for load in loads}
    found = []
    for name, passage in run.stages.items():
        parts = (passage.waiting, passage.batching, passage.work)
        waiting, batching, work = (_mean(np.asarray(part)[chosen]) for part in parts)
        used = np.asarray(passage.work)[np.asarray(passage.work) > 0]
        alone = float(used.mean()) if len(used) else 0.0
        found.append(StageTime(name, waiting, batching, work, alone, by_stage.get(name)))
    return tuple(found)


def _mean(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else 0.0


def advise(
    stages: tuple[StageTime, ...], fault: str = "", own_work: Mapping[str, str] | None = None
) -> str:
    """One sentence on the stage that takes most of the slowest requests' time.

    ``fault`` is set where only the fault makes a limit be missed; ``own_work`` is what a drill
    says of the stages whose work no machine does.
    """
    if not stages:
        return ""
    worst = max(stages, key=lambda stage: stage.total)
    name, load = worst.name, worst.load
    rho = load.rho if load else 0.0
    own = max(worst.work, worst.alone)
    if worst.batching + worst.work > 3 * own and worst.batching > worst.waiting and rho < 1:
        return (
            f"{name}: a request spends {ms(worst.batching)} on its batch and {ms(own)} on its own "
            "work: a smaller batch or a shorter timeout, before any more machines."
        )
    if load and rho >= 1:
        return never_drains(load)
    if fault and worst.waiting > worst.work:
        cure = (
            f"at {rho:.0%} busy before, what is left cannot carry the load. Size it for the loss."
            if rho > HALF_FULL
            else "do not wait for what is broken (a timeout, a second copy)."
        )
        return f"{name}: {ms(worst.waiting)} of waiting, and only with {fault}: {cure}"
    if load and rho > NEAR_FULL and worst.waiting > worst.work:
        return (
            f"{name}: {rho:.0%} busy, so its queue swings: {load.knob} = {load.needed} would "
            f"bring it to 70 %."
        )
    if worst.waiting > 2 * own:
        return (
            f"{name}: {ms(worst.waiting)} of waiting at {rho:.0%} utilisation: not too little "
            "capacity on average, but bursts, a timeout or a fault."
        )
    if own_work and name in own_work:
        return (
            f"{name}: {ms(worst.work)} of its {ms(worst.total)} are its own work: {own_work[name]}"
        )
    return (
        f"{name}: {ms(worst.work)} of its {ms(worst.total)} are its own work: more replicas do not "
        "help; do less work there (fewer candidates, a smaller model, more shards)."
    )


def never_drains(load: Load) -> str:
    """What to say of a stage that is offered more than it can do."""
    return (
        f"{load.stage} is offered {load.rho:.2f} × what it can do: the queue never drains. "
        f"{load.knob} = {load.needed} would bring it to 70 %."
    )


def ms(seconds: float) -> str:
    """Seconds as milliseconds in words.

    >>> ms(0.0123), ms(1.5)
    ('12 ms', '1,500 ms')
    """
    value = 1000 * seconds
    return f"{value:,.0f} ms" if value >= 9.95 else f"{value:.1f} ms"


def utilisations(loads: tuple[Load, ...]) -> Mapping[str, float]:
    """Utilisation by stage."""
    return {load.stage: load.rho for load in loads}
