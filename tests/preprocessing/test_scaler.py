"""StandardScaler: the contract, constant columns, missing values, batches."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import StandardScaler as Peer
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlsd_kit.preprocessing import StandardScaler


@parametrize_with_checks([StandardScaler(), StandardScaler(with_std=False)])
def test_contract(estimator: object, check: object) -> None:
    check(estimator)  # type: ignore[operator]


@settings(deadline=None, max_examples=50)
@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 30), st.integers(1, 4)),
        elements=st.one_of(st.floats(-1e3, 1e3), st.just(np.nan)),
    ),
    st.booleans(),
    st.booleans(),
)
def test_agrees_with_the_peer(X: np.ndarray, with_mean: bool, with_std: bool) -> None:
    ours = StandardScaler(with_mean=with_mean, with_std=with_std)
    peer = Peer(with_mean=with_mean, with_std=with_std)
    got = ours.fit_transform(X)
    with np.errstate(invalid="ignore"):
        expected = peer.fit_transform(X)
    seen = ~np.isnan(X).all(axis=0)  # the peer leaves columns without any value undefined
    np.testing.assert_array_equal(ours.n_samples_seen_, peer.n_samples_seen_)
    np.testing.assert_allclose(got[:, seen], expected[:, seen], rtol=1e-7, atol=1e-6)
    np.testing.assert_allclose(ours.inverse_transform(got)[:, seen], X[:, seen], atol=1e-6)


def test_agrees_with_the_textbook_form() -> None:
    X = np.random.default_rng(0).normal(5, 3, (40_000, 3))  # more than one block
    np.testing.assert_allclose(
        StandardScaler().fit_transform(X), (X - X.mean(axis=0)) / X.std(axis=0), atol=1e-12
    )


def test_far_from_the_origin_keeps_its_digits() -> None:
    X = np.random.default_rng(0).normal(0, 1, (20_000, 1))
    far = StandardScaler().fit(X + 1e8)
    np.testing.assert_allclose(far.scale_, X.std(axis=0), rtol=1e-7)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e-300, 123456.789, 1e15])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_constant_column_is_only_centred(value: float, dtype: type) -> None:
    X = np.full((1_000, 1), value, dtype=dtype)
    scaler = StandardScaler().fit(X)
    assert scaler.scale_.tolist() == [1.0]
    np.testing.assert_allclose(scaler.transform(X), 0, atol=value * 1e-6)


def test_nearly_constant_column_is_constant() -> None:
    X = np.full((100, 1), 1e10)
    X[0] = np.nextafter(1e10, 2e10)
    assert StandardScaler().fit(X).scale_.tolist() == Peer().fit(X).scale_.tolist() == [1.0]


def test_integers_are_not_truncated_and_input_is_not_written() -> None:
    X = np.array([[1, 2], [3, 5]])
    before = X.copy()
    for copy in (True, False):
        out = StandardScaler(copy=copy).fit_transform(X)
        assert out.dtype == np.float64
        np.testing.assert_array_equal(out, [[-1, -1], [1, 1]])
    np.testing.assert_array_equal(X, before)
    floats = np.array([[1.0], [3.0]])
    floats.setflags(write=False)
    np.testing.assert_array_equal(StandardScaler().fit_transform(floats), [[-1], [1]])
    scaler = StandardScaler().fit(floats)
    np.testing.assert_array_equal(scaler.inverse_transform(np.array([[-1], [1]])), [[1], [3]])


def test_copy_false_writes_in_place() -> None:
    X = np.array([[1.0], [3.0]])
    out = StandardScaler(copy=False).fit_transform(X)
    assert np.shares_memory(out, X)


def test_batches_give_what_one_fit_gives() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(1e4, 2, (500, 3))
    X[rng.random(X.shape) < 0.1] = np.nan
    X[:100, 2] = np.nan
    batches = StandardScaler()
    for part in np.array_split(X, 7):
        batches.partial_fit(part)
    whole = StandardScaler().fit(X)
    np.testing.assert_allclose(batches.mean_, whole.mean_, rtol=1e-13)
    np.testing.assert_allclose(batches.var_, whole.var_, rtol=1e-10)
    np.testing.assert_array_equal(batches.n_samples_seen_, whole.n_samples_seen_)
    whole.fit(X[:50])
    assert whole.n_samples_seen_.tolist() == (~np.isnan(X[:50])).sum(axis=0).tolist()


def test_missing_values_pass_through_and_infinity_does_not() -> None:
    out = StandardScaler().fit_transform([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan]])
    np.testing.assert_array_equal(out[:, 0], [-1, 1, np.nan])
    assert np.isnan(out[:, 1]).all()
    with pytest.raises(ValueError, match="infinity"):
        StandardScaler().fit([[1.0], [np.inf]])


def test_neither_mean_nor_std() -> None:
    scaler = StandardScaler(with_mean=False, with_std=False).fit([[1.0], [3.0]])
    assert scaler.mean_ is scaler.var_ is scaler.scale_ is None
    np.testing.assert_array_equal(scaler.transform([[2.0]]), [[2.0]])
    np.testing.assert_array_equal(scaler.inverse_transform([[2.0]]), [[2.0]])


def test_names_are_kept() -> None:
    frame = pd.DataFrame({"b": [1, 2], "a": [3.0, 5.0]})
    out = StandardScaler().set_output(transform="pandas").fit_transform(frame)
    assert list(out.columns) == ["b", "a"]
    with pytest.raises(TypeError, match="sample_weight"):
        StandardScaler().fit(frame, sample_weight=[1, 1])  # type: ignore[call-arg]
