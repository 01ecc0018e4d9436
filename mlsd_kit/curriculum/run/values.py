"""Parameter values as words on the command line."""

from __future__ import annotations

import re
from typing import Any

import yaml

from mlsd_kit.curriculum.run.errors import UsageError

_RANGE = re.compile(r"\s*(-?\d+):(-?\d+)(?::(\d+))?\s*")


def value_of(text: str) -> Any:
    """The value that one word stands for: a number, or else as YAML reads it.

    >>> [value_of(word) for word in ("3", "1e-3", "true", "[1, 2]", "1998-01-01", "big")]
    [3, 0.001, True, [1, 2], '1998-01-01', 'big']

    Raises
    ------
    UsageError
        If it is no value, or a range.
    """
    for number in (int, float):  # YAML would take 1e-3 for a word
        try:
            return number(text)
        except ValueError:
            pass
    if _RANGE.fullmatch(text):  # YAML would take 1:50 for a minute and fifty seconds
        raise UsageError(f"{text} is a range: `mlsd sweep` runs a notebook over many values.")
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError:
        raise UsageError(f"{text!r} is not a value (a number, a word, or a YAML list).")


class _Loader(yaml.SafeLoader):
    """YAML whose dates stay words, as notebooks write them."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if not tag.endswith(":timestamp")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def values_of(text: str) -> list[Any]:
    """The values that a word stands for in a sweep: ranges include both ends.

    >>> values_of("1:4"), values_of("0:100:50"), values_of("1,2,7:9"), values_of("0.1,big")
    ([1, 2, 3, 4], [0, 50, 100], [1, 2, 7, 8, 9], [0.1, 'big'])
    >>> values_of("[1, 2]")
    [[1, 2]]

    Raises
    ------
    UsageError
        If a range is empty or a part is no value.
    """
    found: list[Any] = []
    for part in [text] if text.lstrip().startswith(("[", "{", '"', "'")) else text.split(","):
        values = _range(part) if _RANGE.fullmatch(part) else [value_of(part)]
        found += [value for value in values if repr(value) not in map(repr, found)]
    return found


def _range(text: str) -> list[int]:
    match = _RANGE.fullmatch(text)
    assert match is not None
    start, end, step = (int(word) for word in match.groups(default="1"))
    values = list(range(start, end + 1, step)) if step else []
    if not values:
        raise UsageError(f"{text} is an empty range: write it as FIRST:LAST or FIRST:LAST:STEP.")
    return values
