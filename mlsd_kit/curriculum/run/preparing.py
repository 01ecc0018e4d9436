"""From an entry of the catalogue to a job: its parameters, what it needs, what travels with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlsd_kit import paths
from mlsd_kit.curriculum.run import results as status
from mlsd_kit.curriculum.run.catalogue import (
    Entry,
    parameter_defaults,
    parameter_names,
    source_text,
)
from mlsd_kit.curriculum.run.errors import UsageError
from mlsd_kit.curriculum.run.execute import Job
from mlsd_kit.curriculum.run.packages import missing_for_extras
from mlsd_kit.curriculum.run.results import Failure, Result
from mlsd_kit.curriculum.run.values import Word, typed, value_of
from mlsd_kit.data import DataError, fetch
from mlsd_kit.services.programs import why_absent


def own_parameters(
    entries: Sequence[Entry], parameters: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Each notebook's share of the parameters: those that its parameters cell names, in any case.

    A notebook's ``SEED`` is set by ``seed`` too; the result has the notebook's own spelling. What
    was typed (a `Word`, or a list of them) becomes a value of the type that its default has there.

    Raises
    ------
    UsageError
        If a parameter is in none of the notebooks, is given in two spellings, or is of no use as a
        value of the default's type.
    """
    if not parameters:
        return {entry.id: {} for entry in entries}
    if len({key.lower() for key in parameters}) < len(parameters):
        raise UsageError(f"A parameter is given twice: {', '.join(sorted(parameters))}.")
    own: dict[str, dict[str, Any]] = {}
    there: set[str] = set()
    for entry in entries:
        text = source_text(entry.source)
        names, defaults = parameter_names(text), parameter_defaults(text)
        spelt = {name.lower(): name for name in names}
        own[entry.id] = {
            spelt[key.lower()]: _own_value(spelt[key.lower()], value, defaults)
            for key, value in parameters.items()
            if key.lower() in spelt
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


def _own_value(name: str, value: Any, defaults: dict[str, Any]) -> Any:
    """``value`` as the notebook's parameter takes it."""
    if isinstance(value, list) and any(isinstance(each, Word) for each in value):  # of a sweep
        values = [_own_value(name, each, defaults) for each in value]
        return [v for n, v in enumerate(values) if repr(v) not in map(repr, values[:n])]
    if not isinstance(value, Word):
        return value
    return typed(name, value, defaults[name]) if name in defaults else value_of(value)


def prepare(entry: Entry, key: str, parameters: dict[str, Any]) -> Result | None:
    """Fetch what the notebook needs; a result that says why it cannot run, or None if it can."""
    absent = missing_for_extras(entry.extras)
    message = next(filter(None, map(why_absent, entry.services)), None)
    if absent:
        cure = f"pip install -c constraints.txt -e '.[{','.join(entry.extras)}]'"
        message = f"it needs {', '.join(absent)}: {cure}"
    if message is None:
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
        text=source_text(entry.source) if text is None else text,
        folder=str(entry.source.parent),
        home=str(paths.root()),
        key=key,
        timeout=timeout,
        parameters=parameters,
        progress=progress,
        collect=collect,
    )
