"""One notebook over many parameters: in what share of the seeds does each claim hold?

A claim that holds for the committed seed may owe it to luck. A sweep runs the notebook once for
every combination; a claim that does not hold is recorded and the notebook goes on, so every claim
is counted in every run that gets to its end.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlsd_kit.curriculum.claims import Claim
from mlsd_kit.curriculum.run import results as status
from mlsd_kit.curriculum.run.catalogue import Entry
from mlsd_kit.curriculum.run.key import result_key
from mlsd_kit.curriculum.run.locking import exclusive
from mlsd_kit.curriculum.run.parallel import execute_all
from mlsd_kit.curriculum.run.preparing import job_of, own_parameters, prepare
from mlsd_kit.curriculum.run.results import Result, ResultStore, slug
from mlsd_kit.files import write_atomic

KEPT = (status.PASSED, status.CLAIM_FAILED, status.FAILED, status.INCOMPLETE)
"""Outcomes that a rerun takes as they are: the notebook's own doing, and it has a seed."""


def _settled(stored: Result) -> bool:
    return stored.status in KEPT and not stored.undecided


LONG = 40
"""Seconds from which a notebook counts as long: fewer seeds are asked of it."""


@dataclass(frozen=True)
class Sweep:
    """What a sweep will do."""

    entry: Entry
    values: Mapping[str, Sequence[Any]]
    """Every value of each parameter; all combinations are run."""
    build: Path
    jobs: int
    timeout: float
    fresh: bool = False
    scheduler: str | None = None
    warm: bool | None = None

    def __post_init__(self) -> None:
        """Spell the parameters as the notebook does; `UsageError` if it has no such parameter."""
        spelt = own_parameters([self.entry], dict(self.values))[self.entry.id]
        object.__setattr__(self, "values", spelt)


@dataclass(frozen=True)
class ClaimRow:
    """One claim over the runs of a sweep."""

    name: str
    bound: str
    """``varies`` if the notebook computes it from its parameters."""
    held: int
    runs: int
    """All of them: a run that never got to the claim does not count as one where it held."""
    undecided: int
    """Runs that other work on the machine left open: they count neither for it nor against it."""
    interval: tuple[float, float]
    """Wilson's 95 % interval of the share of the decided runs in which it holds."""
    minimum: float
    median: float
    maximum: float
    broken: tuple[str, ...]
    """The runs in which it did not hold, as ``seed=7``."""


def sweep(plan: Sweep, tell: Callable[[Result], None] = lambda result: None) -> list[Result]:
    """Run every combination of ``plan``; return the results in the order of the combinations.

    Each is kept under ``<build>/sweeps/results`` as it comes in, under the content key of an
    ordinary run, so that an interrupted or extended sweep does only what is missing. The executed
    notebook is kept where a run did not pass, under ``<build>/sweeps/notebooks``.
    """
    entry, folder = plan.entry, plan.build / "sweeps"
    names = list(plan.values)
    combinations = [
        dict(zip(names, values, strict=True)) for values in itertools.product(*plan.values.values())
    ]
    with exclusive(plan.build):
        store = ResultStore(folder)
        done: dict[str, Result] = {}
        jobs = []
        for parameters in combinations:
            key = result_key(entry, parameters)
            stored = store.load(entry.id, parameters)
            if not plan.fresh and stored and stored.key == key and _settled(stored):
                done[_words(parameters)] = replace(stored, cached=True)
                tell(done[_words(parameters)])
            elif problem := prepare(entry, key, parameters):
                done[_words(parameters)] = problem
                tell(problem)
            else:
                jobs.append(job_of(entry, key, parameters, plan.timeout, collect=True))
        for result, text in execute_all(jobs, plan.jobs, plan.scheduler, plan.warm):
            if text is not None and not result.passed:
                executed = f"notebooks/{slug(result.id, result.parameters)}.ipynb"
                write_atomic(folder / executed, text)
                result = replace(result, executed=executed)
            store.save(result)
            done[_words(result.parameters)] = result
            tell(result)
    return [done[_words(parameters)] for parameters in combinations]


def claim_rows(results: Sequence[Result]) -> list[ClaimRow]:
    """A row for every claim, in the order in which the notebook makes them.

    A name that a notebook uses twice is told apart by ``#2``.
    """
    # here, for it loads SciPy: only what makes a table waits for that
    from mlsd_kit.experiments.proportions import wilson_interval

    found: dict[str, dict[str, Claim]] = {}
    for result in results:
        for name, claim in named_claims(result):
            found.setdefault(name, {})[_words(result.parameters)] = claim
    rows = []
    for name, runs in found.items():
        claims = runs.values()
        held = sum(claim.held for claim in claims)
        undecided = sum(claim.undecided is not None for claim in claims)
        decided = len(results) - undecided
        bounds = {claim.bound for claim in claims}
        values = [claim.value for claim in claims if not math.isnan(claim.value)] or [math.nan]
        rows.append(
            ClaimRow(
                name=name,
                bound=bounds.pop() if len(bounds) == 1 else "varies",
                held=held,
                runs=len(results),
                undecided=undecided,
                interval=wilson_interval(held, decided) if decided else (0.0, 1.0),
                minimum=min(values),
                median=statistics.median(values),
                maximum=max(values),
                broken=tuple(words for words, claim in runs.items() if claim.failed),
            )
        )
    return rows


def named_claims(result: Result) -> list[tuple[str, Claim]]:
    """``(name, claim)`` of one run; a name's second use gets ``#2``."""
    return numbered(result.claims)


def numbered(claims: Sequence[Claim]) -> list[tuple[str, Claim]]:
    """``(name, claim)`` of each claim; a name's second use gets ``#2``."""
    seen: Counter[str] = Counter()
    named = []
    for claim in claims:
        seen[claim.name] += 1
        again = f" #{seen[claim.name]}" if seen[claim.name] > 1 else ""
        named.append((claim.name + again, claim))
    return named


def unfinished(results: Sequence[Result]) -> list[Result]:
    """The runs that did not get to the notebook's end: their later claims are not known."""
    return [r for r in results if r.status not in (status.PASSED, status.CLAIM_FAILED)]


def unsteady(entry: Entry, results: Sequence[Result]) -> list[str]:
    """A sentence for every claim that owes too much to its seed, and for every unfinished run.

    A claim must hold on 19 of 20 seeds; on 9 of 10 where a run takes over 40 seconds by the
    notebook's header, for nobody runs it twenty times. Undecided runs count neither way.
    """
    per = 10 if entry.seconds > LONG else 20
    found = []
    for row in claim_rows(results):
        decided = row.runs - row.undecided
        if decided - row.held > decided // per:
            needed = decided - decided // per
            found.append(
                f"The claim {row.name!r} holds on {row.held} of {decided} seeds; "
                f"{needed} are needed."
            )
    return found + [
        f"The run at {label(result)} did not finish: {result.status}."
        for result in unfinished(results)
    ]


def _words(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())


def label(result: Result) -> str:
    """What tells one run of a sweep from the others: ``seed=3``."""
    return _words(result.parameters)
