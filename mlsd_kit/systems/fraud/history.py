"""The store's state at its start: the last weeks of payments, read from a table at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from mlsd_kit.systems.fraud import cards
from mlsd_kit.systems.fraud.features import seconds, to_cents
from mlsd_kit.systems.fraud.state import PaymentState, Timeline


def save(payments: pd.DataFrame, known: pd.Series, file: Path) -> None:
    """Write a history for the store.

    Parameters
    ----------
    payments : DataFrame of shape (n, ...)
        Columns time, card, terminal, amount and fraud, in order of time.
    known : Series of bool of shape (n,)
        Whose label is known already; the other labels come later, by their topic.
    file : Path
    """
    np.savez(
        file,
        second=seconds(payments["time"]),
        card=payments["card"].to_numpy(),
        terminal=payments["terminal"].to_numpy(),
        cents=to_cents(payments["amount"]),
        fraud=(payments["fraud"].to_numpy() == 1) & known.to_numpy(),
    )


def restore(file: Path) -> PaymentState:
    """The state after all payments of a history, and their known labels."""
    with np.load(file) as saved:
        table = dict(saved)
    state, second, fraud = PaymentState(), table["second"], table["fraud"]
    for card, line in _timelines(table["card"], second, table["cents"]):
        state.cards[cards.number(card)] = line
    for terminal, line in _timelines(table["terminal"], second, np.zeros_like(second)):
        state.terminals[terminal] = line
    found = np.ones(int(fraud.sum()), dtype=np.int64)
    for terminal, line in _timelines(table["terminal"][fraud], second[fraud], found):
        state.frauds[terminal] = line
    return state


def _timelines(
    key: np.ndarray, second: np.ndarray, value: np.ndarray
) -> Iterator[tuple[int, Timeline]]:
    order = np.argsort(key, kind="stable")
    keys, first = np.unique(key[order], return_index=True)
    times, values = np.split(second[order], first[1:]), np.split(value[order], first[1:])
    for one, when, what in zip(keys.tolist(), times, values, strict=bool(len(keys))):
        yield one, Timeline(when.tolist(), [0, *np.cumsum(what).tolist()])
