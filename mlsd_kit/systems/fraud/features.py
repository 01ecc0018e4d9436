"""The 15 features of a payment, for a whole table at once: what training reads.

`mlsd_kit.systems.fraud.state` computes the same numbers one payment at a time: what scoring reads.
Both count in whole cents, so that the two agree to the last bit.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlsd_kit.systems.fraud.names import DAY, DELAY, FEATURES, WINDOWS

COLUMNS = ("time", "card", "terminal", "amount", "fraud")


def features(payments: pd.DataFrame) -> pd.DataFrame:
    """Features of every payment, from the payments up to it and the labels known by then.

    Of the payment itself: its amount, whether it falls on a weekend, and at night (before 7). Of
    its card: number and mean amount of payments in the last 1, 7 and 30 days, this one included.
    Of its terminal: number of payments and share of frauds in the 1, 7 and 30 days that ended 7
    days ago, because only their labels are known. A window of w days at time t is (t - w, t];
    among payments of the same second, those of earlier rows count.

    The textbook form filters, for each row, the rows of its card in each window: n² work. Here one
    sort puts each card's payments side by side, in time; then a window is two bisections, and its
    sum the difference of two running sums.

    Parameters
    ----------
    payments : DataFrame of shape (n, ...)
        Columns time (datetime), card, terminal (non-negative integers), amount (dollars, whole
        cents) and fraud (0 or 1). Labels younger than 7 days are not looked at.

    Returns
    -------
    DataFrame of shape (n, 15)
        Columns `FEATURES`, rows and index of ``payments``. The risk of a terminal without
        payments in the window is 0.

    Raises
    ------
    ValueError
        If a column is missing or time has missing values.

    Notes
    -----
    The features of Le Borgne et al., Fraud Detection Handbook (2022), section 3.3.

    Examples
    --------
    >>> payments = pd.DataFrame({
    ...     "time": pd.to_datetime(["2018-04-01 00:00", "2018-04-01 12:00", "2018-04-09 00:00"]),
    ...     "card": 1, "terminal": 5, "amount": [10.0, 20.0, 90.0], "fraud": [1, 0, 0],
    ... })
    >>> found = features(payments)
    >>> found[["card_count_1", "card_mean_30", "terminal_count_1", "terminal_risk_1"]]
       card_count_1  card_mean_30  terminal_count_1  terminal_risk_1
    0           1.0          10.0               0.0              0.0
    1           2.0          15.0               0.0              0.0
    2           1.0          40.0               1.0              0.0
    """
    if missing := [name for name in COLUMNS if name not in payments]:
        raise ValueError(f"payments has no column {missing[0]!r}; it needs {', '.join(COLUMNS)}.")
    if payments["time"].isna().any():
        raise ValueError("payments['time'] has missing values: drop those rows.")
    second = seconds(payments["time"])
    cents = to_cents(payments["amount"])
    return pd.DataFrame(
        np.column_stack(
            [
                cents / 100,
                weekend(second),
                night(second),
                *_recent(payments["card"].to_numpy(), second, cents),
                *_delayed(payments["terminal"].to_numpy(), second, payments["fraud"].to_numpy()),
            ]
        ),
        columns=list(FEATURES),
        index=payments.index,
    )


def seconds(time: pd.Series) -> np.ndarray:
    """Whole seconds since 1970 of a datetime column."""
    return time.to_numpy().astype("datetime64[s]").astype(np.int64)


def to_cents(amount: pd.Series) -> np.ndarray:
    """Dollars as whole cents, whose sums are exact in any order."""
    return np.round(amount.to_numpy() * 100).astype(np.int64)


def weekend(second: np.ndarray) -> np.ndarray:
    """1 on Saturdays and Sundays; 1970 began on a Thursday."""
    return (second // DAY + 3) % 7 >= 5


def night(second: np.ndarray) -> np.ndarray:
    """1 until 6:59, as in the Handbook."""
    return second % DAY // 3600 <= 6


class _Timeline:
    """Every key's events side by side and in time, on one axis without overlaps.

    Each key gets a stretch of the axis as long as the whole history and the longest window, so
    that no window reaches into the neighbour's stretch.
    """

    def __init__(self, key: np.ndarray, second: np.ndarray) -> None:
        longest = (max(WINDOWS) + DELAY) * DAY
        age = second - second.min(initial=np.iinfo(np.int64).max)
        stretch = int(age.max(initial=0)) + longest + 1
        where = np.unique(key, return_inverse=True)[1] * stretch + age + longest
        self._order = np.argsort(where, kind="stable")
        self._sorted = where[self._order]

    def sums(self, value: np.ndarray) -> np.ndarray:
        """Running sum over the events: entry k is the sum of the first k."""
        return np.concatenate([[0], np.cumsum(value[self._order])])

    def until(self, age: int) -> np.ndarray:
        """How many events of the axis lie at or before ``age`` seconds ago, for each event."""
        return np.searchsorted(self._sorted, self._sorted - age, side="right")

    def included(self) -> np.ndarray:
        """How many events lie before each event or are it: ties in the order of rows."""
        return np.arange(1, len(self._sorted) + 1)

    def back(self, value: np.ndarray) -> np.ndarray:
        """Values of the sorted events, in the order of rows."""
        out = np.empty(len(value))
        out[self._order] = value
        return out


def _recent(card: np.ndarray, second: np.ndarray, cents: np.ndarray) -> list[np.ndarray]:
    line = _Timeline(card, second)
    total, end, columns = line.sums(cents), line.included(), []
    for days in WINDOWS:
        begin = line.until(days * DAY)
        count = end - begin
        columns += [line.back(count), line.back((total[end] - total[begin]) / (100 * count))]
    return columns


def _delayed(terminal: np.ndarray, second: np.ndarray, fraud: np.ndarray) -> list[np.ndarray]:
    line = _Timeline(terminal, second)
    total, end, columns = line.sums(fraud), line.until(DELAY * DAY), []
    for days in WINDOWS:
        begin = line.until((DELAY + days) * DAY)
        count = end - begin
        risk = (total[end] - total[begin]) / np.maximum(count, 1)
        columns += [line.back(count), line.back(risk)]
    return columns
