"""`same`: type, then shape, then value; alike things pass, differences are named."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mlsd_kit.curriculum.grading import Wrong, require, same
from mlsd_kit.curriculum.grading.compare import equal
from mlsd_kit.curriculum.grading.wire import Foreign

DAY = pd.Timestamp("2024-02-29")
TABLE = pd.DataFrame({"a": [1, 2], "b": ["x", None], "day": [DAY, pd.NaT]})


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        ([1, 2], np.array([1.0, 2.0])),
        ((1, 2), [1, 2]),
        (pd.Series([1, 2], index=[5, 6]), [1, 2]),
        (np.array(3.0), 3),
        (np.int64(3), 3.0),
        (True, 1),
        (math.nan, math.nan),
        ([1.0, math.nan], np.array([1.0, math.nan])),
        ([math.inf, -math.inf], [math.inf, -math.inf]),
        (1 + 1e-12, 1),
        (1e-13, 0),
        ("a", "a"),
        (np.array(["a", "b"]), ["a", "b"]),
        ([None, "a"], [None, "a"]),
        ({"a": [1], "b": None}, {"b": None, "a": np.array([1])}),
        (([1, 2], [[3.0]]), (np.array([1, 2]), np.array([[3]]))),
        ([np.array([1]), np.array([2, 3])], [[1], [2, 3]]),
        ([], np.array([])),
        (np.zeros((0, 2)), np.zeros((0, 2))),
        (TABLE, TABLE.copy()),
        (TABLE.set_axis([7, 8], axis=0), TABLE),
        (None, None),
        (np.datetime64("2024-01-01"), np.datetime64("2024-01-01")),
        (DAY, DAY),
        (10**30, 10**30),
    ],
)
def test_alike(got, expected):
    same(got, expected)


@pytest.mark.parametrize(
    ("got", "expected", "sentence"),
    [
        (None, [1, 2, 3, 4], "expected an array of 4 values, got None: did you forget to return?"),
        (None, 1.5, "expected a number, got None: did you forget to return?"),
        (None, "a", "expected a text, got None"),
        (3, None, "expected None, got the int 3"),
        ("1", 1, "expected 1, got '1'"),
        ([1], 1, "expected a number, got a list of 1 value"),
        (1, [1], "expected an array of 1 value, got the int 1"),
        (np.zeros((2, 3)), np.zeros((3, 2)), "got shape (2, 3): is it transposed?"),
        ([1, 2], [1, 2, 3], "expected an array of 3 values, got shape (2,)"),
        ([1, 0, 0], [1, 2, 0], "expected 2 at [1], got 0"),
        ([[1, 2], [0, 0]], [[1, 2], [3, 4]], "expected 3 at [1, 0], got 0 (2 of 4 differ)"),
        (math.nan, 1.0, "expected 1.0, got nan"),
        (1.0, math.nan, "expected nan, got 1.0"),
        (math.inf, 1e308, "got inf"),
        ([1, math.nan], [1, 2], "expected 2 at [1], got nan"),
        (["a", "c"], ["a", "b"], "expected 'b' at [1], got 'c'"),
        ([[1], [2, 3]], [1, 2], "got a ragged list"),
        ({"a": 1}, {"a": 1, "b": 2}, "expected the key 'b', got the keys ['a']"),
        ({"a": 1, "c": 0}, {"a": 1}, "expected no key 'c'"),
        ({"a": 2}, {"a": 1}, "expected 1 at ['a'], got 2"),
        ([1], {"a": 1}, "expected a dict with the keys ['a'], got a list of 1 value"),
        (([1, 2], [4]), ([1, 2], [3]), "expected 3 at [0] at [1], got 4"),
        (([1],), (np.array([1]), np.array([2, 3])), "expected 2 values, got 1"),
        (5, (np.array([1]), np.array([2, 3])), "expected a tuple of 2 values, got the int 5"),
        (Foreign("set"), [1, 2], "expected an array of 2 values, got a set"),
        (Foreign("object"), 2, "expected a number, got an object"),
        (Foreign("object"), None, "expected None, got an object"),
        ([1], TABLE, "expected a DataFrame of shape (2, 3), got a list of 1 value"),
        (TABLE[["b", "a", "day"]], TABLE, "expected the columns ['a', 'b', 'day']"),
        (TABLE[:1], TABLE, "expected 2 rows, got 1"),
        (TABLE.assign(b=["x", "y"]), TABLE, "expected nan at [1] in column 'b', got 'y'"),
        (TABLE.assign(a=[1, 5]), TABLE, "expected 2 at [1] in column 'a', got 5"),
        (1.1, 1, "expected 1, got 1.1"),
        (np.array([True, False]), np.array(["a", "b"]), "expected 'a' at [0], got True"),
    ],
)
def test_different(got, expected, sentence):
    with pytest.raises(Wrong) as wrong:
        same(got, expected)
    assert sentence in str(wrong.value)


def test_what_is_compared_stands_first():
    with pytest.raises(Wrong, match=r"^labels: expected 1, got 0$"):
        same(0, 1, what="labels")


def test_order_can_be_left_open():
    same([3, 1, 2], [1, 2, 3], order=False)
    same([[2, 1], [0, 5]], [[0, 5], [2, 1]], order=False)
    same(["b", None, "a"], ["a", "b", None], order=False)
    same(TABLE[::-1], TABLE, order=False)
    with pytest.raises(Wrong, match="once both are sorted"):
        same([3, 1, 1], [1, 2, 3], order=False)


def test_signs_can_be_left_open():
    components = np.array([[1.0, 2.0], [-3.0, 4.0]])
    flipped = components * [[-1], [1]]
    same(flipped, components, up_to_sign=True)
    same(components * [1, -1], components, up_to_sign="columns")
    same(-components[0], components[0], up_to_sign=True)
    with pytest.raises(Wrong):
        same(flipped, components, up_to_sign="columns")
    with pytest.raises(Wrong):
        same(np.abs(components), components, up_to_sign=True)
    with pytest.raises(Wrong):
        same(flipped, components)


def test_exact_type_asks_for_type_dtype_and_index():
    same(np.array([1.0]), np.array([2.0]), exact_type=True, rel=1)
    with pytest.raises(Wrong, match="expected an array of shape"):
        same([1.0], np.array([1.0]), exact_type=True)
    with pytest.raises(Wrong, match="expected the dtype int64"):
        same(np.array([1.0]), np.array([1]), exact_type=True)
    with pytest.raises(Wrong, match="expected the index"):
        same(TABLE.set_axis([7, 8], axis=0), TABLE, exact_type=True)


def test_tolerances_are_the_ones_given():
    same(1.01, 1.0, rel=0.02)
    same([0.01], [0.0], abs=0.02)
    with pytest.raises(Wrong):
        same(1.01, 1.0, rel=0.005)


def test_require():
    require(True, "never said")
    with pytest.raises(Wrong, match="the sentence"):
        require(np.bool_(False), "the sentence")


@settings(deadline=None, max_examples=50)
@given(arrays(float, st.integers(0, 6), elements=st.floats(-1e6, 1e6)), st.floats(1e-6, 1e3))
def test_agrees_with_isclose(values, shift):
    moved = values + shift
    close = np.abs(moved - values) <= np.maximum(1e-9 * np.abs(values), 1e-12)
    assert equal(moved, values) == bool(close.all())
    assert equal(values, values.tolist())
