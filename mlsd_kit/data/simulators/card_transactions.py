"""Card payments with three kinds of fraud, after the Fraud Detection Handbook's simulator."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

START = "2018-04-01"
DAY = 86_400  # seconds
SIDE = 100.0  # customers and terminals live on a square of this side
NOON, SPREAD = DAY / 2, 20_000.0  # when people pay: mean and standard deviation, in seconds
SUSPICIOUS = 22_000  # cents: scenario 1 calls every dearer payment fraud
TERMINALS_A_DAY, TERMINAL_DAYS = 2, 28  # scenario 2: terminals taken over, and for how long
CARDS_A_DAY, CARD_DAYS = 3, 14  # scenario 3: cards stolen, and for how long
SHARE, FACTOR = 3, 5  # scenario 3: one payment in SHARE is a fraud, FACTOR times as dear


class _Payments(NamedTuple):
    """Columns of equal length, one entry a payment, in order of time."""

    second: np.ndarray
    card: np.ndarray
    terminal: np.ndarray
    cents: np.ndarray


def card_transactions(
    seed: int = 0,
    *,
    customers: int = 5_000,
    terminals: int = 10_000,
    days: int = 183,
    radius: float = 5.0,
) -> pd.DataFrame:
    """Draw every payment of a population of cards, genuine and fraudulent, in order of time.

    A customer pays Poisson(U(0, 4)) times a day around noon, at terminals within ``radius``, and
    each time about U(5, 100) dollars. Fraud comes in three scenarios: 1 a payment above 220
    dollars; 2 a terminal taken over for 28 days, all its payments; 3 a card stolen for 14 days,
    a third of its payments at five times the amount. Where scenarios meet, the highest is named.

    Parameters
    ----------
    seed : int, default=0
    customers, terminals : int
        How many of each; a customer has one card.
    days : int
        Length of the history, from 2018-04-01.
    radius : float
        How far a customer goes, on a square of side 100.

    Returns
    -------
    DataFrame of shape (payments, 7)
        id (0, 1, 2, ... in order of time), time, card, terminal, amount in dollars, fraud (0 or
        1), scenario (0 if genuine).

    Raises
    ------
    ValueError
        If a size is not positive.

    Notes
    -----
    Le Borgne, Siblini, Lebichot, Bontempi: Reproducible Machine Learning for Credit Card Fraud
    Detection (2022), chapter 3. Drawn column by column here; their code draws row by row, so the
    mechanism is the same and the random stream is not.

    Examples
    --------
    >>> table = card_transactions(seed=0, customers=50, terminals=100, days=10, radius=20)
    >>> table.columns.tolist()
    ['id', 'time', 'card', 'terminal', 'amount', 'fraud', 'scenario']
    >>> bool(table["time"].is_monotonic_increasing)
    True
    """
    for name, size in (("customers", customers), ("terminals", terminals), ("days", days)):
        if size < 1:
            raise ValueError(f"{name} must be at least 1, got {size!r}.")
    if not radius > 0:
        raise ValueError(f"radius must be positive, got {radius!r}.")
    rng = np.random.default_rng(seed)
    payments = _payments(rng, customers, terminals, days, radius)
    cents, scenario = _frauds(rng, payments, customers, terminals, days)
    return pd.DataFrame(
        {
            "id": np.arange(len(cents)),
            "time": np.datetime64(START, "s") + payments.second.astype("timedelta64[s]"),
            "card": payments.card,
            "terminal": payments.terminal,
            "amount": cents / 100,
            "fraud": (scenario > 0).astype(np.int64),
            "scenario": scenario,
        }
    )


def _payments(
    rng: np.random.Generator, customers: int, terminals: int, days: int, radius: float
) -> _Payments:
    """Genuine payments of everybody."""
    homes, shops = rng.uniform(0, SIDE, (customers, 2)), rng.uniform(0, SIDE, (terminals, 2))
    mean, rate = rng.uniform(5, 100, customers), rng.uniform(0, 4, customers)
    near = cKDTree(shops).query_ball_point(homes, radius, return_sorted=True)
    reach = np.array([len(shop) for shop in near])  # terminals each customer can get to
    rate[reach == 0] = 0  # nowhere to pay

    count = rng.poisson(rate, (days, customers))
    place = np.repeat(np.arange(count.size), count.ravel())
    moment = np.floor(rng.normal(NOON, SPREAD, len(place))).astype(np.int64)
    inside = (moment > 0) & (moment < DAY)
    place, moment = place[inside], moment[inside]

    day, card = np.divmod(place, customers)
    amount = rng.normal(mean[card], mean[card] / 2)
    low = amount < 0
    amount[low] = rng.uniform(0, 2 * mean[card[low]])
    first = np.cumsum(reach) - reach
    choice = first[card] + (rng.random(len(card)) * reach[card]).astype(np.int64)
    listed = np.concatenate([np.asarray(shop, dtype=np.int64) for shop in near])

    second = day * DAY + moment
    order = np.argsort(second, kind="stable")
    cents = np.round(amount * 100).astype(np.int64)
    return _Payments(second[order], card[order], listed[choice][order], cents[order])


def _frauds(
    rng: np.random.Generator, payments: _Payments, customers: int, terminals: int, days: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cents and scenario of every payment, after the three scenarios in turn."""
    cents = payments.cents.copy()
    scenario = (cents > SUSPICIOUS).astype(np.int64)
    last = max(days - 1, 1)  # as in the Handbook, no new victim on the last day
    terminal_slices = _Slices(payments.terminal, payments.second, terminals)
    for day in range(last):
        for victim in rng.choice(terminals, min(TERMINALS_A_DAY, terminals), replace=False):
            scenario[terminal_slices.between(victim, day, day + TERMINAL_DAYS)] = 2
    card_slices = _Slices(payments.card, payments.second, customers)
    for day in range(last):
        for victim in rng.choice(customers, min(CARDS_A_DAY, customers), replace=False):
            rows = card_slices.between(victim, day, day + CARD_DAYS)
            stolen = rng.choice(rows, len(rows) // SHARE, replace=False)
            cents[stolen] *= FACTOR
            scenario[stolen] = 3
    return cents, scenario


class _Slices:
    """Rows of one card (or terminal) between two days, found by bisection."""

    def __init__(self, key: np.ndarray, second: np.ndarray, keys: int) -> None:
        self._order = np.argsort(key, kind="stable")  # by key, and by time within it
        self._second = second[self._order]
        self._start = np.concatenate([[0], np.cumsum(np.bincount(key, minlength=keys))])

    def between(self, key: int, first: int, end: int) -> np.ndarray:
        a, b = self._start[key], self._start[key + 1]
        low, high = np.searchsorted(self._second[a:b], [first * DAY, end * DAY])
        return self._order[a + low : a + high]
