"""Values in a sentence: short, and as one would type them."""

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.curriculum.grading.show import call, describe, show


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "None"),
        (0.1 + 0.2, "0.3"),
        (np.float32(0.5), "0.5"),
        (np.bool_(True), "True"),
        (np.datetime64("2024-01-01"), "'2024-01-01'"),
        (np.array(2.0), "2.0"),
        (np.array([1.0, np.nan]), "[1.0, nan]"),
        (np.arange(4), "[0, 1, 2, … 4 values]"),
        (np.zeros((4, 1)), "[[0.0], [0.0], [0.0], … 4 rows]"),
        (np.array([]), "[]"),
        (np.zeros((0, 2)), "an empty array of shape (0, 2)"),
        ((1,), "(1,)"),
        ((1, "a"), "(1, 'a')"),
        ({"a": [1], 2: None}, "{'a': [1], 2: None}"),
        ({i: i for i in range(4)}, "{0: 0, 1: 1, 2: 2, … 4 values}"),
        ("x" * 200, "'" + "x" * 120 + "…'"),
        (pd.Series([1, 2]), "Series([1, 2])"),
        (pd.DataFrame({"a": [1], "b": ["x"]}), "DataFrame({'a': [1], 'b': ['x']})"),
        (pd.Timestamp("2024-01-01"), "Timestamp('2024-01-01 00:00:00')"),
    ],
)
def test_show(value, shown):
    assert show(value, most=3) == shown


@pytest.mark.parametrize(
    ("value", "described"),
    [
        ((1,), "a tuple of 1 value"),
        ({"a": 1, "b": 2}, "a dict of 2 keys"),
        ("text", "the str 'text'"),
        (np.float64(1.5), "the float64 1.5"),
        (pd.Series([1]), "a Series of shape (1,)"),
        (object(), "an object"),
    ],
)
def test_describe(value, described):
    assert describe(value) == described


def test_a_call_is_shown_as_one_would_type_it():
    assert call("f", {"x": np.array([1]), "k": 2}) == "f(x=[1], k=2)"
