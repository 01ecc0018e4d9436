"""Personal data: what replaces it, and a scan that finds what was not replaced.

A keyed hash (HMAC, RFC 2104) gives the same person the same token in every table, so that joins
survive; without the key nobody can compute the token of a guessed e-mail, so that guessing does
not undo it, as it would undo a plain hash.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

MOSTLY = 0.5  # share of the rows in which a number must be the user's to be called that
CHANCE = 0.02  # share of a column's numbers that may look like somebody's coordinate by accident
TOKEN = 16  # hexadecimal digits: 64 bits, no two of a billion people likely to share one
AGES = ((0, "under 25"), (25, "25-34"), (35, "35-49"), (50, "50 and over"))
PATTERNS = {
    "e-mail": r"[\w.+-]+@[\w-]+\.\w+",
    "network address": r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
}


def token(values: Iterable[Any], key: bytes) -> list[str]:
    """The token of each value, the same for the same value and key.

    Parameters
    ----------
    values : iterable
        Made text first: 7 and "7" have one token.
    key : bytes
        At least 16; kept apart from the tables.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If the key is so short that it can be guessed.

    Examples
    --------
    >>> token(["u1@example.org", "u1@example.org"], key=b"only for examples")
    ['b98992f33727296d', 'b98992f33727296d']
    """
    if len(key) < 16:
        raise ValueError(f"key must have at least 16 bytes, got {len(key)}.")
    made: dict[Any, str] = {}
    tokens = []
    for value in values:
        if value not in made:
            made[value] = hmac.new(key, str(value).encode(), hashlib.sha256).hexdigest()[:TOKEN]
        tokens.append(made[value])
    return tokens


def age_group(birth_date: pd.Series, on: pd.Timestamp) -> pd.Series:
    """The group of age in which somebody is on a day, by completed years.

    Examples
    --------
    >>> born = pd.Series(pd.to_datetime(["1984-03-02", "1984-03-01"]))
    >>> age_group(born, pd.Timestamp("2009-03-01")).tolist()
    ['under 25', '25-34']
    """
    birthday_ahead = (birth_date.dt.month > on.month) | (
        (birth_date.dt.month == on.month) & (birth_date.dt.day > on.day)
    )
    years = on.year - birth_date.dt.year - birthday_ahead
    start, name = [group[0] for group in AGES], [group[1] for group in AGES]
    place = np.searchsorted(start, years.to_numpy(), side="right") - 1
    return pd.Series(np.array(name)[place], index=birth_date.index)


def mask(people: pd.DataFrame, key: bytes, on: pd.Timestamp) -> pd.DataFrame:
    """Accounts without personal data: tokens for who, a group for when born.

    Parameters
    ----------
    people : DataFrame
        user, email, birth_date, and columns that are kept as they are.
    key : bytes
    on : Timestamp
        The day at which ages are taken.

    Returns
    -------
    DataFrame
        user and email as tokens, age_group; birth_date is gone.
    """
    kept = people.drop(columns=["user", "email", "birth_date"])
    kept.insert(0, "user", token(people["user"], key))
    kept.insert(1, "email", token(people["email"].str.lower(), key))
    return kept.assign(age_group=age_group(people["birth_date"], on))


def scan(table: pd.DataFrame, people: pd.DataFrame, key: bytes) -> list[str]:
    """What personal data a table still holds, as sentences; empty if it holds none.

    It looks for e-mails and network addresses, and for people's own birth dates, coordinates and
    user numbers, under whatever column name and inside longer texts, too.

    Parameters
    ----------
    table : DataFrame
    people : DataFrame
        The raw accounts, as the truth of what must not be found.
    key : bytes
        With it the scan knows whose row is whose: a column that holds the user number in the rows
        of that user's token is one of user numbers, and another that holds numbers is not.

    Returns
    -------
    list of str
        "column: what", sorted.

    Examples
    --------
    >>> born = pd.to_datetime(["1984-03-02"])
    >>> people = pd.DataFrame({"user": 1, "birth_date": born, "latitude": 40.7, "longitude": 0.1})
    >>> scan(pd.DataFrame({"note": ["ask a@example.org, born 1984-03-02"]}), people, bytes(16))
    ['note: birth date', 'note: e-mail']
    """
    known = {
        "birth date": (r"\b\d{4}-\d\d-\d\d", set(people["birth_date"].dt.strftime("%Y-%m-%d"))),
        "coordinate": (r"-?\b\d+\.\d{4}\b", _places(people)),
    }
    owner = dict(zip(token(people["user"], key), people["user"].astype(str), strict=True))
    columns = {str(name): _text(table[name]) for name in table.columns}
    numbers_of_people = set(owner.values())
    users = [text.map(owner) for text in columns.values() if text.isin(list(owner)).any()]
    found = []
    for name, text in columns.items():
        everything = "\n".join(text.unique())
        found += [f"{name}: {kind}" for kind, p in PATTERNS.items() if re.search(p, everything)]
        for kind, (pattern, values) in known.items():
            seen = set(re.findall(pattern, everything))
            if len(seen & values) > CHANCE * len(seen):
                found.append(f"{name}: {kind}")
        numbers = name == "user" and not numbers_of_people.isdisjoint(text)
        if numbers or any((text == user)[user.notna()].mean() > MOSTLY for user in users):
            found.append(f"{name}: user number")
    return sorted(found)


def _places(people: pd.DataFrame) -> set[str]:
    return {f"{x:.4f}" for name in ("latitude", "longitude") for x in people[name]}


def _text(values: pd.Series) -> pd.Series:
    """Values as text: dates as ISO dates with time, numbers with four decimals if not whole."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")
    if pd.api.types.is_float_dtype(values.dtype):
        return values.map("{:.4f}".format)
    return values.astype(str).fillna("")
