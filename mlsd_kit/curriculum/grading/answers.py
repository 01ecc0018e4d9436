"""Reading the answer to an estimate: a quantity of the right dimension."""

from __future__ import annotations

import math
import numbers
from typing import Any

from mlsd_kit.curriculum.grading.errors import Wrong
from mlsd_kit.curriculum.grading.unit_table import COUNTS, Dimension
from mlsd_kit.curriculum.grading.units import Q, UnitError, figure, parse, spell

KINDS = {
    "B": "an amount of memory", "B/s": "a data rate", "s": "a time", "1/s": "a rate",
    "USD": "an amount of money", "FLOP": "a number of operations", "FLOP/s": "a computing speed",
    "": "a plain number", "request/s": "a number of requests per time",
    "B/token": "memory per token",
}  # fmt: skip


def read(answer: Any, unit: str) -> float:
    """The learner's answer in ``unit``.

    A plain number passes where things are counted, never where bytes, seconds or dollars are.

    >>> read(Q(2, "KiB"), "B"), read(58, "GPU")
    (2048.0, 58.0)

    Raises
    ------
    Wrong
        If it is no quantity, or one of another dimension.
    """
    size, dimension = parse(unit)
    things, counts = _split(dimension)
    got = _quantity(answer, unit, bare=not things)
    if not math.isfinite(got.in_base):
        raise Wrong(f"expected a finite amount, got {got}")
    its_things, its_counts = _split(got.dimension)
    if its_things != things or its_counts not in (counts, ()):
        raise Wrong(_another(got, dimension, unit))
    return got.in_base / size


def kind(dimension: Dimension) -> str:
    """What is measured.

    >>> kind((("B", 1),)), kind((("GPU", 1),))
    ('an amount of memory', 'a number of GPUs')
    """
    unit = spell(dimension)
    if unit in COUNTS:
        return f"a number of {unit}s"
    return KINDS.get(unit, f"something in {unit}")


def _quantity(answer: Any, unit: str, bare: bool) -> Q:
    wanted = f"Q(..., {unit!r})" if unit else "a number"
    if answer is None:
        raise Wrong(f"expected {wanted}, got None: did you forget to return?")
    if hasattr(answer, "dtype") and getattr(answer, "ndim", 1) == 0:
        answer = answer.item()
    if _is_number(answer):
        if not bare:
            raise Wrong(f"expected {wanted}, got the bare number {figure(_real(answer))}: of what?")
        return Q(_real(answer))
    is_pair = isinstance(answer, list | tuple) and len(answer) == 2
    if not is_pair or not _is_number(answer[0]) or not isinstance(answer[1], str):
        from mlsd_kit.curriculum.grading.show import describe

        raise Wrong(f"expected {wanted}, got {describe(answer)}")
    try:
        return Q(_real(answer[0]), answer[1])
    except UnitError as error:
        raise Wrong(f"expected {wanted}; {str(error)[:200]}") from None


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _real(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _split(dimension: Dimension) -> tuple[Dimension, Dimension]:
    """What is measured, and what is merely counted."""
    counts = tuple(item for item in dimension if item[0] in COUNTS)
    return tuple(item for item in dimension if item[0] not in COUNTS), counts


def _another(got: Q, dimension: Dimension, unit: str) -> str:
    told = f"expected {kind(dimension)}, such as Q(..., {unit!r}), got {got}"
    mine, theirs = dict(_split(got.dimension)[0]), dict(_split(dimension)[0])
    a, b = mine.pop("s", 0), theirs.pop("s", 0)
    if mine == theirs and a < 0 == b:
        return f"{told}: that is per time; multiply by how long it lasts"
    if mine == theirs and a == 0 > b:
        return f"{told}: divide by the time it takes"
    return f"{told}: that is {kind(got.dimension)}"
