"""Parameter values as words on the command line: what is typed is what arrives.

The notebook's own default decides what a word stands for: ``2024_01`` stays text for a parameter
that is text, and is no number for one that is a number.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from mlsd_kit.curriculum.run.errors import UsageError

_RANGE = re.compile(r"\s*(-?\d+):(-?\d+)(?::(\d+))?\s*")
_WHOLE = re.compile(r"[+-]?\d{1,4000}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None, "None": None, "True": True, "False": False}
"""The only words that are values: YAML 1.1 would read NO, off and y as well."""
_LISTS = ("[", "{", '"', "'")


class Word(str):
    """A value as it was typed, before the notebook's parameter has said what it is."""


def value_of(text: str) -> Any:
    """The value that a word stands for where no default says: a number, a list, or itself.

    >>> [value_of(word) for word in ("3", "1e-3", "true", "[1, 2]", "1998-01-01", "big")]
    [3, 0.001, True, [1, 2], '1998-01-01', 'big']
    >>> [value_of(word) for word in ("2024_01", "NO", "off", "007")]
    ['2024_01', 'NO', 'off', '007']

    Raises
    ------
    UsageError
        If it begins a list that it does not end, or is a range.
    """
    plain = text.strip()
    if _RANGE.fullmatch(plain):
        raise UsageError(f"{plain} is a range: `mlsd sweep` runs a notebook over many values.")
    if plain in _WORDS:
        return _WORDS[plain]
    number = _number(plain)
    if number is not None and not re.match(r"[+-]?0\d", plain):  # 007 is a code
        return number
    if not plain.startswith(_LISTS):
        return text
    try:
        return yaml.load(plain, Loader=_Loader)
    except yaml.YAMLError:
        raise UsageError(f"{text!r} is not a value (a number, a word, or a YAML list).") from None


def typed(name: str, text: str, default: Any) -> Any:
    """The value that ``text`` stands for, for a parameter whose default is ``default``.

    >>> typed("MONTH", "2024_01", "2023_12"), typed("COUNTRY", "NO", "SE"), typed("x", "1e3", "y")
    ('2024_01', 'NO', '1e3')
    >>> typed("seed", "3", 0), typed("rows", "1e3", 10), typed("share", "1", 0.5)
    (3, 1000, 1.0)

    Raises
    ------
    UsageError
        If ``text`` is no value of the default's type: named, with the parameter.
    """
    plain = text.strip()
    if isinstance(default, str):
        quoted = plain[:1] in ("'", '"') and plain[-1:] == plain[:1] and len(plain) > 1
        return plain[1:-1] if quoted else str(text)
    if plain in ("null", "None"):
        return None
    if isinstance(default, bool):
        if plain.lower() not in ("true", "false", "1", "0"):
            raise UsageError(f"{name} is true or false; got {text!r}.")
        return plain.lower() in ("true", "1")
    if isinstance(default, int | float):
        number = _number(plain)
        if number is None:
            range_or_not = value_of(plain) if _RANGE.fullmatch(plain) else text  # says so
            raise UsageError(f"{name} is a number; got {range_or_not!r}.")
        if isinstance(default, float):
            return float(number)
        return int(number) if number == int(number) else number
    return value_of(text)


def _number(plain: str) -> int | float | None:
    """The finite number that a word is; None if it is none, or has underscores."""
    if _WHOLE.fullmatch(plain):
        return int(plain)
    if not _NUMBER.fullmatch(plain) or len(plain) > 400:
        return None
    number = float(plain)
    return number if abs(number) != float("inf") else None


class _Loader(yaml.SafeLoader):
    """YAML whose only values are numbers, true, false and null: dates and other words stay."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null)$"), ["n"])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[+-]?(?:0|[1-9]\d*)$"), list("+-0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[+-]?(?:(?:0|[1-9]\d*)\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?$"),
    list("+-.0123456789"),
)


def values_of(text: str) -> list[int | Word]:
    """The values that a word stands for in a sweep: ranges include both ends, the rest are words.

    >>> values_of("1:4"), values_of("0:100:50"), values_of("1,2,7:9"), values_of("0.1,big")
    ([1, 2, 3, 4], [0, 50, 100], ['1', '2', 7, 8, 9], ['0.1', 'big'])
    >>> values_of("[1, 2]")
    ['[1, 2]']

    Raises
    ------
    UsageError
        If a range is empty.
    """
    found: list[int | Word] = []
    for part in [text] if text.lstrip().startswith(_LISTS) else text.split(","):
        found += _range(part) if _RANGE.fullmatch(part) else [Word(part)]
    return found


def _range(text: str) -> list[int]:
    match = _RANGE.fullmatch(text)
    assert match is not None
    start, end, step = (int(word) for word in match.groups(default="1"))
    values = list(range(start, end + 1, step)) if step else []
    if not values:
        raise UsageError(f"{text} is an empty range: write it as FIRST:LAST or FIRST:LAST:STEP.")
    return values
