"""Both samples over one set of bins: quantiles, point masses, categories, missing values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.drift import bin_pair
from mlsd_kit.drift.bins import is_categorical, quantile_edges

INTEGERS = st.lists(st.integers(-5, 5), min_size=1, max_size=60)


@settings(deadline=None, max_examples=50)
@given(INTEGERS, INTEGERS, st.integers(2, 12))
def test_every_value_is_counted_once_and_where_its_label_says(reference, current, bins):
    pair = bin_pair(reference, current, bins=bins)
    assert pair.reference.sum() == len(reference)
    assert pair.current.sum() == len(current)
    edges = quantile_edges(np.array(reference, float), bins)
    assert np.all(np.diff(edges) > 0)
    slow = [
        sum(low < value <= high for value in current)
        for low, high in zip([-np.inf, *edges], [*edges, np.inf], strict=True)
    ]
    assert pair.current.tolist() == slow


def test_constant_reference_shows_a_move_to_either_side():
    pair = bin_pair([5.0] * 10, [4.0, 5.0, 6.0, 6.0])
    assert pair.labels == ["< 5", "= 5", "> 5"]
    assert pair.reference.tolist() == [0, 10, 0]
    assert pair.current.tolist() == [1, 1, 2]


def test_zero_inflated_column_gives_zero_its_own_bin():
    reference = [0.0] * 60 + list(range(1, 41))
    pair = bin_pair(reference, [-1.0, 0.0, 0.3])
    zero = pair.labels.index("= 0")
    assert pair.reference[zero] == 60
    assert pair.current[[zero - 1, zero, zero + 1]].tolist() == [1, 1, 1]


def test_point_mass_in_the_middle_and_interval_labels():
    pair = bin_pair([1, 2, 3, 5, 5, 5, 5, 5, 5, 7, 8, 9], [4, 5, 6], bins=4)
    assert pair.labels == ["≤ 4.5", "(4.5, 5)", "= 5", "(5, 5.5]", "> 5.5"]  # 5 is half of all
    assert pair.current.tolist() == [1, 0, 1, 0, 1]


def test_new_values_outside_the_reference_range_are_not_lost():
    pair = bin_pair(np.arange(100.0), [-1e9, 1e9], bins=5)
    assert pair.current.tolist() == [1, 0, 0, 0, 1]


def test_never_seen_and_vanished_categories():
    pair = bin_pair(["a", "b", "b"], ["c", "b"])
    assert pair == (["a", "b", "c"], pair.reference, pair.current)
    assert pair.reference.tolist() == [1, 2, 0]
    assert pair.current.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        ([1.0, 2.0, np.nan], [np.nan, np.nan, 1.0]),
        (["a", "b", None], [None, None, "a"]),
        (pd.Series([1, 2, None], dtype="Int64"), pd.Series([None, None, 1], dtype="Int64")),
        (pd.Series(["a", "b", None], dtype="category"), pd.Series([None, None, "a"])),
    ],
)
def test_missing_values_are_a_bin(reference, current):
    pair = bin_pair(reference, current)
    assert pair.labels[-1] == "missing"
    assert (pair.reference[-1], pair.current[-1]) == (1, 2)


def test_missing_bin_appears_only_where_something_is_missing():
    assert "missing" not in bin_pair(["a"], ["a"]).labels
    assert "missing" not in bin_pair([1.0], [2.0]).labels


def test_current_may_be_all_missing_but_reference_may_not():
    assert bin_pair(["a", "b"], [np.nan, None]).current.tolist() == [0, 0, 2]
    for reference in ([np.nan, np.nan], [None, None]):
        with pytest.raises(ValueError, match="reference holds only missing values"):
            bin_pair(reference, [1.0] if reference[0] is not None else ["a"])


def test_kinds_must_agree_unless_stated():
    with pytest.raises(ValueError, match="different kinds"):
        bin_pair([1, 2], ["1", "2"])
    assert bin_pair([1, 2], ["1", "x"], categorical=True).reference.sum() == 2


def test_numbers_counted_as_categories_when_asked():
    assert bin_pair([3, 3, 10], [10], categorical=True).labels == ["10", "3"]


def test_is_categorical():
    assert is_categorical(pd.Series([True, False]))
    assert is_categorical(np.array(["a"]))
    assert is_categorical(pd.Series([1, 2], dtype="category"))
    assert not is_categorical(pd.Series([1, None], dtype="Int64"))
    assert not is_categorical(np.float32([1]))


@pytest.mark.parametrize("bins", [1, 0, 2.5, True])
def test_bad_number_of_bins(bins):
    with pytest.raises(ValueError, match="bins must be an integer of at least 2"):
        bin_pair([1.0, 2.0], [1.0], bins=bins)


@pytest.mark.parametrize("empty_side", ["reference", "current"])
@pytest.mark.parametrize("filled", [[1.0], ["a"]])
def test_empty_input_names_the_side(empty_side, filled):
    sides = {"reference": filled, "current": filled, empty_side: []}
    with pytest.raises(ValueError, match=f"{empty_side} holds 0 values"):
        bin_pair(**sides, categorical=isinstance(filled[0], str))


def test_infinite_and_two_dimensional_inputs():
    with pytest.raises(ValueError, match="current holds infinite"):
        bin_pair([1.0], [np.inf])
    with pytest.raises(ValueError, match="reference must be one-dimensional"):
        bin_pair([[1.0, 2.0]], [1.0])
    with pytest.raises(ValueError, match="current must be one-dimensional"):
        bin_pair(["a"], [["a", "b"]])


def test_inputs_are_left_alone():
    values = np.array([3.0, 1.0, 2.0, np.nan])[::-1]
    values.flags.writeable = False
    copy = values.copy()
    bin_pair(values, values)
    np.testing.assert_array_equal(values, copy)
