"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any


def _sample(
    stream: Any, k: int, seed: int, place: Callable[[random.Random, int], int | None]
) -> list:
    """Fill, then ``place(generator, seen)`` says where the next item goes: None for nowhere."""
    generator = random.Random(seed)
    sample: list[Any] = []
    for seen, item in enumerate(stream, start=1):
        if len(sample) < k:
            sample.append(item)
            continue
        at = place(generator, seen)
        if at is not None and at < k:
            sample[at] = item
    return sample


def every_item_enters(stream: Any, k: int, seed: int) -> list:
    """Every item enters the sample: item i may enter with chance k / i only."""
    return _sample(stream, k, seed, lambda generator, seen: generator.randrange(k))


def new_item_not_counted(stream: Any, k: int, seed: int) -> list:
    """The draw is over the items before the new one: count it too, or item k + 1 always enters."""
    return _sample(stream, k, seed, lambda generator, seen: generator.randrange(seen - 1))


def one_item_too_many_counted(stream: Any, k: int, seed: int) -> list:
    """The draw is over one item too many: item i enters with chance k / i, not k / (i + 1)."""
    return _sample(stream, k, seed, lambda generator, seen: generator.randrange(seen + 1))


def chance_one_in_i(stream: Any, k: int, seed: int) -> list:
    """Item i enters with chance 1 / i: with k places it must be k / i."""

    def place(generator: random.Random, seen: int) -> int | None:
        return generator.randrange(k) if generator.random() < 1 / seen else None

    return _sample(stream, k, seed, place)


def chance_one_half(stream: Any, k: int, seed: int) -> list:
    """Every item enters with the same chance 1/2: it must fall as k / i."""

    def place(generator: random.Random, seen: int) -> int | None:
        return generator.randrange(k) if generator.random() < 0.5 else None

    return _sample(stream, k, seed, place)


def always_the_same_place(stream: Any, k: int, seed: int) -> list:
    """New items always replace the same place: draw which of the k has to go."""

    def place(generator: random.Random, seen: int) -> int | None:
        return 0 if generator.random() < k / seen else None

    return _sample(stream, k, seed, place)


def the_oldest_goes(stream: Any, k: int, seed: int) -> list:
    """A new item throws out the oldest of the sample: draw which of the k has to go."""
    generator = random.Random(seed)
    sample: list[Any] = []
    for seen, item in enumerate(stream, start=1):
        if len(sample) < k:
            sample.append(item)
        elif generator.random() < k / seen:
            sample = [*sample[1:], item]
    return sample


def one_draw_scaled_twice(stream: Any, k: int, seed: int) -> list:
    """The draw that let the item in, below k / i, was scaled by k: low places are hit too often."""

    def place(generator: random.Random, seen: int) -> int | None:
        drawn = generator.random()
        return int(drawn * k) if drawn < k / seen else None

    return _sample(stream, k, seed, place)


def the_first_k(stream: Any, k: int, seed: int) -> list:
    """The first k items are the sample: later ones never enter."""
    return list(stream)[:k]


def whole_stream_first(stream: Any, k: int, seed: int) -> list:
    """The sample is drawn when the stream has ended: a stream has no end to wait for."""
    items = list(stream)
    return random.Random(seed).sample(items, min(k, len(items)))


def with_replacement(stream: Any, k: int, seed: int) -> list:
    """Each place holds a sample of its own: the same item may then be in the sample twice."""
    generator = random.Random(seed)
    items = list(stream)
    sample = items[:k]
    if len(items) < k:
        return sample
    for place in range(k):
        for seen, item in enumerate(items, start=1):
            if generator.randrange(seen) == 0:
                sample[place] = item
    return sample


def equal_items_only_once(stream: Any, k: int, seed: int) -> list:
    """Items equal to one in the sample are passed over: equal items are still different items."""
    return whole_stream_first(dict.fromkeys(stream), k, seed)


def chance_has_a_floor(stream: Any, k: int, seed: int) -> list:
    """The chance of a new item stops falling: late items are in the sample too often."""
    return _sample(stream, k, seed, lambda generator, seen: generator.randrange(min(seen, 300)))


def counted_first(stream: Any, k: int, seed: int) -> list:
    """The stream is read twice, to count it and to draw: the second time it has nothing left."""
    n = sum(1 for _ in stream)
    places = set(random.Random(seed).sample(range(n), min(k, n)))
    return [item for place, item in enumerate(stream) if place in places]
