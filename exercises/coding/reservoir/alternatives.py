"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import heapq
import math
import random
from typing import Any

import numpy as np
import pandas as pd


def with_random_keys(stream: Any, k: int, seed: int) -> list:
    """Every item draws a key; a heap holds the k smallest."""
    generator = random.Random(seed)
    heap: list[tuple[float, int, Any]] = []
    for place, item in enumerate(stream):
        entry = (-generator.random(), place, item)
        if len(heap) < k:
            heapq.heappush(heap, entry)
        elif entry > heap[0]:
            heapq.heapreplace(heap, entry)
    return [item for _, _, item in heap]


def with_skips(stream: Any, k: int, seed: int) -> list:
    """Algorithm L (Li 1994): draw how many items to pass over."""
    generator = random.Random(seed)
    items = iter(stream)
    sample = [item for _, item in zip(range(k), items, strict=False)]
    if len(sample) < k:
        return sample
    weight, skip = 1.0, 0
    for item in items:
        if weight == 1.0:
            weight = math.exp(math.log(generator.random()) / k)
            skip = math.floor(math.log(generator.random()) / math.log(1 - weight))
        if skip:
            skip -= 1
            continue
        sample[generator.randrange(k)] = item
        weight *= math.exp(math.log(generator.random()) / k)
        skip = math.floor(math.log(generator.random()) / math.log(1 - weight))
    return sample


def with_a_chance_and_a_place(stream: Any, k: int, seed: int) -> list:
    """Two draws: whether to enter, and where."""
    generator = np.random.default_rng(seed)
    sample: list[Any] = []
    for before, item in enumerate(stream):
        if before < k:
            sample.append(item)
        elif generator.random() < k / (before + 1):
            sample[generator.integers(k)] = item
    return sample


def with_numpy(stream: Any, k: int, seed: int) -> np.ndarray:
    """Keys for all items at once: one pass in law, though not in memory."""
    items = np.asarray(list(stream))
    keys = np.random.default_rng(seed).random(len(items))
    return items[np.argsort(keys)[:k]]


def with_pandas(stream: Any, k: int, seed: int) -> list:
    """The same with a table of keys."""
    table = pd.DataFrame({"item": list(stream)})
    table["key"] = np.random.default_rng(seed).random(len(table))
    return table.nsmallest(k, "key")["item"].tolist()
