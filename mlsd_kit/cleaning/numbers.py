"""Numbers written for people: thousands separators, currency signs, brackets for negatives."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_DECORATION = re.compile(r"[\s$€£¥]")


def parse_number(text: str) -> int | float | None:
    """The number a text stands for, or None; ``"3,14"`` is None rather than 314.

    Examples
    --------
    >>> parse_number("$1,234.50"), parse_number("(12)"), parse_number("3,14"), parse_number("7")
    (1234.5, -12, None, 7)
    """
    text = _DECORATION.sub("", text)
    negative = text.startswith("(") and text.endswith(")")
    text = text[1:-1] if negative else text
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif not _PLAIN.fullmatch(text):
        return None
    value = int(text) if text.lstrip("+-").isdigit() else float(text)
    return -value if negative else value


def is_plain_number(text: str) -> bool:
    """Whether a reader may take the text for a number unasked: codes such as ``00501`` may not be.

    Examples
    --------
    >>> [is_plain_number(text) for text in ("12", "-0.5", "1e3", "00501", "1,200", "")]
    [True, True, True, False, False, False]
    """
    if not _PLAIN.fullmatch(text):
        return False
    digits = text.lstrip("+-")
    return len(digits) < 2 or digits[0] != "0" or not digits[1].isdigit()


def as_array(values: Iterable[int | float | None]) -> np.ndarray:
    """int64 if every value is an integer that fits, else float64 with NaN for None."""
    values = list(values)
    if values and all(isinstance(v, int) and abs(v) < 2**63 for v in values):
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)


def parse_numbers(values: Iterable[Any]) -> np.ndarray:
    """Numbers of a sequence of texts: int64 if all are integers, else float64; NaN if unreadable.

    Parameters
    ----------
    values : iterable of shape (n,)
        Texts or numbers; ``$ € £ ¥``, spaces, thousands commas and accountants' brackets are read.

    Returns
    -------
    ndarray of shape (n,)
        Integers are never cut: a column with a fraction or a missing value becomes float64.

    Examples
    --------
    >>> parse_numbers(["1,200", "7"])
    array([1200,    7])
    >>> parse_numbers(["29.85", " ", None])
    array([29.85,   nan,   nan])
    """
    return as_array(_number(value) for value in values)


def _number(value: Any) -> int | float | None:
    if isinstance(value, str):
        return parse_number(value)
    if value is None or value != value:
        return None
    return int(value) if isinstance(value, int | np.integer) else float(value)
