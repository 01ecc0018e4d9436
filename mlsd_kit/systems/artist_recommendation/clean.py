"""Tidy values: one spelling of a name, one clock."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd


def normalise(name: str) -> str:
    """A name in lower case, without punctuation and superfluous spaces.

    A name that is nothing but punctuation keeps it; else it would vanish.

    Examples
    --------
    >>> normalise("  The  PRETENDERS! "), normalise("Guns N' Roses"), normalise("!!!")
    ('the pretenders', 'guns n roses', '!!!')
    """
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    kept = "".join(c for c in name if not unicodedata.category(c).startswith("P"))
    return " ".join(kept.split()) or "".join(name.split())


def artist_numbers(names: Iterable[str]) -> dict[str, int]:
    """The number of each artist by its normalised name; of two that become one, the first.

    Examples
    --------
    >>> artist_numbers(["u2", "Mad Season", "U2"])
    {'u2': 0, 'mad season': 1}
    """
    numbers: dict[str, int] = {}
    for number, name in enumerate(names):
        numbers.setdefault(normalise(name), number)
    return numbers


def match(names: pd.Series, numbers: Mapping[str, int]) -> pd.Series:
    """The artist's number for each spelling; -1 where there is none."""
    known = {name: numbers.get(_at_end(normalise(name), numbers), -1) for name in names.unique()}
    return names.map(known).astype(np.int64)


def _at_end(name: str, numbers: Mapping[str, int]) -> str:
    """A name of punctuation alone, without a full stop that was put behind it."""
    return name if name in numbers else name.removesuffix(".")


def parse_times(values: pd.Series) -> pd.Series:
    """Moments in UTC from seconds since 1970 and from ISO 8601 with a zone, mixed.

    Parameters
    ----------
    values : Series of int and str

    Returns
    -------
    Series of datetime64[s]
        Without a zone, meaning UTC; NaT for what is neither.

    Examples
    --------
    >>> mixed = pd.Series([1231149600, "2009-01-05T05:00:00-05:00", "soon"])
    >>> parse_times(mixed).dt.hour.tolist()
    [10.0, 10.0, nan]
    """
    number = pd.to_numeric(values, errors="coerce")
    is_text = number.isna()
    moment = pd.Series(np.datetime64("NaT", "s"), index=values.index, dtype="datetime64[s]")
    moment[~is_text] = number[~is_text].to_numpy().astype("M8[s]")
    if is_text.any():
        text = pd.to_datetime(values[is_text], utc=True, errors="coerce", format="ISO8601")
        moment[is_text] = text.dt.tz_localize(None).astype("datetime64[s]")
    return moment
