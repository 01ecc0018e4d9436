"""Numbers written for people: thousands separators, currency signs, brackets for negatives."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(,|[ \u00a0\u202f'’])\d{3})(?:\1\d{3})*(?:\.\d*)?")
_BETWEEN_GROUPS = re.compile(r"[, \u00a0\u202f'’]")
_CURRENCY = "$€£¥"
_LONGEST = 400
"""Characters of a number: more digits than any float has, few enough to be read quickly."""


def parse_number(text: str) -> int | float | None:
    """The number a text stands for, or None; ``"3,14"`` is None rather than 314.

    Read are a currency sign before or after the number, groups of three digits behind commas,
    blanks or apostrophes, and an accountant's brackets around a number without a sign. Two numbers
    in one cell are none, and neither is what a float would turn into infinity.

    Examples
    --------
    >>> parse_number("$1,234.50"), parse_number("(12)"), parse_number("3,14"), parse_number("7")
    (1234.5, -12, None, 7)
    >>> parse_number("10 20"), parse_number("1 020"), parse_number("(-12)"), parse_number("1e400")
    (None, 1020, None, None)
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    text = _without_currency(text)
    negative = text.startswith("(") and text.endswith(")")
    if negative:
        text = _without_currency(text[1:-1].strip())
        if text.startswith(("+", "-")):
            return None  # two signs: a reader would have to guess
    else:
        sign = text[:1] if text[:1] in ("+", "-") else ""
        text = sign + _without_currency(text.removeprefix(sign)) if sign else text
    if _GROUPED.fullmatch(text):
        text = _BETWEEN_GROUPS.sub("", text)
    elif not _PLAIN.fullmatch(text):
        return None
    value = int(text) if text.lstrip("+-").isdigit() else float(text)
    if not _is_finite(value):
        return None
    return -value if negative else value


def _without_currency(text: str) -> str:
    """``text`` without one currency sign at one of its ends, and the blanks beside it."""
    if text[:1] and text[:1] in _CURRENCY:
        return text[1:].lstrip()
    return text[:-1].rstrip() if text[-1:] and text[-1:] in _CURRENCY else text


def _is_finite(value: int | float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def is_plain_number(text: str) -> bool:
    """Whether a reader may take the text for a number unasked: codes such as ``00501`` may not be.

    Examples
    --------
    >>> [is_plain_number(text) for text in ("12", "-0.5", "1e3", "00501", "1,200", "")]
    [True, True, True, False, False, False]
    """
    if not _PLAIN.fullmatch(text) or parse_number(text) is None:
        return False
    digits = text.lstrip("+-")
    return len(digits) < 2 or digits[0] != "0" or not digits[1].isdigit()


def keeps_digits(values: Sequence[int | float | None], *, missing: bool) -> np.ndarray:
    """For each value whether the column's type holds it exactly, as far as it is a whole number.

    Whole numbers alone become int64. With a fraction or a missing value the column is float64,
    which rounds whole numbers from 2**53 on: an identifier would become another one's.

    Parameters
    ----------
    values : sequence of shape (n,)
    missing : bool
        Whether the column has missing values besides.

    Examples
    --------
    >>> keeps_digits([2**53 + 1, 7], missing=False), keeps_digits([2**53 + 1, 7], missing=True)
    (array([ True,  True]), array([False,  True]))
    """
    whole = [isinstance(value, int | np.integer) for value in values]
    if not missing and all(whole):
        return np.array([-(2**63) <= int(value) < 2**63 for value in values], dtype=bool)  # type: ignore[arg-type]
    return np.array(
        [
            not is_whole or int(float(value)) == value  # type: ignore[arg-type]
            for value, is_whole in zip(values, whole, strict=True)
        ],
        dtype=bool,
    )


def as_array(values: Iterable[int | float | None]) -> np.ndarray:
    """int64 if every value is an integer that fits, else float64 with NaN for None."""
    values = list(values)
    if values and all(isinstance(v, int) and -(2**63) <= v < 2**63 for v in values):
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)


def parse_numbers(values: Iterable[Any]) -> np.ndarray:
    """Numbers of a sequence of texts: int64 if all are integers, else float64; NaN if unreadable.

    Parameters
    ----------
    values : iterable of shape (n,)
        Texts, numbers or missing values (None, NaN, ``pandas.NA``); see `parse_number` for what is
        read.

    Returns
    -------
    ndarray of shape (n,)
        Integers are never cut: a column with a fraction or a missing value becomes float64.

    Raises
    ------
    ValueError
        For a whole number that the array's type would round: an identifier is no number.

    Examples
    --------
    >>> parse_numbers(["1,200", "7"])
    array([1200,    7])
    >>> parse_numbers(["29.85", " ", None])
    array([29.85,   nan,   nan])
    """
    found = [_number(value) for value in values]
    kept = keeps_digits(found, missing=False)
    if not kept.all():
        bad = found[int(np.flatnonzero(~kept)[0])]
        raise ValueError(
            f"{bad!s:.60} has more digits than a number of this column keeps: leave it as text."
        )
    return as_array(found)


def _number(value: Any) -> int | float | None:
    if isinstance(value, str):
        return parse_number(value)
    if pd.isna(value):
        return None
    return int(value) if isinstance(value, int | np.integer) else float(value)
