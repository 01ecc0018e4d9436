"""From a design to a report: lint, offered load, simulation, fault, facts, cost, explanation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlsd_kit.curriculum.drills import advice
from mlsd_kit.curriculum.drills.advice import StageTime
from mlsd_kit.curriculum.drills.drill import Drill, Limit, Load, Run, Situation
from mlsd_kit.curriculum.drills.errors import DrillError
from mlsd_kit.curriculum.drills.measuring import Measured, Simulated, settled
from mlsd_kit.curriculum.drills.neighbours import cheapest_change, quick
from mlsd_kit.curriculum.drills.reading import read
from mlsd_kit.curriculum.drills.report import NOT_RUN, NOT_STARTED, PASSED, WRONG, Check, Report
from mlsd_kit.curriculum.drills.sequel import Sequel


def grade_file(drill: Drill, path: Path, shown: str = "") -> Report:
    """Judge the design in a learner's file."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        design = read(text, drill.design, shown or path.name)
    except DrillError as error:
        return Report(drill.id, WRONG, problems=(str(error),))
    return grade(drill, design)


def grade(drill: Drill, design: Any, *, explain: bool = True) -> Report:
    """Judge ``design``.

    Parameters
    ----------
    drill : Drill
        What must hold.
    design : Design
        The knobs, set.
    explain : bool
        Search for the cheapest change that would pass, and look at the follow-ups.

    Returns
    -------
    Report
    """
    if design.untouched:
        return Report(drill.id, NOT_STARTED)
    problems = design.problems() or list(drill.lint(design, drill.world))
    if problems:
        return Report(drill.id, WRONG, problems=tuple(problems))
    costs = drill.cost(design, drill.world)
    known = {**drill.facts(design, drill.world), "cost": sum(costs.values())}
    loads = drill.loads(design, drill.world)
    full = [load for load in loads if load.rho >= 1]
    simulated = None if full else settled(drill, design)
    limits = drill.limits(drill.world)
    checks = tuple(_check(limit, known, simulated) for limit in limits)
    passed = not full and all(check.ok for check in checks)
    run = _worst_run(checks, simulated)
    stages = advice.slowest(run, loads) if run is not None else ()
    fault = drill.fault if simulated is not None and run in simulated.broken else ""
    return Report(
        drill.id,
        PASSED if passed else WRONG,
        checks=checks,
        stages=stages,
        advice=_advice(drill, checks, stages, full, fault),
        traps=() if passed else _traps(drill, design, checks, loads),
        change=cheapest_change(drill, design) if explain and not passed else None,
        searched=explain and not passed,
        costs=costs,
        cost_unit=drill.cost_unit,
        best_cost=drill.best_cost,
        fault=fault,
        sequels=_sequels(drill, design) if explain and passed else (),
        longer=bool(simulated and simulated.longer),
        source=drill.source,
        totals=run.total if run is not None else None,
        bound=next((limit.bound for limit in limits if limit.latency), None),
    )


def _check(limit: Limit, known: dict[str, float], simulated: Simulated | None) -> Check:
    if limit.name in known:
        measured: Measured | None = Measured(known[limit.name])
    else:
        measured = simulated.measured(limit) if simulated else None
    if measured is None:
        return Check(limit, None, ok=False, status=NOT_RUN)
    ok = limit.holds(measured.mean)
    return Check(limit, measured, ok=ok, status=PASSED if ok else WRONG)


def _worst_run(checks: tuple[Check, ...], simulated: Simulated | None) -> Run | None:
    """The run to explain: the calm one, unless only the fault makes a limit be missed."""
    if simulated is None or not len(simulated.calm[0].total):
        return None
    missed = [check.limit for check in checks if not check.ok and check.limit.latency]
    only_fault = missed and all(limit.fault for limit in missed)
    return simulated.broken[0] if only_fault else simulated.calm[0]


def _advice(
    drill: Drill,
    checks: tuple[Check, ...],
    stages: tuple[StageTime, ...],
    full: list[Load],
    fault: str,
) -> str:
    if full:
        return " ".join(advice.never_drains(load) for load in full)
    slow = any(not check.ok and check.limit.latency for check in checks)
    return advice.advise(stages, fault, drill.own_work) if slow else ""


def _traps(
    drill: Drill, design: Any, checks: tuple[Check, ...], loads: tuple[Load, ...]
) -> tuple[tuple[str, str], ...]:
    missed = frozenset(c.limit.key for c in checks if not c.ok)
    values = {c.limit.name: c.measured.mean for c in checks if c.measured is not None}
    rho = dict(advice.utilisations(loads))
    situation = Situation(design, drill.world, missed, values, rho)
    return tuple(
        (trap.name, trap.says.format(d=design))
        for trap in drill.traps
        if missed & set(trap.explains) and trap.when(situation)
    )


def _sequels(drill: Drill, design: Any) -> tuple[Sequel, ...]:
    """How a design that passed stands in the follow-ups' worlds."""
    found = []
    for follow_up in drill.follow_ups:
        other = drill.within(follow_up)
        report = grade(other, design, explain=False)
        missed = [check.limit.text for check in report.checks if check.status == WRONG]
        drowned = any(check.status == NOT_RUN for check in report.checks)
        missed = list(report.problems) or list(dict.fromkeys(missed))
        holds = report.passed and quick(other, design).passes
        found.append(Sequel(follow_up.says, holds, tuple(missed), drowned))
    return tuple(found)
