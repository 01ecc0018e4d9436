"""Dates as people write them, read into one type."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_TIME = (
    r"(?:(?:\s*T\s*|,?\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?"
)
_SHAPES = tuple(
    re.compile(shape + _TIME)
    for shape in (
        r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<first>\d{1,2})(?P<sep>[-/.])(?P<second_part>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})",
        r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[-\s]+(?P<name>[A-Za-z]+)\.?,?[-\s]+(?P<year>\d{4}|\d{2})",
        r"(?P<name>[A-Za-z]+)\.?[-\s]+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?[-\s]+(?P<year>\d{4})",
    )
)


class Parsed(NamedTuple):
    """A date and whether day and month could as well be the other way round."""

    value: datetime | None
    ambiguous: bool = False


def parse_date(text: str, *, dayfirst: bool | None = None) -> Parsed:
    """The date a text stands for (``value`` None if it is none), and whether it is ambiguous.

    Examples
    --------
    >>> parse_date("March 5, 2024 6:30 pm").value
    datetime.datetime(2024, 3, 5, 18, 30)
    >>> parse_date("03/04/2024", dayfirst=True)
    Parsed(value=datetime.datetime(2024, 4, 3, 0, 0), ambiguous=True)
    >>> parse_date("25/04/2024").ambiguous, parse_date("30 February 2024").value
    (False, None)
    """
    text = text.strip()
    for shape in _SHAPES:
        if found := shape.fullmatch(text):
            parts = found.groupdict()
            month, day, ambiguous = _month_and_day(parts, dayfirst)
            try:
                moment = datetime(_full_year(parts["year"]), month, day) + _time_of_day(parts)
                return Parsed(_in_utc(moment, parts["zone"]), ambiguous)
            except (ValueError, OverflowError):  # 30 February, 25:61
                return Parsed(None)
    return Parsed(None)


def _month_and_day(parts: dict[str, Any], dayfirst: bool | None) -> tuple[int, int, bool]:
    """Month (0 if its name is unknown), day, and whether the order was a choice."""
    if "name" in parts:
        name = parts["name"].lower()
        names = _LONG_MONTHS if name in _LONG_MONTHS else _MONTHS
        name = "sep" if name == "sept" else name
        return (names.index(name) + 1 if name in names else 0), int(parts["day"]), False
    if "month" in parts:
        return int(parts["month"]), int(parts["day"]), False
    first, second = int(parts["first"]), int(parts["second_part"])
    if first > 12 or second > 12:  # only one order is a date, whatever was asked for
        return (second, first, False) if first > 12 else (first, second, False)
    return (second, first, first != second) if dayfirst else (first, second, first != second)


def _full_year(text: str) -> int:
    """POSIX's rule for two digits: 69-99 are 1969-1999, 00-68 are 2000-2068."""
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= 69 else 2000)


def _time_of_day(parts: dict[str, Any]) -> timedelta:
    if parts["hour"] is None:
        return timedelta()
    hour, minute, second = (int(parts[key] or 0) for key in ("hour", "minute", "second"))
    if half := parts["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("hour of a 12-hour clock")
        hour = hour % 12 + (12 if half[0] in "Pp" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("time of day")
    microsecond = int((parts["fraction"] or "0").ljust(6, "0")[:6])
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microsecond)


def _in_utc(moment: datetime, zone: str | None) -> datetime:
    if zone in (None, "Z", "UTC"):
        return moment
    digits = zone.replace(":", "")
    offset = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5] or 0))
    aware = moment.replace(tzinfo=timezone(-offset if digits[0] == "-" else offset))
    return aware.astimezone(UTC).replace(tzinfo=None)


def parse_dates(
    values: Iterable[Any], *, dayfirst: bool | None = None, errors: str = "raise"
) -> np.ndarray:
    """Dates of a sequence of texts in any mixture of the usual formats, as datetime64[us].

    Read are ISO 8601 (``2024-03-05T18:30:00Z``), ``20240305``, ``2024/3/5``, ``25.12.2024``,
    ``12/25/24``, ``5 Mar 2024`` and ``March 5, 2024``, each with or without a time of day. A time
    with an offset is converted to UTC; one without is taken as it stands.

    Parameters
    ----------
    values : iterable of shape (n,)
        Texts, dates, datetimes or missing values; a blank text is missing.
    dayfirst : bool or None, default=None
        How to read ``03/04/2024``. None refuses to guess: such a text raises. Where only one order
        is a date (``25/12/2024``) that order is taken.
    errors : {"raise", "coerce"}, default="raise"
        What to do with a text that is no date: raise, or make it missing.

    Returns
    -------
    ndarray of shape (n,), dtype datetime64[us]
        NaT where missing.

    Raises
    ------
    ValueError
        For an ambiguous date without ``dayfirst``, and (unless coerced) for a text that is no date.

    Examples
    --------
    >>> parse_dates(["2024-03-05", "5 Mar 2024", "03/05/2024", None], dayfirst=False)
    array(['2024-03-05T00:00:00.000000', '2024-03-05T00:00:00.000000',
           '2024-03-05T00:00:00.000000',                        'NaT'],
          dtype='datetime64[us]')
    """
    if errors not in ("raise", "coerce"):
        raise ValueError(f'errors must be "raise" or "coerce", got {errors!r}.')
    out = [_one(value, dayfirst, errors) for value in values]
    return np.array(out, dtype="datetime64[us]")


def _one(value: Any, dayfirst: bool | None, errors: str) -> np.datetime64:
    if isinstance(value, str):
        if not value.strip():
            return np.datetime64("NaT")
        parsed = parse_date(value, dayfirst=dayfirst)
        if parsed.ambiguous and dayfirst is None:
            raise ValueError(
                f"{value!r} can be read two ways: pass dayfirst=True (3 April is 03/04) or False."
            )
        if parsed.value is None and errors == "raise":
            raise ValueError(f'{value!r} is not a date: correct it, or pass errors="coerce".')
        return np.datetime64(parsed.value or "NaT", "us")
    if pd.isna(value):
        return np.datetime64("NaT")
    if isinstance(value, date | np.datetime64):  # datetime and Timestamp are dates too
        stamp = pd.Timestamp(value)
        stamp = stamp.tz_convert("UTC").tz_localize(None) if stamp.tz else stamp
        return stamp.to_datetime64().astype("datetime64[us]")
    if errors == "coerce":
        return np.datetime64("NaT")
    raise ValueError(f'{value!r} is not a date: correct it, or pass errors="coerce".')
