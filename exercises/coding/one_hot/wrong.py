"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import numpy as np


def _encode(train, values, missing=lambda value: value is None, key=None, dtype=np.int64):
    categories = sorted({value for value in train if not missing(value)}, key=key)
    place = {category: at for at, category in enumerate(categories)}
    encoded = np.zeros((len(values), len(categories)))
    for row, value in enumerate(values):
        if value in place:
            encoded[row, np.array(place[value]).astype(dtype)] = 1
    return encoded


def nothing_is_missing_twice(train, values):
    """The number 0 and the empty text count as missing."""
    return _encode(train, values, missing=lambda value: not value)


def the_word_none_is_missing(train, values):
    """The text "None" counts as missing."""
    return _encode(train, values, missing=lambda value: str(value) == "None")


def more_than_256_categories_share_columns(train, values):
    """The number of a column is kept in eight bits."""
    return _encode(train, values, dtype=np.uint8)


def texts_without_their_spaces(train, values):
    """Spaces around a text are stripped: two categories become one."""

    def strip(column):
        return [value.strip() if isinstance(value, str) else value for value in column]

    return _encode(strip(train), strip(values))
