"""From an entry of the catalogue to a job: its parameters, what it needs, what travels with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlsd_kit import paths
from mlsd_kit.curriculum.run import results as status
from mlsd_kit.curriculum.run.catalogue import Entry, parameter_names
from mlsd_kit.curriculum.run.errors import UsageError
from mlsd_kit.curriculum.run.execute import Job
from mlsd_kit.curriculum.run.packages import missing_for_extras
from mlsd_kit.curriculum.run.results import Failure, Result
from mlsd_kit.data import DataError, fetch


def own_parameters(
    entries: Sequence[Entry], parameters: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Each notebook's share of the parameters: those that its parameters cell names, in any case.

    A notebook's ``SEED`` is set by ``seed`` too; the result has the notebook's own spelling.

    Raises
    ------
    UsageError
        If a parameter is in none of the notebooks, or is given in two spellings.
    """
    if not parameters:
        return {entry.id: {} for entry in entries}
    if len({key.lower() for key in parameters}) < len(parameters):
        raise UsageError(f"A parameter is given twice: {', '.join(sorted(parameters))}.")
    own: dict[str, dict[str, Any]] = {}
    there: set[str] = set()
    for entry in entries:
        names = parameter_names(entry.source.read_text(encoding="utf-8"))
        spelt = {name.lower(): name for name in names}
        own[entry.id] = {
            spelt[key.lower()]: value for key, value in parameters.items() if key.lower() in spelt
        }
        there |= names
    known = {name.lower() for name in there}
    unknown = sorted(key for key in parameters if key.lower() not in known)
    if unknown:
        raise UsageError(
            f"No notebook of this run has a parameter {', '.join(unknown)}: its cell tagged "
            f"'parameters' has {', '.join(sorted(there)) or 'none'}."
        )
    return own


def prepare(entry: Entry, key: str, parameters: dict[str, Any]) -> Result | None:
    """Fetch what the notebook needs; a result that says why it cannot run, or None if it can."""
    absent = missing_for_extras(entry.extras)
    if absent:
        cure = f"pip install -c constraints.txt -e '.[{','.join(entry.extras)}]'"
        message = f"it needs {', '.join(absent)}: {cure}"
    else:
        try:
            for name in entry.datasets:
                fetch(name)
            return None
        except DataError as error:
            message = str(error)
    return Result(
        entry.id, entry.title, status.NOT_STARTED, 0.0, key, parameters, failure=Failure(message)
    )


def job_of(
    entry: Entry,
    key: str,
    parameters: dict[str, Any],
    timeout: float,
    *,
    progress: str | None = None,
    collect: bool = False,
    text: str | None = None,
) -> Job:
    """What a worker needs to run ``entry``, on this machine or another.

    ``text`` stands in for its source where that is changed for a trial.
    """
    return Job(
        id=entry.id,
        title=entry.title,
        text=entry.source.read_text(encoding="utf-8") if text is None else text,
        folder=str(entry.source.parent),
        home=str(paths.root()),
        key=key,
        timeout=timeout,
        parameters=parameters,
        progress=progress,
        collect=collect,
    )
