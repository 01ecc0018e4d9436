"""The proof that claims have teeth: a notebook is sabotaged, and its claims must notice.

The header of a notebook lists sabotages: a change of its code or of a parameter, named after what
it imitates. Each is run with claims recorded instead of raised. A claim that holds under all of
them would hold whatever the notebook did; a sabotage under which all claims hold shows nothing.
Only a claim that is reached and does not hold is broken: a sabotage that stops the notebook with
an error leaves the claims behind it *not reached*, which proves nothing of them.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlsd_kit.curriculum.claims import Claim
from mlsd_kit.curriculum.run import results as status
from mlsd_kit.curriculum.run.catalogue import Entry, Sabotage, code_spans, source_text
from mlsd_kit.curriculum.run.errors import UsageError
from mlsd_kit.curriculum.run.execute import Job
from mlsd_kit.curriculum.run.key import result_key
from mlsd_kit.curriculum.run.locking import exclusive
from mlsd_kit.curriculum.run.parallel import execute_all
from mlsd_kit.curriculum.run.preparing import job_of, own_parameters, prepare
from mlsd_kit.curriculum.run.results import Result, ResultStore, result_from_json, result_to_json
from mlsd_kit.curriculum.run.sharing import can_share, run_shared
from mlsd_kit.curriculum.run.sweep import KEPT, named_claims
from mlsd_kit.files import write_atomic

HOLDS = "holds"
BREAKS = "breaks"
UNDECIDED = "undecided"
NOT_REACHED = "not reached"
AS_IT_IS = "as it is"
_WORDS = {"held": HOLDS, "failed": BREAKS, "undecided": UNDECIDED}


@dataclass(frozen=True)
class Trial:
    """One run of a proof: the notebook as it is, or under one of its sabotages."""

    entry: Entry
    name: str
    text: str
    parameters: dict[str, Any]
    key: str


@dataclass(frozen=True)
class Proof:
    """What the trials of one notebook have shown."""

    entry: Entry
    base: Result | None
    """The notebook as it is; None if it was not run, because it declares no sabotage."""
    runs: dict[str, Result] = field(default_factory=dict)
    """Each sabotage's run, by the sabotage's name."""
    problems: tuple[str, ...] = ()
    """What was wrong before anything ran: a text to replace that is not there."""

    @property
    def claims(self) -> dict[str, Claim]:
        """The claims of the notebook as it is, by name; a name's second use has ``#2``."""
        return dict(named_claims(self.base)) if self.base else {}

    def outcomes(self, claim: str) -> dict[str, str]:
        """What becomes of one claim under each sabotage: holds, breaks, undecided, not reached."""
        return {name: verdicts(run).get(claim, NOT_REACHED) for name, run in self.runs.items()}

    @property
    def toothless(self) -> list[str]:
        """Claims that no sabotage breaks."""
        return [name for name in self.claims if BREAKS not in self.outcomes(name).values()]

    @property
    def useless(self) -> list[str]:
        """Sabotages that break no claim."""
        known = self.claims
        return [
            name
            for name, run in self.runs.items()
            if BREAKS not in [verdict for claim, verdict in verdicts(run).items() if claim in known]
        ]

    def faults(self) -> list[str]:
        """A sentence for everything that keeps this from being a proof; none if it is one."""
        if self.base is None:
            return list(self.problems)
        found = list(self.problems)
        if self.base.failure:
            found.append(f"The notebook does not pass as it is: {self.base.failure.message}.")
        found += [
            f"The headline claim {name!r} is not among its claims."
            for name in self.entry.headline
            if self.base.passed and name not in self.claims
        ]
        found += [f"No sabotage breaks the claim {name!r}." for name in self.toothless]
        for name in self.useless:
            failure = self.runs[name].failure
            ended = f" (its run ended early: {failure.message})" if failure else ""
            found.append(f"The sabotage {name!r} breaks no claim{ended}.")
        return found


def verdicts(run: Result) -> dict[str, str]:
    """Each claim that a run came to, by name: does it hold, is it broken, or undecided?"""
    return {name: _WORDS[claim.outcome] for name, claim in named_claims(run)}


def sabotaged(text: str, sabotage: Sabotage) -> str:
    """The source of a notebook with the sabotage's text in place of its own.

    Raises
    ------
    UsageError
        If the text to replace is in no code cell, or is there more than once.

    Examples
    --------
    >>> text = "# %% [markdown]\\n# x = 1\\n\\n# %%\\nx = 1\\n"
    >>> sabotaged(text, Sabotage("two", replace="x = 1", by="x = 2")).splitlines()[-1]
    'x = 2'
    """
    places = [
        at
        for _, start, end in code_spans(text)
        for at in range(start, end)
        if text.startswith(sabotage.replace, at, end)
    ]
    if len(places) != 1:
        found = f"{len(places)} times" if places else "nowhere"
        raise UsageError(
            f"The text that {sabotage.name!r} replaces must stand in the code cells exactly once; "
            f"it is there {found}: {sabotage.replace!r}."
        )
    return text[: places[0]] + sabotage.by + text[places[0] + len(sabotage.replace) :]


def trials(entry: Entry) -> tuple[list[Trial], list[str]]:
    """The notebook as it is and under each sabotage; sentences for those that cannot be made."""
    text = source_text(entry.source)
    made = [Trial(entry, AS_IT_IS, text, {}, result_key(entry, {}))]
    names = Counter(sabotage.name for sabotage in entry.sabotages)
    problems = [f"Two sabotages are named {name!r}." for name, n in names.items() if n > 1]
    for sabotage in entry.sabotages:
        try:
            changed, parameters = text, {}
            if sabotage.parameter:
                given = {sabotage.parameter: sabotage.value}
                parameters = own_parameters([entry], given)[entry.id]
            else:
                changed = sabotaged(text, sabotage)
        except UsageError as error:
            problems.append(str(error))
            continue
        key = result_key(entry, parameters, changed)
        made.append(Trial(entry, sabotage.name, changed, parameters, key))
    return made, problems


def prove(
    entries: Sequence[Entry],
    build: Path,
    jobs: int,
    timeout: float,
    *,
    fresh: bool = False,
    warm: bool | None = None,
    tell: Callable[[str, Result], None] = lambda name, result: None,
) -> list[Proof]:
    """Run each notebook as it is and under each of its sabotages.

    Parameters
    ----------
    entries : sequence of Entry
        The notebooks.
    build : path
        Results are kept under ``<build>/proofs``, by the key of what ran: a rerun does only what
        has changed.
    jobs : int
        Runs at a time.
    timeout : float
        Seconds for one run.
    fresh : bool
        Run what is unchanged, too.
    warm : bool, default=None
        Fork kernels from a process that has imported the libraries; None decides by itself.
    tell : callable
        Told the name of each trial and its result, as they come in.

    Returns
    -------
    list of Proof
        One a notebook, in the order of ``entries``.
    """
    with exclusive(build):
        planned = {entry.id: trials(entry) for entry in entries if entry.sabotages}
        done: dict[str, Result] = {}
        waiting: dict[str, Trial] = {}
        groups: list[tuple[Job, list[Job], int]] = []  # as it is, what to run, seconds
        for made, _ in planned.values():
            groups.append((_job(made[0], timeout), [], made[0].entry.seconds))
            for trial in made:
                if trial.key in done or trial.key in waiting:
                    continue  # two sabotages that come to the same
                stored = None if fresh else _stored(trial, build)
                stopped = stored or prepare(trial.entry, trial.key, trial.parameters)
                if stopped:
                    done[trial.key] = stopped
                    tell(trial.name, stopped)
                else:
                    waiting[trial.key] = trial
                    groups[-1][1].append(_job(trial, timeout))
        groups.sort(key=lambda group: -group[2])  # the longest first
        for result in _run(groups, jobs, warm):
            _keep(result, build)
            done[result.key] = result
            tell(waiting[result.key].name, result)
    return [_proof(entry, planned.get(entry.id), done) for entry in entries]


def _job(trial: Trial, timeout: float) -> Job:
    return job_of(trial.entry, trial.key, trial.parameters, timeout, collect=True, text=trial.text)


def _run(
    groups: Sequence[tuple[Job, list[Job], int]], jobs: int, warm: bool | None
) -> Iterator[Result]:
    """Results of all jobs as they come in; those of one notebook share what they can."""
    left: list[Job] = []
    for base, todo, _ in groups:
        waiting = {job.key: job for job in todo}
        if can_share(todo, warm, os.environ):
            wanted = waiting.get(base.key) is not None
            variants = [job for job in todo if job.key != base.key]
            for result in run_shared(base, variants, jobs, wanted=wanted):
                del waiting[result.key]
                yield result
        left += waiting.values()
    for result, _ in execute_all(left, jobs, warm=warm):
        yield result


def _proof(
    entry: Entry, planned: tuple[list[Trial], list[str]] | None, done: dict[str, Result]
) -> Proof:
    if planned is None:
        return Proof(entry, None, problems=("Its header declares no sabotages.",))
    (base, *changed), problems = planned
    runs = {trial.name: done[trial.key] for trial in changed}
    return Proof(entry, done[base.key], runs, tuple(problems))


def _file(entry_id: str, key: str, build: Path) -> Path:
    return build / "proofs" / entry_id / f"{key[:24]}.json"


def _keep(result: Result, build: Path) -> None:
    text = json.dumps(result_to_json(result), indent=1)
    write_atomic(_file(result.id, result.key, build), text + "\n")


def _stored(trial: Trial, build: Path) -> Result | None:
    """An earlier result of the same content: of a proof, or of an ordinary run."""
    try:
        text = _file(trial.entry.id, trial.key, build).read_text(encoding="utf-8")
        stored = result_from_json(json.loads(text))
    except (OSError, ValueError, KeyError, TypeError):
        found = ResultStore(build).load(trial.entry.id, trial.parameters)
        if found is None or found.status != status.PASSED:
            return None
        stored = found
    if stored.key != trial.key or stored.status not in KEPT or stored.undecided:
        return None  # one with undecided claims, too: the machine may be quieter now
    return replace(stored, cached=True)
