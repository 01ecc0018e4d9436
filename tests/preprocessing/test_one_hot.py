"""OneHotEncoder: the contract, the edges, and agreement with scikit-learn's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.preprocessing import OneHotEncoder as Peer
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlsd_kit.preprocessing import OneHotEncoder
from mlsd_kit.preprocessing.categories import BLOCK, distinct, encode, lookup


@parametrize_with_checks([OneHotEncoder(), OneHotEncoder(drop="first", sparse_output=False)])
def test_contract(estimator: object, check: object) -> None:
    check(estimator)  # type: ignore[operator]


def textbook(column: list, categories: list) -> np.ndarray:
    out = np.zeros((len(column), len(categories)))
    for i, value in enumerate(column):
        out[i, categories.index(value)] = 1
    return out


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.sampled_from("abc")), min_size=1, max_size=30),
    st.sampled_from([None, "first", "if_binary"]),
    st.booleans(),
)
def test_agrees_with_the_peer(rows: list, drop: str | None, sparse_output: bool) -> None:
    frame = pd.DataFrame(rows, columns=["number", "letter"])
    ours = OneHotEncoder(drop=drop, sparse_output=sparse_output)
    peer = Peer(drop=drop, sparse_output=sparse_output)
    got, expected = ours.fit_transform(frame), peer.fit_transform(frame)
    assert type(got) is type(expected)
    if sparse_output:
        assert got.has_canonical_format or got.shape[1] == 0
        got, expected = got.toarray(), expected.toarray()
    np.testing.assert_array_equal(got, expected)
    again = ours.fit(frame).transform(frame)
    np.testing.assert_array_equal(again.toarray() if sparse_output else again, got)
    assert list(ours.get_feature_names_out()) == list(peer.get_feature_names_out())
    np.testing.assert_array_equal(ours.inverse_transform(got), frame.to_numpy(dtype=object))


def test_agrees_with_the_textbook_form() -> None:
    column = ["b", "a", "c", "a"]
    got = OneHotEncoder(sparse_output=False).fit_transform([[v] for v in column])
    np.testing.assert_array_equal(got, textbook(column, ["a", "b", "c"]))


@pytest.mark.parametrize(
    "column",
    [
        np.array([-128, 127, 0, -128], dtype=np.int8),
        np.array([255, 0, 3], dtype=np.uint8),
        np.array([2**64 - 1, 2**64 - 2, 2**64 - 1], dtype=np.uint64),
        np.array([2**63 - 1, 2**63 + 1, 2**63], dtype=np.uint64),
        np.array([-(2**63), 2**63 - 1, 0]),
        np.array([2**53, 2**53 + 1]),
        np.array([True, False, True]),
        np.array([0.5, -0.0, 0.0, np.inf, np.nan, np.nan])[[0, 1, 2, 4, 5]],
        np.array([0.5, 1.5], dtype=np.float32),
        np.array(["b", "a", "long name"]),
        np.array([b"b", b"a"]),
        np.array(["b", None, "a", np.nan, "b"], dtype=object),
        np.array([3, 1, None], dtype=object),
    ],
    ids=lambda column: f"{column.dtype}-{column[0]}",
)
def test_every_kind_of_column(column: np.ndarray) -> None:
    X = column[:, None]
    ours, peer = OneHotEncoder(), Peer()
    expected = peer.fit_transform(X).toarray()
    np.testing.assert_array_equal(ours.fit_transform(X).toarray(), expected)
    np.testing.assert_array_equal(ours.fit(X).transform(X).toarray(), expected)
    assert ours.categories_[0].dtype == peer.categories_[0].dtype
    pd.testing.assert_index_equal(pd.Index(ours.categories_[0]), pd.Index(peer.categories_[0]))


def test_columns_longer_than_a_block() -> None:
    rng = np.random.default_rng(0)
    numbers = rng.integers(0, 10, BLOCK + 7)
    for column in (numbers, numbers * 10**9, numbers.astype(float), numbers.astype(str)):
        categories, codes = encode(column)
        expected, inverse = np.unique(column, return_inverse=True)
        np.testing.assert_array_equal(categories, expected)
        np.testing.assert_array_equal(codes, inverse)
        np.testing.assert_array_equal(distinct(column), expected)
        places = np.arange(len(expected) + 1)
        np.testing.assert_array_equal(lookup(column, expected, places), inverse)
    objects = numbers.astype(object)
    objects[-3:] = [None, np.nan, None]
    categories, codes = encode(objects)
    assert categories[-2] is None
    assert np.isnan(categories[-1])
    assert codes[-3:].tolist() == [10, 11, 10]


def test_unknown_categories() -> None:
    X, new = np.array([[1, 5], [2, 6]]), np.array([[1, 7], [-(2**62), 6]])
    with pytest.raises(
        ValueError, match=r"unknown categories \[-4611686018427387904\] in column 0"
    ):
        OneHotEncoder().fit(X).transform(new)
    encoder = OneHotEncoder(handle_unknown="ignore").fit(X)
    np.testing.assert_array_equal(encoder.transform(new).toarray(), [[1, 0, 0, 0], [0, 0, 0, 1]])
    back = encoder.inverse_transform(encoder.transform(new))
    assert back.tolist() == [[1, None], [None, 6]]
    with pytest.warns(UserWarning, match=r"columns \[0, 1\].*all zeros"):
        OneHotEncoder(handle_unknown="ignore", drop="first").fit(X).transform(new)


def test_unknown_missing_value_is_an_unknown_category() -> None:
    encoder = OneHotEncoder(handle_unknown="ignore").fit([["a"], ["b"]])
    assert encoder.transform(np.array([[None], [np.nan]], dtype=object)).nnz == 0
    numbers = OneHotEncoder(handle_unknown="ignore").fit([[1.0], [2.0]])
    assert numbers.transform([[np.nan], [1.0]]).toarray().tolist() == [[0, 0], [1, 0]]


def test_missing_is_a_category_with_a_name() -> None:
    frame = pd.DataFrame({"plan": ["a", None, "b"], "age": [1.0, np.nan, 1.0]})
    encoder = OneHotEncoder(sparse_output=False).set_output(transform="pandas")
    out = encoder.fit_transform(frame)
    assert list(out.columns) == ["plan_a", "plan_b", "plan_nan", "age_1.0", "age_nan"]
    assert out.loc[1].tolist() == [0, 0, 1, 0, 1]
    with pytest.raises(ValueError, match="Set sparse_output=False"):
        OneHotEncoder().set_output(transform="pandas").fit(frame).transform(frame)
    with pytest.raises(ValueError, match="Set sparse_output=False"):
        OneHotEncoder().set_output(transform="pandas").fit_transform(frame)


def test_order_names_and_input_are_kept() -> None:
    frame = pd.DataFrame({"z": ["y", "n"], "a": [3, 1]})
    before = frame.copy(deep=True)
    encoder = OneHotEncoder().fit(frame)
    assert encoder.get_feature_names_out().tolist() == ["z_n", "z_y", "a_1", "a_3"]
    pd.testing.assert_frame_equal(frame, before)
    with pytest.raises(ValueError, match="feature names"):
        encoder.transform(frame[["a", "z"]])
    named = OneHotEncoder(feature_name_combiner=lambda f, c: f"{f}={c}").fit(frame)
    assert named.get_feature_names_out()[0] == "z=n"
    with pytest.raises(TypeError, match="Python string"):
        OneHotEncoder(feature_name_combiner=lambda f, c: 1).fit(frame).get_feature_names_out()


def test_read_only_and_strided_input() -> None:
    X = np.arange(12).reshape(6, 2)[::2]
    X.setflags(write=False)
    np.testing.assert_array_equal(
        OneHotEncoder().fit_transform(X).toarray(), Peer().fit_transform(X).toarray()
    )


def test_given_categories() -> None:
    encoder = OneHotEncoder(categories=[["low", "high"]], sparse_output=False)
    np.testing.assert_array_equal(encoder.fit_transform([["high"], ["low"]]), [[0, 1], [1, 0]])
    for categories, message in [
        ([[2, 1]], "Unsorted categories"),
        ([[1, 1]], "duplicate"),
        ([[]], "is empty"),
        ([[1], [2]], "Shape mismatch"),
        ([[np.nan, 1.0]], "last element"),
        ([[1.0]], "unknown categories"),
    ]:
        with pytest.raises(ValueError, match=message):
            OneHotEncoder(categories=categories).fit([[1.0], [2.0]])
    with pytest.raises(ValueError, match="type 'bytes'"):
        OneHotEncoder(categories=[np.array([b"a"], dtype=object)]).fit([["a"]])


def test_drop_by_name() -> None:
    X = np.array([["a", 1.0], ["b", np.nan]], dtype=object)
    encoder = OneHotEncoder(drop=["b", np.nan], sparse_output=False)
    np.testing.assert_array_equal(encoder.fit_transform(X), [[1, 1], [0, 0]])
    back = encoder.inverse_transform([[1, 1], [0, 0]])
    assert back[0].tolist() == ["a", 1.0]
    assert back[1, 0] == "b"
    assert np.isnan(back[1, 1])
    for drop, message in [(["b"], "length equal"), (["z", np.nan], "Category: z, Feature: 0")]:
        with pytest.raises(ValueError, match=message):
            OneHotEncoder(drop=drop).fit(X)
    with pytest.raises(ValueError, match="Category: nan, Feature: 0"):
        OneHotEncoder(drop=[np.nan]).fit([["a"]])


def test_inverse_refuses_what_it_cannot_mean() -> None:
    encoder = OneHotEncoder().fit([["a"], ["b"]])
    with pytest.raises(ValueError, match="Expected 2 columns, got 3"):
        encoder.inverse_transform([[1, 0, 0]])
    with pytest.raises(ValueError, match="all zeros"):
        encoder.inverse_transform(sparse.csr_matrix([[0, 0]]))
    constant = OneHotEncoder(drop="first").fit([["a", "x"], ["a", "y"]])
    assert constant.inverse_transform(np.array([[1.0]])).tolist() == [["a", "y"]]


@pytest.mark.parametrize("sparse_interface", ["sparray", "spmatrix"])
def test_sparse_interface_of_the_configuration(sparse_interface: str) -> None:
    import sklearn

    if "sparse_interface" not in sklearn.get_config():
        pytest.skip("this scikit-learn has one sparse interface only")
    with sklearn.config_context(sparse_interface=sparse_interface):
        assert type(OneHotEncoder().fit_transform([[1]])) is type(Peer().fit_transform([[1]]))


def test_mixed_kinds_are_refused() -> None:
    X = np.array([["a"], [1]], dtype=object)
    for work in (OneHotEncoder().fit, OneHotEncoder().fit_transform):
        with pytest.raises(TypeError, match=r"uniformly strings or numbers.*'int', 'str'"):
            work(X)
    with pytest.raises(TypeError, match="uniformly"):
        OneHotEncoder().fit_transform(np.array([[{}], [{}]], dtype=object))


def test_empty_and_parameters_left_out() -> None:
    with pytest.raises(ValueError, match="0 sample"):
        OneHotEncoder().fit(np.empty((0, 2)))
    with pytest.raises(ValueError, match="0 feature"):
        OneHotEncoder().fit(pd.DataFrame(index=[0, 1]))
    with pytest.raises(TypeError, match="min_frequency"):
        OneHotEncoder(min_frequency=3)  # type: ignore[call-arg]
