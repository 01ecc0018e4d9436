"""train_test_split gives scikit-learn's very split; train_val_test_split never leaks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn.model_selection as peer
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.model_selection import train_test_split, train_val_test_split

PROPERTY = settings(deadline=None, max_examples=40)

SIZES = st.none() | st.floats(0.05, 0.95) | st.integers(1, 30)


@PROPERTY
@given(n=st.integers(2, 60), test=SIZES, train=SIZES, seed=st.integers(0, 9),
       shuffle=st.booleans())  # fmt: skip
def test_plain_split_is_scikit_learns(n, test, train, seed, shuffle):
    options = {"test_size": test, "train_size": train, "random_state": seed, "shuffle": shuffle}
    try:
        expected = peer.train_test_split(np.arange(n), **options)
    except ValueError:
        with pytest.raises(ValueError, match=r"test_size|train_size"):
            train_test_split(np.arange(n), **options)
        return
    for part, peer_part in zip(train_test_split(np.arange(n), **options), expected, strict=True):
        np.testing.assert_array_equal(part, peer_part)


@PROPERTY
@given(
    y=st.lists(st.sampled_from(["a", "b", "c"]), min_size=4, max_size=60),
    size=st.floats(0.1, 0.9),
    seed=st.integers(0, 9),
)
def test_stratified_split_is_scikit_learns(y, size, seed):
    rows = np.arange(len(y))
    options = {"test_size": size, "random_state": seed, "stratify": y}
    try:
        expected = peer.train_test_split(rows, **options)
    except ValueError:
        with pytest.raises(ValueError, match=r"stratify|train_size"):
            train_test_split(rows, **options)
        return
    for part, peer_part in zip(train_test_split(rows, **options), expected, strict=True):
        np.testing.assert_array_equal(part, peer_part)


def test_split_by_several_labels_a_row_is_scikit_learns():
    labels = np.array([[i % 2, i % 3] for i in range(60)])
    options = {"random_state": 0, "stratify": labels}
    for part, peer_part in zip(
        train_test_split(labels, **options), peer.train_test_split(labels, **options), strict=True
    ):
        np.testing.assert_array_equal(part, peer_part)


def test_every_kind_of_container_comes_back_as_its_own_kind():
    frame = pd.DataFrame({"x": range(8)}, index=list("abcdefgh"))
    parts = train_test_split(frame, frame["x"], list(range(8)), sp.csr_array(np.eye(8)),
                             random_state=0)  # fmt: skip
    assert [type(part) for part in parts[::2]] == [
        pd.DataFrame, pd.Series, list, sp.csr_array]  # fmt: skip
    assert parts[0]["x"].tolist() == parts[2].tolist() == parts[4]
    assert parts[0].index.tolist() == ["abcdefgh"[i] for i in parts[4]]


@pytest.mark.parametrize("split", [train_test_split, train_val_test_split])
def test_nothing_to_split(split):
    with pytest.raises(ValueError, match="At least one array"):
        split()
    with pytest.raises(ValueError, match="inconsistent"):
        split([1, 2, 3], [1, 2])
    with pytest.raises(TypeError):
        split([1, 2, 3], seed=0)


@pytest.mark.parametrize("size", [0, 0.0, 1.0, 4, -1, "half", True, np.nan])
def test_impossible_sizes_name_the_argument(size):
    with pytest.raises(ValueError, match=r"^test_size="):
        train_test_split([1, 2, 3, 4], test_size=size)
    with pytest.raises(ValueError, match=r"^val_size="):
        train_val_test_split([1, 2, 3, 4], val_size=size)


def test_sizes_that_leave_nothing_to_train_on():
    with pytest.raises(ValueError, match="leave no row of 10 to train on"):
        train_val_test_split(range(10), val_size=0.5, test_size=5)


def test_stratify_needs_shuffle_and_one_label_a_row():
    with pytest.raises(ValueError, match="shuffle=True"):
        train_test_split([1, 2, 3, 4], shuffle=False, stratify=[0, 0, 1, 1])
    with pytest.raises(ValueError, match="one label a row"):
        train_test_split([1, 2, 3, 4], stratify=[0, 0, 1])


@PROPERTY
@given(
    n=st.integers(5, 80),
    val=st.floats(0.1, 0.4) | st.integers(1, 2),
    test=st.floats(0.1, 0.4) | st.integers(1, 2),
    seed=st.integers(0, 5),
)
def test_three_parts_are_disjoint_complete_and_as_large_as_asked(n, val, test, seed):
    def split():
        return train_val_test_split(np.arange(n), val_size=val, test_size=test, random_state=seed)

    n_val, n_test = (int(np.ceil(s * n)) if isinstance(s, float) else s for s in (val, test))
    if n_val + n_test >= n:
        with pytest.raises(ValueError, match="leave no row"):
            split()
        return
    parts = split()
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(n))
    assert [len(part) for part in parts] == [n - n_val - n_test, n_val, n_test]
    for part, again in zip(parts, split(), strict=True):
        np.testing.assert_array_equal(part, again)


def test_the_test_part_is_the_one_train_test_split_draws():
    _, _, test = train_val_test_split(np.arange(50), test_size=0.3, random_state=0)
    np.testing.assert_array_equal(
        test, peer.train_test_split(np.arange(50), test_size=0.3, random_state=0)[1]
    )


def test_stratified_parts_keep_every_class_share():
    y = np.array(["rare"] * 10 + ["some"] * 40 + ["most"] * 150)
    for part in train_val_test_split(y, stratify=y, random_state=0):
        shares = [(part == label).mean() for label in ("rare", "some", "most")]
        np.testing.assert_allclose(shares, [0.05, 0.2, 0.75], atol=0.005)


@PROPERTY
@given(
    groups=st.lists(st.integers(0, 12), min_size=5, max_size=80), seed=st.integers(0, 5),
    test=st.floats(0.05, 0.4),
)  # fmt: skip
def test_no_group_is_in_two_parts_and_no_part_is_empty(groups, seed, test):
    options = {"groups": groups, "random_state": seed, "test_size": test}
    if len(set(groups)) < 3:
        with pytest.raises(ValueError, match="at least 3"):
            train_val_test_split(groups, **options)
        return
    parts = train_val_test_split(groups, **options)
    assert sorted(parts[0] + parts[1] + parts[2]) == sorted(groups) and all(parts)
    train, val, held_out = map(set, parts)
    assert not (train & val or train & held_out or val & held_out)


def test_group_parts_meet_their_sizes_as_nearly_as_groups_allow():
    groups = np.repeat(np.arange(300), 5)
    train, val, test = train_val_test_split(groups, groups=groups, random_state=0)
    assert [len(train), len(val), len(test)] == [900, 300, 300]
    assert (np.diff(train) >= 0).all()  # input order


@PROPERTY
@given(days=st.lists(st.integers(0, 40), min_size=6, max_size=80))
def test_the_past_trains_and_the_future_tests(days):
    try:
        train, val, test = train_val_test_split(days, time=days)
    except ValueError as error:
        assert "too few different instants" in str(error)
        return
    assert sorted(days) == train + val + test  # complete, and in time order
    assert train[-1] < val[0] and val[-1] < test[0]  # no instant on both sides
    assert len(test) >= np.ceil(0.2 * len(days))


@pytest.mark.parametrize("kind", ["datetime64[ns]", "datetime64[us, UTC]", "object", "float32"])
def test_time_of_any_kind(kind):
    days = pd.Series(pd.to_datetime([f"2024-01-{d:02}" for d in (5, 3, 1, 4, 2)]))
    if kind == "float32":
        time = days.dt.day.astype(kind)
    else:
        time = days.dt.tz_localize("UTC") if "UTC" in kind else days.astype(kind)
    assert train_val_test_split(list("ecadb"), time=time) == [["a", "b", "c"], ["d"], ["e"]]
    if kind != "datetime64[us, UTC]":  # NumPy has no time zones
        assert train_val_test_split(list("ecadb"), time=time.to_numpy())[0] == ["a", "b", "c"]


def test_time_too_coarse():
    with pytest.raises(ValueError, match="too few different instants"):
        train_val_test_split(range(10), time=[1] * 9 + [2])


@pytest.mark.parametrize("wrap", [list, np.array, pd.Series])
def test_time_as_text_is_refused(wrap):
    with pytest.raises(ValueError, match="parse it by"):
        train_val_test_split(range(5), time=wrap([f"{d}/1/2024" for d in range(8, 13)]))


def test_keys_as_one_column_of_a_frame_and_as_ordered_categories():
    months = pd.Categorical(["Jan", "Feb", "Mar"], ["Jan", "Feb", "Mar"], ordered=True)
    days = pd.DataFrame({"day": [3, 1, 2]})
    options = {"val_size": 1, "test_size": 1}
    assert train_val_test_split([0, 1, 2], time=days, **options) == [[1], [2], [0]]
    assert train_val_test_split([0, 1, 2], time=pd.Series(months), **options) == [[0], [1], [2]]
    mixed = train_val_test_split(range(6), groups=["a", 1, "a", 2, 1, "b"], random_state=0)
    assert sorted(mixed[0] + mixed[1] + mixed[2]) == list(range(6))


@pytest.mark.parametrize("name", ["time", "groups", "stratify"])
@pytest.mark.parametrize("bad", [[1.0, np.nan, 2.0, 3.0, 4.0], [None, "a", "b", "c", "d"]])
def test_missing_keys_are_named(name, bad):
    with pytest.raises(ValueError, match=f"^{name} has missing values"):
        train_val_test_split(range(5), **{name: bad})


@pytest.mark.parametrize("name", ["time", "groups", "stratify"])
def test_one_key_a_row(name):
    with pytest.raises(ValueError, match=f"^{name} has 3"):
        train_val_test_split(range(5), **{name: [1, 2, 3]})


def test_two_keys_are_refused():
    with pytest.raises(ValueError, match=r"^groups and time cannot be combined"):
        train_val_test_split(range(6), groups=range(6), time=range(6))


def test_callers_data_is_not_written():
    y = np.array([0, 1] * 10)
    y.flags.writeable = False
    train_val_test_split(y, stratify=y, random_state=0)
    train_val_test_split(y, groups=np.arange(20) // 2, random_state=0)
    train_val_test_split(y, time=np.arange(20))
