"""Reading messages that anybody may have written: a bad one has a reason, and ends nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def read_object(raw: bytes | None) -> dict[str, Any]:
    """The JSON object that a message holds; a message without a body is None.

    Raises
    ------
    ValueError
        With the reason, if it holds none. NaN and infinity are no JSON.

    Examples
    --------
    >>> read_object(b'{"time": 5}')
    {'time': 5}
    >>> read_object(b'{"time": NaN}')
    Traceback (most recent call last):
    ValueError: not JSON
    """
    try:
        found = json.loads(raw or b"", parse_constant=_no_number)
    except (ValueError, RecursionError):  # nested a thousand deep
        raise ValueError("not JSON") from None
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def require(found: Mapping[str, Any], fields: Mapping[str, type]) -> None:
    """See that an object holds fields of exactly these types; an int will do for a float.

    Raises
    ------
    ValueError
        Naming the first field that is missing or of another type.

    Examples
    --------
    >>> require({"time": True}, {"time": int})
    Traceback (most recent call last):
    ValueError: time is missing or no int
    """
    for name, kind in fields.items():
        if type(found.get(name)) not in ((int, float) if kind is float else (kind,)):
            raise ValueError(f"{name} is missing or no {kind.__name__}")


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")
