"""What a call is worth: one set of prices for threshold, plan, budget and experiment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Economy:
    """The prices and effects behind every decision; all of them are assumptions to replace."""

    margin: float = 0.5
    """Profit per dollar of a bill."""
    months: float = 12.0
    """How long a saved customer stays."""
    contact: float = 5.0
    """Dollars a call."""
    discount: float = 0.10
    """The offer, as a share of the bill."""
    discount_months: float = 3.0
    save: float = 0.30
    """Share of the leavers that the offer keeps, where risk is low."""
    fade: float = 0.0
    """How the saved share falls with risk: ``save * (1 - risk) ** fade``; 0 is not at all."""
    annoy: float = 0.01
    """Share of the stayers whom the call reminds to leave."""

    def value(self, bill: ArrayLike) -> Array:
        """Dollars that a customer earns from now on, by the monthly bill in dollars."""
        return np.asarray(bill, float) * self.margin * self.months

    def offer(self, bill: ArrayLike) -> Array:
        """Dollars that the discount costs if it is taken."""
        return np.asarray(bill, float) * self.discount * self.discount_months

    def profit(self, leaves: ArrayLike, risk: ArrayLike, bill: ArrayLike) -> Array:
        """Dollars that a call earns, against no call.

        Parameters
        ----------
        leaves : array-like of shape (n,), from 0 to 1
            The risk, for what is expected; the label, for what was earned.
        risk : array-like of shape (n,), from 0 to 1
            On which the effect depends if it fades.
        bill : array-like of shape (n,), dollars a month

        Examples
        --------
        >>> Economy().profit([0.0, 0.5, 1.0], [0.0, 0.5, 1.0], 50.0).round(2)
        array([-23.  ,  28.75,  80.5 ])
        """
        leaves, risk = np.asarray(leaves, float), np.asarray(risk, float)
        value, offer = self.value(bill), self.offer(bill)
        kept = self.save * (1 - risk) ** self.fade
        earned = leaves * kept * (value - offer)
        lost = (1 - leaves) * (offer + self.annoy * value)
        return earned - lost - self.contact

    def break_even(self, bill: float) -> float:
        """The lowest risk from which a call pays, 1 if it never does (for ``fade`` of 0).

        Examples
        --------
        >>> round(Economy().break_even(50.0), 3)
        0.222
        """
        none, sure = self.profit([0.0, 1.0], [0.0, 0.0], bill)
        return float(min(1.0, -none / (sure - none))) if sure > 0 else 1.0


def prior_shift(risk: ArrayLike, trained: float, base_rate: float) -> Array:
    """Probabilities for a population of another base rate: the odds are multiplied.

    Exact if only the share of leavers differs, not how leavers and stayers look (Saerens, Latinne
    and Decaestecker 2002).

    Parameters
    ----------
    risk : array-like of shape (n,), from 0 to 1
        As a model says that was trained where the share of leavers was ``trained``.
    trained, base_rate : float, between 0 and 1

    Raises
    ------
    ValueError
        If a rate is not between 0 and 1.

    Examples
    --------
    >>> prior_shift([0.0, 0.5, 1.0], trained=0.5, base_rate=0.02).round(2)
    array([0.  , 0.02, 1.  ])
    """
    for name, rate in (("trained", trained), ("base_rate", base_rate)):
        if not 0 < rate < 1:
            raise ValueError(f"{name} must lie between 0 and 1, got {rate!r}.")
    risk = np.asarray(risk, float)
    up = risk * base_rate / trained
    return up / (up + (1 - risk) * (1 - base_rate) / (1 - trained))
