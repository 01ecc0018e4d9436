"""A fair sample of a stream whose length nobody knows."""

from __future__ import annotations

from random import Random
from typing import Generic, TypeVar

Item = TypeVar("Item")


class ReservoirSample(Generic[Item]):
    """Uniform sample of ``k`` items without replacement: Algorithm R (Vitter 1985).

    The first k items fill the reservoir; item i > k replaces a random place with chance k / i. By
    induction each of the i items is in it with chance k / i: it was, with k / (i - 1), and is not
    thrown out, with 1 - (k / i)(1 / k); the product is k / i.

    Parameters
    ----------
    k : int
        Size of the sample, the whole state.
    random_state : int or None, default=None
        Seed; the same seed and stream give the same sample. The global generator is not used.

    >>> sample = ReservoirSample(3, random_state=0)
    >>> for item in range(100):
    ...     sample.update(item)
    >>> len(sample.get()), sample.n
    (3, 100)
    """

    def __init__(self, k: int, *, random_state: int | None = None) -> None:
        if k < 1 or k != int(k):
            raise ValueError(f"k must be an integer of at least 1, got {k!r}.")
        self.k = int(k)
        self.n = 0
        self._random = Random(random_state)
        self._items: list[Item] = []

    def update(self, x: Item) -> None:
        """Take in one item."""
        self.n += 1
        if len(self._items) < self.k:
            self._items.append(x)
            return
        place = self._random.randrange(self.n)
        if place < self.k:
            self._items[place] = x

    def get(self) -> list[Item]:
        """The sample so far, in no particular order; all items while there are at most k."""
        return list(self._items)
