"""SimpleImputer, KNNImputer and RegressionImputer."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import KNNImputer as PeerKNN
from sklearn.impute import SimpleImputer as PeerSimple
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlsd_kit.preprocessing import KNNImputer, RegressionImputer, SimpleImputer

ALL = [SimpleImputer, KNNImputer, RegressionImputer]
NAN = np.nan


@parametrize_with_checks(
    [
        SimpleImputer(),
        SimpleImputer(strategy="most_frequent", add_indicator=True),
        KNNImputer(),
        KNNImputer(weights="distance", keep_empty_features=True),
        RegressionImputer(),
    ]
)
def test_contract(estimator: object, check: object) -> None:
    check(estimator)  # type: ignore[operator]


def tables(low: int = -3, high: int = 3) -> st.SearchStrategy[np.ndarray]:
    return arrays(
        np.float64,
        st.tuples(st.integers(1, 20), st.integers(1, 4)),
        elements=st.one_of(st.integers(low, high).map(float), st.just(NAN)),
    )


@settings(deadline=None, max_examples=50)
@given(
    tables(),
    st.sampled_from(["mean", "median", "most_frequent", "constant"]),
    st.booleans(),
    st.booleans(),
)
def test_simple_agrees_with_the_peer(
    X: np.ndarray, strategy: str, add_indicator: bool, keep: bool
) -> None:
    options = dict(strategy=strategy, add_indicator=add_indicator, keep_empty_features=keep)
    before = X.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, peer = SimpleImputer(**options), PeerSimple(**options)
        np.testing.assert_allclose(ours.fit_transform(X), peer.fit_transform(X), atol=1e-12)
        np.testing.assert_allclose(
            ours.transform(np.nan_to_num(X)), peer.transform(np.nan_to_num(X)), atol=1e-12
        )
    assert list(ours.get_feature_names_out()) == list(peer.get_feature_names_out())
    np.testing.assert_array_equal(X, before)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.integers(1, 30), st.sampled_from(["uniform", "distance"]))
def test_knn_agrees_with_the_peer(seed: int, k: int, weights: str) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(25, 4)) * [1, 10, 100, 1]
    X[rng.random(X.shape) < 0.3] = NAN
    X[:, 0] = rng.normal(size=25)
    new = X[:7] + 0.1
    ours = KNNImputer(n_neighbors=k, weights=weights).fit(X)
    peer = PeerKNN(n_neighbors=k, weights=weights).fit(X)
    np.testing.assert_allclose(ours.transform(X), peer.transform(X), rtol=1e-6)
    np.testing.assert_allclose(ours.transform(new), peer.transform(new), rtol=1e-6)


def textbook_knn(X: np.ndarray, k: int) -> np.ndarray:
    out = X.copy()
    for i, j in zip(*np.where(np.isnan(X)), strict=True):
        ranked = []
        for row in range(len(X)):
            common = ~np.isnan(X[i]) & ~np.isnan(X[row])
            if not np.isnan(X[row, j]) and common.any():
                d2 = ((X[i] - X[row])[common] ** 2).sum() * X.shape[1] / common.sum()
                ranked.append((d2, row))
        rows = [row for _, row in sorted(ranked)[:k]]
        out[i, j] = X[rows, j].mean() if rows else np.nanmean(X[:, j])
    return out


@settings(deadline=None, max_examples=50)
@given(tables(-1, 1), st.integers(1, 4))
def test_knn_agrees_with_the_textbook_form_ties_included(X: np.ndarray, k: int) -> None:
    X = X[:, ~np.isnan(X).all(axis=0)]
    if X.shape[1]:
        got = KNNImputer(n_neighbors=k).fit_transform(X)
        np.testing.assert_allclose(got, textbook_knn(X, k), atol=1e-12)


def test_knn_keeps_its_digits_far_from_the_origin() -> None:
    X = np.array([[0.0, 1.0], [0.1, 2.0], [0.21, 3.0], [0.2, NAN]])
    far = np.add(X, [1e8, 0])
    assert KNNImputer(n_neighbors=1).fit_transform(far)[3, 1] == 3.0
    outlier = np.vstack([X, [1e8, 9.0]])
    assert KNNImputer(n_neighbors=1).fit_transform(outlier)[3, 1] == 3.0


def test_knn_distance_zero_counts_alone() -> None:
    X = [[1.0, 10.0], [1.0, 20.0], [1.5, 90.0], [1.0, NAN]]
    assert KNNImputer(n_neighbors=3, weights="distance").fit_transform(X)[3, 1] == 15.0


def test_knn_k_beyond_n_and_rows_that_share_nothing() -> None:
    X = np.array([[1.0, 10.0], [2.0, 20.0], [NAN, NAN]])
    out = KNNImputer(n_neighbors=100).fit_transform(X)
    np.testing.assert_allclose(out[2], [1.5, 15.0])


def test_knn_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 3))
    X[rng.random(X.shape) < 0.4] = NAN
    whole = KNNImputer().fit_transform(X)
    monkeypatch.setattr("mlsd_kit.preprocessing.knn_imputer._CELLS", 200)
    np.testing.assert_allclose(KNNImputer().fit_transform(X), whole, rtol=1e-12)


def test_regression_recovers_a_linear_relation_mean_does_not() -> None:
    rng = np.random.default_rng(0)
    full = rng.normal(size=(300, 3))
    full[:, 2] = 3 * full[:, 0] - 2 * full[:, 1] + 100
    X = full.copy()
    X[rng.random(X.shape) < 0.15] = NAN
    imputer = RegressionImputer(max_iter=100, tol=1e-8)
    got = imputer.fit_transform(X)
    one_missing = np.isnan(X).sum(axis=1) == 1
    np.testing.assert_allclose(got[one_missing], full[one_missing], atol=1e-4)
    mean = SimpleImputer().fit_transform(X)
    assert np.abs(got - full).mean() < 0.5 * np.abs(mean - full).mean()
    assert 1 < imputer.n_iter_ <= 100


def test_regression_one_pass_agrees_with_least_squares() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(50, 3)) @ rng.normal(size=(3, 3)) + 5
    X[:10, 1] = NAN
    got = RegressionImputer(max_iter=1).fit_transform(X)
    design = np.column_stack([np.ones(50), X[:, [0, 2]]])
    coef = np.linalg.lstsq(design[10:], X[10:, 1], rcond=None)[0]
    np.testing.assert_allclose(got[:10, 1], design[:10] @ coef)
    np.testing.assert_array_equal(got[10:], X[10:])


def test_regression_new_rows_and_columns_complete_in_fit() -> None:
    X = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    imputer = RegressionImputer().fit(X)
    np.testing.assert_allclose(imputer.transform([[5.0, NAN], [NAN, 2.0]]), [[5, 10], [1, 2]])
    np.testing.assert_allclose(imputer.transform([[NAN, NAN]]), [[2, 4]], atol=1e-9)


def test_regression_collinear_constant_and_single_columns() -> None:
    X = np.array([[1.0, 1.0, 7.0, 1.0], [2.0, 2.0, 7.0, NAN], [3.0, 3.0, 7.0, 3.0]])
    np.testing.assert_allclose(RegressionImputer().fit_transform(X)[1], [2, 2, 7, 2])
    np.testing.assert_allclose(RegressionImputer().fit_transform([[1.0], [NAN], [3.0]])[1], [2.0])


def test_regression_that_does_not_settle_says_so() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    X[rng.random(X.shape) < 0.4] = NAN
    with pytest.warns(ConvergenceWarning, match="increase max_iter"):
        RegressionImputer(max_iter=2, tol=0).fit(X)


@pytest.mark.parametrize("imputer", ALL)
def test_all_missing_column(imputer: type) -> None:
    X = pd.DataFrame({"a": [1.0, 2.0, 4.0], "none": [NAN] * 3, "b": [1.0, NAN, 4.0]})
    with pytest.warns(UserWarning, match=r"without any observed values: \['none'\]"):
        out = imputer().fit_transform(X)
    assert out.shape == (3, 2)
    kept = imputer(keep_empty_features=True).fit(X)
    assert kept.transform(X)[:, 1].tolist() == [0, 0, 0]
    assert kept.get_feature_names_out().tolist() == ["a", "none", "b"]
    with pytest.warns(UserWarning, match="without any"):
        named = imputer(add_indicator=True).set_output(transform="pandas").fit_transform(X)
    expected = ["a", "b", "missingindicator_none", "missingindicator_b"]
    assert list(named.columns) == expected
    assert named["missingindicator_b"].tolist() == [0, 1, 0]


@pytest.mark.parametrize("imputer", ALL)
def test_integers_float32_lists_and_read_only_input(imputer: type) -> None:
    train = np.array([[1, 10], [2, 20], [4, 45]])
    fitted = imputer().fit(train)
    assert fitted.transform([[2, NAN]]).dtype == np.float64
    assert fitted.transform([[1.5, NAN]])[0, 0] == 1.5
    X = np.array([[1, NAN], [2, 3], [4, 5]], dtype=np.float32)
    X.setflags(write=False)
    before = X.copy()
    assert imputer().fit_transform(X).dtype == np.float32
    np.testing.assert_array_equal(X, before)
    strided = np.asfortranarray(np.tile(X, (2, 2)))[::2]
    np.testing.assert_array_equal(
        imputer().fit_transform(strided), imputer().fit_transform(strided.copy())
    )


@pytest.mark.parametrize("imputer", ALL)
def test_bad_input_is_named(imputer: type) -> None:
    with pytest.raises(ValueError, match="infinity"):
        imputer().fit([[np.inf], [1.0]])
    with pytest.raises(ValueError, match="0 sample"):
        imputer().fit(np.empty((0, 2)))
    with pytest.raises(TypeError, match="missing_values"):
        imputer(missing_values=-1)


def test_simple_fills_texts() -> None:
    frame = pd.DataFrame({"plan": ["b", "a", None, "b", "a"], "city": [None] * 4 + ["Bern"]})
    common = SimpleImputer(strategy="most_frequent").fit(frame)
    assert common.statistics_.tolist() == ["a", "Bern"]  # the tie goes to the smallest
    assert common.transform(frame)[2].tolist() == ["a", "Bern"]
    constant = SimpleImputer(strategy="constant").fit_transform(frame)
    assert constant[2].tolist() == ["missing_value", "missing_value"]
    rows = [["x", 1], ["y", NAN]]
    filled = SimpleImputer(strategy="constant", fill_value="?").fit_transform(rows)
    assert filled[1].tolist() == ["y", "?"]
    with pytest.raises(ValueError, match=r"mean strategy with non-numeric data.*most_frequent"):
        SimpleImputer().fit(frame)
    with pytest.raises(ValueError, match="does not support data with dtype bool"):
        SimpleImputer(strategy="constant").fit(np.array([[True]]))


def test_simple_fill_value_must_fit_the_column() -> None:
    with pytest.raises(ValueError, match=r"fill_value='x'.*cannot be cast"):
        SimpleImputer(strategy="constant", fill_value="x").fit([[1.0]])
    with pytest.raises(ValueError, match=r"fill_value=0.5.*cannot be cast"):
        SimpleImputer(strategy="constant", fill_value=0.5).fit([[1]])
    kept = SimpleImputer(strategy="constant", fill_value=7.0, keep_empty_features=True)
    assert kept.fit_transform([[NAN, 1.0], [NAN, NAN]]).tolist() == [[7, 1], [7, 7]]


def test_simple_copy_false_writes_in_place() -> None:
    X = np.array([[1.0], [NAN]])
    out = SimpleImputer(copy=False).fit_transform(X)
    assert np.shares_memory(out, X)
    assert X[1, 0] == 1.0
