"""Reservoir sampling: a fair sample of a stream whose length nobody knows."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any


def reservoir(stream: Iterable[Any], k: int, seed: int) -> list[Any]:
    """Uniform sample of k items without replacement, in one pass.

    Parameters
    ----------
    stream : iterable
        Read once, from front to back; its length is not known.
    k : int
        Size of the sample.
    seed : int
        The same seed gives the same sample; 0 is a seed.

    Returns
    -------
    list
        k items in any order; all of them if there are fewer.
    """
    # >>> your code
    generator = random.Random(seed)
    sample: list[Any] = []
    for seen, item in enumerate(stream, start=1):
        if len(sample) < k:
            sample.append(item)
            continue
        # one of the `seen` items so far is left out each time: the new one with chance 1 - k / seen
        place = generator.randrange(seen)
        if place < k:
            sample[place] = item
    return sample
    # <<< your code
