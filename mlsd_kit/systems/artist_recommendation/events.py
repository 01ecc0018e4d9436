"""Raw events: JSON lines in, a table and the lines that could not be read out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import pandas as pd

FIELDS: dict[str, type | tuple[type, ...]] = {
    "event": int,
    "user": int,
    "artist": str,
    "song": int,
    "kind": str,
    "position": int,
    "session": int,
    "shuffled": bool,
    "time": (str, int),
}
KINDS = ("shown", "click", "listen")


class DeadLetter(NamedTuple):
    """A line that could not be read: where it stood, why, and the line itself."""

    line: int
    reason: str
    text: str


class Deserialised(NamedTuple):
    """What a batch of lines held."""

    events: pd.DataFrame  # one row an event, in the order of the lines
    dead: list[DeadLetter]
    repeated: int  # lines whose event had been seen already

    @property
    def reasons(self) -> dict[str, int]:
        """How many lines were refused, by reason."""
        return dict(Counter(letter.reason for letter in self.dead))


def deserialise(lines: Iterable[str]) -> Deserialised:
    """Read events from JSON lines; keep what cannot be read apart instead of failing.

    Parameters
    ----------
    lines : iterable of str
        One JSON object each, with the `FIELDS`; other fields are dropped here.

    Returns
    -------
    Deserialised
        Each event once, however often it was delivered.

    Examples
    --------
    >>> batch = deserialise(['{"event": 1, "us', '[]', '{"event": "one"}'])
    >>> batch.reasons
    {'not JSON': 1, 'not an object': 1, 'event is missing or of a wrong type': 1}
    """
    rows: list[tuple[Any, ...]] = []
    dead, seen, repeated = [], set(), 0
    for number, line in enumerate(lines):
        try:
            row = _row(_parsed(line))
        except ValueError as error:
            dead.append(DeadLetter(number, str(error), line))
            continue
        if row[0] in seen:
            repeated += 1
            continue
        seen.add(row[0])
        rows.append(row)
    return Deserialised(pd.DataFrame(rows, columns=list(FIELDS)), dead, repeated)


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):  # no JSON, an endless number, or nested without end
        raise ValueError("not JSON") from None


def _row(found: Any) -> tuple[Any, ...]:
    if not isinstance(found, dict):
        raise ValueError("not an object")
    for name, kind in FIELDS.items():
        value = found.get(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{name} is missing or of a wrong type")
    if found["kind"] not in KINDS:
        raise ValueError("kind is unknown")
    return tuple([found[name] for name in FIELDS])
