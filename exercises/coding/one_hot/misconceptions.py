"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np


def _known(column):
    return [value for value in column if value is not None]


def _encode(categories, values):
    """Zeros, and a 1 where the value equals the category."""
    encoded = np.zeros((len(values), len(categories)))
    for row, value in enumerate(values):
        if value is not None and value in categories:
            encoded[row, categories.index(value)] = 1
    return encoded


def columns_in_order_of_appearance(train, values):
    """Columns stand in the order in which the categories first appear: sort them."""
    return _encode(list(dict.fromkeys(_known(train))), values)


def columns_sorted_backwards(train, values):
    """Columns stand from the last category to the first: sort upwards."""
    return _encode(sorted(set(_known(train)), reverse=True), values)


def numbers_sorted_as_text(train, values):
    """Numbers are sorted as text, 10 before 9: sort them by size."""
    return _encode(sorted(set(_known(train)), key=str), values)


def text_sorted_without_capitals(train, values):
    """Capitals are ignored in the order: sort by character code, "B" before "a"."""
    return _encode(
        sorted(
            set(_known(train)), key=lambda v: (str(v).lower(), str(v)) if isinstance(v, str) else v
        ),
        values,
    )


def categories_of_the_values(train, values):
    """The categories are those of the encoded column: take them from train, or the
    columns change.
    """
    return _encode(sorted(set(_known(values))), values)


def categories_of_both_columns(train, values):
    """New values get columns of their own: the model was trained without them, so give zeros."""
    return _encode(sorted({*_known(train), *_known(values)}), values)


def unknown_takes_a_neighbours_column(train, values):
    """searchsorted gives an unknown value the column of a neighbour: test for equality too."""
    categories = sorted(set(_known(train)))
    encoded = np.zeros((len(values), len(categories)))
    for row, value in enumerate(values):
        if value is not None and categories:
            encoded[row, min(bisect_left(categories, value), len(categories) - 1)] = 1
    return encoded


def unknown_takes_the_last_column(train, values):
    """An unknown or missing value has the code -1, which is the last column: leave its row zero."""
    categories = sorted(set(_known(train)))
    encoded = np.zeros((len(values), len(categories)))
    for row, value in enumerate(values):
        if categories:
            encoded[row, categories.index(value) if value in categories else -1] = 1
    return encoded


def unknown_takes_the_first_column(train, values):
    """An unknown or missing value takes the first category's column: leave its row zero."""
    categories = sorted(set(_known(train)))
    encoded = np.zeros((len(values), len(categories)))
    for row, value in enumerate(values):
        if categories:
            encoded[row, categories.index(value) if value in categories else 0] = 1
    return encoded


def unknown_rows_are_dropped(train, values):
    """Rows with an unknown or missing value are dropped: every value has its row."""
    categories = sorted(set(_known(train)))
    return _encode(categories, [value for value in values if value in categories])


def extra_column_for_the_unknown(train, values):
    """Unknown and missing values have a column of their own: their rows are zeros here."""
    encoded = _encode(sorted(set(_known(train))), values)
    return np.hstack([encoded, 1 - encoded.sum(axis=1, keepdims=True)])


def missing_is_a_category(train, values):
    """None became a category with a column: missing values give a row of zeros."""
    encoded = _encode(sorted(set(_known(train))), values)
    if None not in train:
        return encoded
    return np.hstack([encoded, np.array([[float(value is None)] for value in values])])


def first_category_is_dropped(train, values):
    """The first category has no column, as in dummy coding: keep all of them here."""
    return _encode(sorted(set(_known(train))), values)[:, 1:]


def one_code_instead_of_columns(train, values):
    """One column of codes 0, 1, 2 …, which puts the categories in an order: make a column
    for each.
    """
    categories = sorted(set(_known(train)))
    return np.array([[categories.index(v) if v in categories else -1] for v in values], dtype=float)


def a_column_for_each_training_row(train, values):
    """A repeated category has several columns: take each distinct value once."""
    categories = sorted(_known(train))
    encoded = np.zeros((len(values), len(categories)))
    for row, value in enumerate(values):
        encoded[row] = [float(value == category) for category in categories]
    return encoded
