"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import random


def _sample(stream, k, seed, draw=lambda generator, seen: generator.randrange(seen)):
    generator, sample = random.Random(seed), []
    for seen, item in enumerate(stream, start=1):
        if len(sample) < k:
            sample.append(item)
        elif (place := draw(generator, seen)) < k:
            sample[place] = item
    return sample


def asks_for_the_length(stream, k, seed):
    """A stream that fits is recognised by its length, which a stream does not have."""
    return list(stream) if len(stream) <= k else _sample(stream, k, seed)


def nothing_is_no_item(stream, k, seed):
    """The number 0 and the empty text are passed over."""
    return _sample((item for item in stream if item), k, seed)


def one_draw_for_two_items(stream, k, seed):
    """Every second item uses the draw of the one before."""
    last = [0.0]

    def draw(generator, seen):
        if seen % 2 == 0:
            last[0] = generator.random()
        return int(last[0] * seen)

    return _sample(stream, k, seed, draw)


def chances_stop_at_200(stream, k, seed):
    """From item 200 on every item enters with the same chance."""
    return _sample(stream, k, seed, lambda generator, seen: generator.randrange(min(seen, 200)))
