"""What is known in the evening about the days ahead, for all series at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from dateutil.easter import easter
from numpy.typing import NDArray

Array = NDArray[np.float64]
Days = NDArray[np.int64]
Columns = dict[str, Array]

WEEK = 7
"""Days."""
YEAR = 364
"""Days: 52 weeks, so that a weekday meets the same weekday."""
GAP = 1
"""Days: today's sales arrive tomorrow."""
HORIZON = 7
"""Days after today that are forecast."""
MONTH = 28
"""Days: what is recent."""
LEVEL = 56
"""Days over which the level of a series is measured."""
HISTORY = YEAR + MONTH + WEEK + LEVEL
"""Days of history from which all features are defined."""
HOLIDAYS = 12
"""Past holidays that the usual demand on a holiday is taken from: about a year's."""
ROUNDED = 5
"""Digits of a feature: the last ones differ between processors, and a tree may split there."""


@dataclass(frozen=True)
class Chain:
    """Sales of every series so far, and the plan for later days.

    Parameters
    ----------
    first : numpy.datetime64
        The first day.
    shop : ndarray of int, shape (series,)
        The shop of each series; series of one shop stand together.
    demand : ndarray, shape (series, days)
        Pieces sold. Days that have not come may stand in it: no feature reads them.
    promotion : ndarray, shape (series, days)
        1 where a promotion is planned. Plans reach a week beyond what is sold.
    holiday, school : ndarray, shape (days,)
        1 on public holidays, and on those of schools.
    """

    first: np.datetime64
    shop: NDArray[np.int64]
    demand: Array
    promotion: Array
    holiday: Array
    school: Array

    def known(self, now: int) -> Chain:
        """What is known on the evening when ``now`` days have been sold: later sales are NaN."""
        hidden = self.demand.copy()
        hidden[:, now:] = np.nan
        return replace(self, demand=hidden)


def days_ahead(now: int, gap: int = GAP) -> Days:
    """Numbers of the days that are forecast when the days before ``now`` are known.

    >>> days_ahead(100)
    array([101, 102, 103, 104, 105, 106, 107])
    """
    return now + gap + np.arange(HORIZON)


def same_weekday(panel: Array, now: int, ahead: Days, weeks: int) -> Array:
    """The last known values of the same weekday, the last first.

    Parameters
    ----------
    panel : ndarray, shape (series, days)
    now : int
        Days that are known.
    ahead : ndarray of int, shape (HORIZON,)
        The days that are forecast.
    weeks : int
        How many values.

    Returns
    -------
    ndarray, shape (weeks, series, HORIZON)

    >>> same_weekday(np.arange(30.0)[None], 20, days_ahead(20), weeks=2)[:, 0]
    array([[14., 15., 16., 17., 18., 19., 13.],
           [ 7.,  8.,  9., 10., 11., 12.,  6.]])
    """
    last = ahead - WEEK * ((ahead - now) // WEEK + 1)  # not beyond what is known
    return np.stack([panel[:, last - WEEK * j] for j in range(weeks)])


def level(panel: Array, now: int, days: int = LEVEL) -> Array:
    """Mean of the last days before ``now``, shape (series, 1); one more, so that it is no 0."""
    return panel[:, now - days : now].mean(axis=1, keepdims=True) + 1


def of_shop(chain: Chain) -> Array:
    """For each series the demand of its whole shop, shape (series, days)."""
    _, place = np.unique(chain.shop, return_inverse=True)
    total = np.zeros((place.max() + 1, chain.demand.shape[1]))
    np.add.at(total, place, chain.demand)
    return total[place]


def recent(chain: Chain, now: int, ahead: Days) -> Columns:
    """What the series itself says: the same weekday, the last days, how often it was 0."""
    sold, base = chain.demand, level(chain.demand, now)
    last = same_weekday(sold, now, ahead, weeks=8)
    return {
        "last": last[0] / base,
        "last but one": last[1] / base,
        "mean of 4": last[:4].mean(axis=0) / base,
        "mean of 8": last.mean(axis=0) / base,
        "median of 8": np.median(last, axis=0) / base,
        "least of 4": last[:4].min(axis=0) / base,
        "3 days": level(sold, now, 3) / base,
        "7 days": level(sold, now, WEEK) / base,
        "28 days": level(sold, now, MONTH) / base,
        "zeros": (sold[:, now - MONTH : now] == 0).mean(axis=1, keepdims=True),
        "size": np.log(base),
        "days ahead": ahead - now + 0.0,
        "weekday": (chain.first + ahead).astype("datetime64[D]").view("int64") % WEEK + 0.0,
    }


def year_ago(chain: Chain, now: int, ahead: Days) -> Columns:
    """The same week a year ago, against the weeks before it: of series, shop and chain."""
    same, then = ahead - YEAR, now - YEAR
    shop = of_shop(chain)
    whole = np.broadcast_to(chain.demand.sum(axis=0), chain.demand.shape)

    def week(panel: Array) -> Array:
        around = [panel[:, day - 3 : day + 4].mean(axis=1) for day in same]
        return np.stack(around, axis=1) / level(panel, then, MONTH)

    return {
        "a year ago": chain.demand[:, same] / level(chain.demand, then),
        "shop's day a year ago": shop[:, same] / level(shop, then, MONTH),
        "shop's week a year ago": week(shop),
        "chain's week a year ago": week(whole),
    }


def on_holidays(chain: Chain, now: int) -> Array:
    """Demand on the last holidays against the four weeks before each, shape (series, 1)."""
    past = [int(day) for day in np.flatnonzero(chain.holiday[:now]) if day >= MONTH][-HOLIDAYS:]
    if not past:
        return np.ones((len(chain.demand), 1))
    before = np.sum([level(chain.demand, day, MONTH) for day in past], axis=0)
    return chain.demand[:, past].sum(axis=1, keepdims=True) / before


def holidays(chain: Chain, now: int, ahead: Days) -> Columns:
    """Public holidays: the day, its neighbours, those in the history, and Easter."""
    table = np.broadcast_to(chain.holiday, (len(chain.demand), len(chain.holiday)))
    last = same_weekday(table, now, ahead, weeks=4)
    return {
        "holiday": chain.holiday[ahead],
        "day after a holiday": chain.holiday[ahead - 1],
        "day before a holiday": chain.holiday[np.minimum(ahead + 1, len(chain.holiday) - 1)],
        "last was a holiday": last[0],
        "holidays in 4": last.sum(axis=0),
        "on holidays": on_holidays(chain, now),
        "days from Easter": from_easter(chain.first + ahead),
    }


def from_easter(days: NDArray[np.datetime64]) -> Array:
    """Days since the nearest Easter Sunday, negative before it; cut at 60.

    >>> from_easter(np.array(["2019-04-19", "2019-04-22", "2019-12-25"], "datetime64[D]"))
    array([ -2.,   1., -60.])
    """
    years = range(int(str(days.min())[:4]) - 1, int(str(days.max())[:4]) + 2)
    sundays = np.array([easter(year) for year in years], "datetime64[D]")
    away = (days[:, None] - sundays) / np.timedelta64(1, "D")
    nearest = np.abs(away).argmin(axis=1)
    return away[np.arange(len(days)), nearest].clip(-60, 60)


def school(chain: Chain, now: int, ahead: Days) -> Columns:
    """Holidays of schools, and the season."""
    month = (chain.first + ahead).astype("datetime64[M]").astype(int) % 12 + 1
    return {"school holiday": chain.school[ahead], "month": month + 0.0}


def promotions(chain: Chain, now: int, ahead: Days) -> Columns:
    """Promotions: planned for the day, running a week before it, and in the history."""
    last = same_weekday(chain.promotion, now, ahead, weeks=4)
    return {
        "promotion": chain.promotion[:, ahead],
        "promotion a week before": chain.promotion[:, ahead - WEEK],
        "last was a promotion": last[0],
        "promotions in 4": last.sum(axis=0),
    }


Group = Callable[[Chain, int, Days], Columns]
GROUPS: Mapping[str, Group] = {
    "recent": recent,
    "year ago": year_ago,
    "holidays": holidays,
    "school": school,
    "promotions": promotions,
}
"""The sources of what is known, by name."""


def features(
    chain: Chain, now: int, gap: int = GAP, groups: Mapping[str, Group] = GROUPS
) -> tuple[list[str], NDArray[np.float32]]:
    """Names, and a table for the evening when the days before ``now`` are known.

    Parameters
    ----------
    chain : Chain
    now : int
        Days that are known.
    gap : int
        Days between the last known and the first that is forecast: more than `GAP` after days
        whose sales did not come, or were refused.
    groups : mapping of str to callable (chain, now, days ahead) -> columns

    Returns
    -------
    list of str, ndarray of float32 and shape (series, HORIZON, features)

    Raises
    ------
    ValueError
        If the history is shorter than `HISTORY`, or the calendar ends before the last day.
    """
    ahead = days_ahead(now, gap)
    if now < HISTORY:
        raise ValueError(f"{now} days of history: the features need {HISTORY}.")
    if ahead[-1] >= len(chain.holiday):
        raise ValueError(
            f"the calendar has {len(chain.holiday)} days, day {ahead[-1]} is forecast."
        )
    columns: Columns = {}
    for group in groups.values():
        columns |= group(chain, now, ahead)
    shape = (len(chain.demand), HORIZON)
    table = np.stack([np.broadcast_to(column, shape) for column in columns.values()], axis=-1)
    return list(columns), table.round(ROUNDED).astype(np.float32)
