"""What a one-hot encoder must do, from simple to subtle."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same


def oracle(train, values):
    """A comparison of every value with every category, the categories by insertion."""
    categories = []
    for value in train:
        if value is not None and value not in categories:
            at = sum(other < value for other in categories)
            categories.insert(at, value)
    shape = (len(values), len(categories))
    return np.array([[float(v == c) for c in categories] for v in values]).reshape(shape)


def compare(call, given):
    got, wanted = call(**given), oracle(**given)
    if isinstance(got, pd.DataFrame):
        got = got.to_numpy()
    same(got, wanted, what="the encoding")


WORDS = ["pro", "basic", "team", "Pro", "a", "B", "10", "9", "", "basic "]
NUMBERS = [-1, 0, 1, 2, 9, 10, 100]


@st.composite
def columns(draw, kinds=(WORDS, NUMBERS), new=False, missing=False, empty=False):
    """A few training values with repeats; values to encode from the same or from all words."""
    words = draw(st.sampled_from(kinds))
    train = draw(st.lists(st.sampled_from(words), min_size=0 if empty else 1, max_size=6))
    some = words if new or not train else train
    values = draw(st.lists(st.sampled_from(some), min_size=1, max_size=5))
    if missing:
        train = draw(st.permutations(train + [None] * draw(st.integers(0, 2))))
        values = draw(st.permutations(values + [None] * draw(st.integers(0, 2))))
    return {"train": train, "values": values}


@check(
    columns(kinds=(WORDS[:3],)),
    always=[
        {"train": ["a", "b", "c"], "values": ["a", "c", "b"]},
        {"train": ["a", "b", "b", "a"], "values": ["b", "a", "b"]},
        {"train": ["a", "b", "c"], "values": ["b", "b"]},
        {"train": ["b"], "values": ["b"]},
    ],
)
def a_one_in_the_column_of_the_category(call, given):
    """Each row has a 1 in its category's column and 0 elsewhere; every training category has one
    column.
    """
    compare(call, given)


@check(
    columns(),
    examples=40,
    always=[
        {"train": ["pro", "basic", "team"], "values": ["pro", "basic"]},
        {"train": ["a", "c", "b"], "values": ["a", "b", "c"]},
        {"train": ["a", "B"], "values": ["a"]},
        {"train": ["9", "10"], "values": ["9"]},
        {"train": [9, 10], "values": [9, 10]},
        {"train": [10, -1, 9], "values": [9, -1]},
        {"train": [0, 2], "values": [0]},
        {"train": list(range(300)), "values": [299, 256, 1]},
    ],
)
def columns_are_sorted(call, given):
    """Strings are sorted by character code, integers by size."""
    compare(call, given)


@check(
    columns(new=True),
    always=[
        {"train": ["a", "c"], "values": ["b", "a", "d", "A"]},
        {"train": ["b", "c"], "values": ["a"]},
        {"train": [1, 10], "values": [9, 1, 100, 0]},
        {"train": [2], "values": [0, 2, -1]},
    ],
)
def unknown_values_give_zeros(call, given):
    """A value that was not in training gives a row of zeros, and no column."""
    compare(call, given)


@check(
    columns(new=True, missing=True),
    always=[
        {"train": ["a", None, "b"], "values": ["b", None, "a"]},
        {"train": ["a", "b"], "values": [None]},
        {"train": [None, 1, 0, None], "values": [0, None, 1]},
        {"train": ["", "a", None], "values": ["", None, "None"]},
        {"train": ["None", "nan", None], "values": ["nan", None, "None"]},
        {"train": [0, 1], "values": [None, 1]},
    ],
)
def missing_is_no_category(call, given):
    """None has no column, and gives a row of zeros."""
    compare(call, given)


@check(
    columns(new=True, missing=True, empty=True),
    examples=10,
    always=[{"train": [], "values": ["a"]}, {"train": [None], "values": [1, 2]}],
)
def nothing_to_learn_from(call, given):
    """Without a training value the result has n rows and no column."""
    compare(call, given)


@check(
    columns(new=True, missing=True),
    examples=15,
    always=[{"train": ["a", "b"], "values": ["c", "b"]}],
)
def each_row_stands_alone(call, given):
    """A value's row does not depend on the other values, nor on the order of the training rows."""
    whole = np.asarray(call(**given), dtype=float)
    same(whole, oracle(**given), what="the encoding")
    first = np.asarray(call(train=given["train"][::-1], values=given["values"][:1]), dtype=float)
    same_row = first.shape == (1, whole.shape[1]) and (first[0] == whole[0]).all()
    require(same_row, "the first value alone is encoded differently")


def speed_inputs(rng):
    """A hundred thousand customers, a hundred cities."""
    cities = [f"city {i}" for i in range(100)]
    train, values = rng.choice(cities, (2, 100_000)).tolist()
    return {"train": train, "values": values}
