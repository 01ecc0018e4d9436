"""Simulated people with accounts at a streaming service: what its user table holds."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from mlsd_kit.data.simulators import taste
from mlsd_kit.data.us_cities import CITIES

START = pd.Timestamp("2009-01-05")  # a Monday; the artists' figures are of that time
USERS = 1_500
JOIN = 0.25  # share of the accounts opened within the twelve weeks
AGE, YOUNGER = 36.0, 8.0  # mean age in years; those who join later are younger by this
SHAPE = 3.0  # of the gamma distribution of years above the youngest
OLDEST, YOUNGEST = 80.0, 14.0
SCATTER = 0.12  # degrees around a city's centre, about 13 km
DAY = 86_400
YEAR = 365.25


def listeners(seed: int = 0, *, users: int = USERS) -> pd.DataFrame:
    """Draw a table of accounts, with all that should not travel further: personal data.

    Ages are gamma distributed with a mean of 36; a quarter of the accounts are opened during the
    twelve weeks, by people eight years younger on average. Homes scatter around large cities in
    proportion to their population; where somebody lives says nothing about taste.

    Parameters
    ----------
    seed : int, default=0
    users : int, default=1500

    Returns
    -------
    DataFrame of shape (users, 6)
        user (1, 2, 3, ...), email, birth_date, latitude, longitude, signed_up.

    Raises
    ------
    ValueError
        If ``users`` is not positive.

    Examples
    --------
    >>> listeners(seed=0, users=2)["email"].tolist()
    ['u1@example.org', 'u2@example.org']
    """
    if users < 1:
        raise ValueError(f"users must be at least 1, got {users!r}.")
    rng = np.random.default_rng([seed, 1])
    late = rng.random(users) < JOIN
    within = taste.WEEKS * 7 * DAY
    second = np.where(late, rng.uniform(0, within, users), -rng.uniform(0, 700 * DAY, users))
    age = rng.gamma(SHAPE, (AGE - YOUNGER * late - YOUNGEST) / SHAPE) + YOUNGEST
    days = (np.minimum(age, OLDEST) * YEAR).astype(np.int64)
    size = np.array([city.population for city in CITIES], dtype=float)
    home = rng.choice(len(CITIES), users, p=size / size.sum())
    centre = np.array([(city.latitude, city.longitude) for city in CITIES])[home]
    place = np.round(centre + rng.normal(0, SCATTER, (users, 2)), 4)
    number = np.arange(1, users + 1)
    return pd.DataFrame(
        {
            "user": number,
            "email": [f"u{i}@example.org" for i in number],
            "birth_date": START.to_datetime64().astype("M8[s]") - days * np.timedelta64(DAY, "s"),
            "latitude": place[:, 0],
            "longitude": place[:, 1],
            "signed_up": START.to_datetime64().astype("M8[s]") + second.astype("timedelta64[s]"),
        }
    )


@functools.lru_cache(maxsize=1)
def tastes(seed: int = 0, *, users: int = USERS) -> taste.Taste:
    """The truth behind `load("listening", seed=seed)`: to simulate what listeners would do.

    No model may see it.

    Parameters
    ----------
    seed : int, default=0
    users : int, default=1500

    Returns
    -------
    Taste
        Row i belongs to user i + 1.
    """
    people = listeners(seed, users=users)
    rng = np.random.default_rng([seed, 2])
    return taste.draw(rng, people["birth_date"].dt.year.to_numpy())
