"""How a fraud model is judged: weeks apart, and by the cards that investigators can look at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from mlsd_kit.systems.fraud.names import DELAY


class DelayedSplit(NamedTuple):
    """Result of `delayed_split`."""

    train: np.ndarray
    """Positions of the rows to learn from."""
    test: np.ndarray
    """Positions of the rows to be judged on."""


def delayed_split(
    payments: pd.DataFrame,
    start: str,
    *,
    train_days: int = 7,
    delay_days: int = DELAY,
    test_days: int = 7,
) -> DelayedSplit:
    """Train days, days whose labels nobody has yet, and test days without known stolen cards.

    ASCII: ``start |--- train ---|--- labels under way ---|--- test ---|``. A card is known to be
    stolen once the label of one of its frauds has arrived; then it is blocked and pays no more, so
    its payments are no test. Their labels arrive ``delay_days`` after the payment.

    Parameters
    ----------
    payments : DataFrame of shape (n, ...)
        Columns time, card and fraud.
    start : str
        First day of training, e.g. "2018-07-25".
    train_days, delay_days, test_days : int
        Length of the three periods.

    Returns
    -------
    DelayedSplit
        Named tuple (train, test) of row positions.

    Raises
    ------
    ValueError
        If the train or the test period holds no payment.

    Examples
    --------
    >>> payments = pd.DataFrame({
    ...     "time": pd.to_datetime(["2018-04-01", "2018-04-01", "2018-04-03", "2018-04-03"]),
    ...     "card": [1, 2, 1, 2], "fraud": [1, 0, 1, 0],
    ... })
    >>> split = delayed_split(payments, "2018-04-01", train_days=1, delay_days=1, test_days=1)
    >>> split.test.tolist()          # card 1 is known to be stolen
    [3]
    """
    day = ((payments["time"] - pd.Timestamp(start)) // pd.Timedelta(days=1)).to_numpy()
    card, fraud = payments["card"].to_numpy(), payments["fraud"].to_numpy() == 1
    first_test = train_days + delay_days
    train = np.flatnonzero((day >= 0) & (day < train_days))
    wanted = (day >= first_test) & (day < first_test + test_days)
    if len(train) == 0 or not wanted.any():
        raise ValueError(f"no payments in the {'test' if len(train) else 'train'} days of {start}.")
    # the day on which each card's first fraud is known: it is blocked from then on
    seen = pd.Series(day[fraud & (day >= 0)] + delay_days + 1)
    blocked = seen.groupby(card[fraud & (day >= 0)]).min().reindex(card).to_numpy()
    return DelayedSplit(train, np.flatnonzero(wanted & ~(blocked <= day)))


def card_precision(
    payments: pd.DataFrame, score: ArrayLike, *, k: int = 100, remove_found: bool = True
) -> float:
    """Share of stolen cards among the ``k`` cards looked at each day, averaged over days.

    A card's score is that of its highest payment of the day. Investigators block what they find:
    a card found on one day is not looked at again.

    Parameters
    ----------
    payments : DataFrame of shape (n, ...)
        Columns time, card and fraud.
    score : array-like of shape (n,)
        The higher, the more suspicious.
    k : int, default=100
        Cards that can be looked at in a day.
    remove_found : bool, default=True
        Whether found cards are blocked.

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    ValueError
        If ``k`` is below 1, or the lengths differ.

    Notes
    -----
    Card precision top-k of the Fraud Detection Handbook (2022), section 4.4.

    Examples
    --------
    >>> payments = pd.DataFrame({
    ...     "time": pd.to_datetime(["2018-04-01"] * 3), "card": [1, 1, 2], "fraud": [0, 1, 0],
    ... })
    >>> card_precision(payments, [0.1, 0.9, 0.5], k=1)
    1.0
    """
    score = np.asarray(score, dtype=float)
    if k < 1:
        raise ValueError(f"k must be at least 1 card, got {k!r}.")
    if score.shape != (len(payments),):
        raise ValueError(f"score has shape {score.shape}, payments {len(payments)} rows.")
    table = pd.DataFrame(
        {
            "day": payments["time"].to_numpy().astype("datetime64[D]"),
            "card": payments["card"].to_numpy(),
            "score": score,
            "fraud": payments["fraud"].to_numpy(),
        }
    )
    cards = table.groupby(["day", "card"], as_index=False)[["score", "fraud"]].max()
    found: set[int] = set()
    daily = []
    for _, today in cards.groupby("day"):
        today = today[~today["card"].isin(found)]
        top = today.sort_values("score", ascending=False, kind="stable").head(k)
        stolen = top.loc[top["fraud"] == 1, "card"]
        if remove_found:
            found |= set(stolen)
        daily.append(len(stolen) / k)
    return float(np.mean(daily))
