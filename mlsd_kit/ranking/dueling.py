"""Choosing among rankers while readers are served: a bandit that learns from duels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class DuelingBandit:
    """Says which two arms to compare next, so that poor ones are shown less and less.

    Double Thompson sampling (Wu and Liu, 2016): the chance that i beats j has a Beta posterior.
    The first arm is the one that beats most others in a draw from all posteriors, among the arms
    that may still be the best; the second is the one that beats the first in a second draw, among
    those that may still do so. Once an arm is known to be the best, it duels itself: nothing is
    explored any more.

    Parameters
    ----------
    n_arms : int
    exploration : float, default=0.5
        Width of the confidence bounds, ``sqrt(exploration · log t / duels)``.
    random_state : int or None, default=None

    Examples
    --------
    >>> bandit, coin = DuelingBandit(3, random_state=0), np.random.default_rng(0)
    >>> strength = np.array([1.0, 4.0, 2.0])
    >>> for _ in range(300):
    ...     i, j = bandit.pair()
    ...     bandit.update(i, j, coin.random() < strength[i] / (strength[i] + strength[j]))
    >>> bandit.get()
    1
    """

    def __init__(
        self, n_arms: int, *, exploration: float = 0.5, random_state: int | None = None
    ) -> None:
        if n_arms < 2:
            raise ValueError(f"n_arms={n_arms}: a duel needs two.")
        self.exploration = exploration
        self.wins: NDArray[np.float64] = np.zeros((n_arms, n_arms))
        self._random = np.random.default_rng(random_state)

    def pair(self) -> tuple[int, int]:
        """The two arms to compare next; twice the same if nothing is left to learn."""
        low, high = self._bounds()
        first = self._first(high)
        drawn = self._random.beta(self.wins[:, first] + 1, self.wins[first] + 1)
        drawn[first] = 0.5
        drawn[low[:, first] > 0.5] = -1.0  # surely stronger than the first: no news in that duel
        return first, int(np.argmax(drawn))

    def update(self, i: int, j: int, i_won: bool | float) -> None:
        """Learn the outcome of a duel: 1 if arm i won, 0 if j did, a half for a tie."""
        if not 0 <= i_won <= 1:
            raise ValueError(f"i_won={i_won}: give 0 to 1, the share of the win that i has.")
        if i != j:
            self.wins[i, j] += i_won
            self.wins[j, i] += 1 - i_won

    def get(self) -> int:
        """The arm that beats most others in the mean of the posteriors; ties by its margin."""
        mean = self._mean()
        np.fill_diagonal(mean, 0.5)
        return int(np.argmax((mean > 0.5).sum(axis=1) + mean.mean(axis=1) / len(mean)))

    def _mean(self) -> NDArray[np.float64]:
        duels = self.wins + self.wins.T
        return (self.wins + 1) / (duels + 2)

    def _bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        duels = self.wins + self.wins.T
        share = np.divide(self.wins, duels, out=np.full_like(duels, 0.5), where=duels > 0)
        width = np.sqrt(
            self.exploration * np.log(max(duels.sum() / 2, 1) + 1) / np.maximum(duels, 1e-9)
        )
        low, high = share - width, share + width
        np.fill_diagonal(low, 0.5)
        np.fill_diagonal(high, 0.5)
        return low, high

    def _first(self, high: NDArray[np.float64]) -> int:
        """Of the arms that may beat most others, the one that does in a draw."""
        may_beat = (high > 0.5).sum(axis=1)
        drawn = np.zeros_like(self.wins)
        upper = np.triu_indices_from(self.wins, 1)
        drawn[upper] = self._random.beta(self.wins[upper] + 1, self.wins.T[upper] + 1)
        drawn.T[upper] = 1 - drawn[upper]
        beats = (drawn > 0.5).sum(axis=1).astype(float)
        beats[may_beat < may_beat.max()] = -1.0
        return int(self._random.choice(np.flatnonzero(beats == beats.max())))
