"""PCA against the textbook SVD and scikit-learn's, and at its edges."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import decomposition as peer
from sklearn.datasets import load_wine
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlsd_kit import decomposition
from mlsd_kit.decomposition import PCA

SOLVERS = ["full", "covariance_eigh", "randomized"]


@parametrize_with_checks([PCA(), PCA(2, whiten=True, svd_solver="covariance_eigh")])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("shape", [(100, 30), (30, 100)])
def test_enough_steps_of_the_sketch_are_exact_though_its_blocks_do_not_divide_the_rank(shape):
    X = np.random.RandomState(0).normal(size=shape)
    full = PCA(10, svd_solver="full").fit(X)
    sketch = PCA(10, svd_solver="randomized", iterated_power=50, random_state=0).fit(X)
    assert np.allclose(sketch.explained_variance_, full.explained_variance_, rtol=1e-10)
    assert np.allclose(sketch.components_, full.components_, atol=1e-8)


@pytest.mark.parametrize("solver", SOLVERS)
def test_explained_variances_are_those_of_the_projections_also_where_the_sketch_is_rough(solver):
    X = np.random.RandomState(0).normal(size=(300, 200))
    model = PCA(3, svd_solver=solver, iterated_power=1, random_state=0)
    covariance = np.cov(model.fit_transform(X), rowvar=False)
    assert np.allclose(covariance, np.diag(model.explained_variance_), atol=1e-9)


def rows(n, d, seed=0, offset=0.0):
    random = np.random.RandomState(seed)
    return random.normal(size=(n, d)) * np.linspace(5, 1, d) + offset


@settings(deadline=None, max_examples=50)
@given(
    st.integers(0, 10**6),
    st.integers(2, 60),
    st.integers(1, 20),
    st.sampled_from(SOLVERS),
    st.booleans(),
)
def test_equals_scikit_learn_sign_included(seed, n, d, solver, whiten):
    X = rows(n, d, seed, offset=3.0)
    k = max(1, min(n, d) // 2)
    ours = PCA(k, svd_solver=solver, whiten=whiten, random_state=0).fit(X)
    theirs = peer.PCA(k, svd_solver="full", whiten=whiten).fit(X)
    assert np.allclose(ours.explained_variance_, theirs.explained_variance_, rtol=1e-6)
    gaps = np.diff(theirs.explained_variance_) / theirs.explained_variance_[0]
    if k == 1 or np.abs(gaps).min() > 1e-3:
        assert np.allclose(ours.components_, theirs.components_, atol=1e-4)
        assert np.allclose(ours.transform(X), theirs.transform(X), atol=1e-3)
    for name in ("explained_variance_ratio_", "singular_values_", "mean_"):
        assert np.allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-6), name


@pytest.mark.parametrize("solver", SOLVERS)
def test_equals_the_textbook_form(solver):
    X = rows(200, 8, offset=7.0)
    centred = X - X.mean(axis=0)
    singular, components = np.linalg.svd(centred, full_matrices=False)[1:]
    pca = PCA(4, svd_solver=solver, random_state=0).fit(X)
    assert np.allclose(pca.explained_variance_, singular[:4] ** 2 / 199)
    assert np.allclose(np.abs(np.sum(pca.components_ * components[:4], axis=1)), 1.0)
    assert np.allclose(np.abs(pca.transform(X)), np.abs(centred @ components[:4].T), atol=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
def test_centres_before_projecting(solver):
    X = rows(100, 5, offset=50.0)
    pca = PCA(2, svd_solver=solver, random_state=0).fit(X)
    projected = pca.transform(X)
    assert np.allclose(projected.mean(axis=0), 0.0, atol=1e-10)
    assert np.allclose(projected.var(axis=0, ddof=1), pca.explained_variance_)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("offset", [1e6, 1e8])
def test_data_far_from_the_origin_keeps_its_digits(solver, offset):
    X = rows(300, 6)
    near = PCA(3, svd_solver=solver, random_state=0).fit(X)
    far = PCA(3, svd_solver=solver, random_state=0).fit(X + offset)
    assert np.allclose(far.explained_variance_, near.explained_variance_, rtol=1e-6)
    assert np.allclose(far.components_, near.components_, atol=1e-5)


@pytest.mark.parametrize("solver", SOLVERS)
def test_float32_stays_float32_and_close(solver):
    X = rows(400, 6, offset=100.0)
    low = PCA(3, svd_solver=solver, random_state=0).fit(X.astype(np.float32))
    want = PCA(3, svd_solver="full").fit(X)
    assert low.components_.dtype == low.transform(X.astype(np.float32)).dtype == np.float32
    assert np.allclose(low.explained_variance_, want.explained_variance_, rtol=1e-4)
    assert np.allclose(low.components_, want.components_, atol=1e-3)


@pytest.mark.parametrize("solver", SOLVERS)
def test_sign_is_deterministic_the_largest_entry_is_positive(solver):
    X = rows(80, 5)
    for data in (X, -X):
        components = PCA(3, svd_solver=solver, random_state=1).fit(data).components_
        assert (components[np.arange(3), np.abs(components).argmax(axis=1)] > 0).all()


@pytest.mark.parametrize("solver", SOLVERS)
def test_fewer_rows_than_columns(solver):
    X = rows(6, 30)
    pca = PCA(svd_solver=solver, random_state=0).fit(X)
    assert pca.components_.shape == (6, 30)
    assert np.allclose(pca.explained_variance_[-1], 0.0, atol=1e-10)
    assert pca.explained_variance_ratio_.sum() == pytest.approx(1.0)
    assert np.allclose(pca.inverse_transform(pca.transform(X)), X)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("whiten", [False, True])
def test_all_components_are_orthonormal_and_invert_exactly(solver, whiten):
    X = rows(50, 6, offset=2.0)
    pca = PCA(svd_solver=solver, whiten=whiten, random_state=0).fit(X)
    assert np.allclose(pca.components_ @ pca.components_.T, np.eye(6), atol=1e-10)
    assert np.allclose(pca.inverse_transform(pca.transform(X)), X)
    if whiten:
        assert np.allclose(np.cov(pca.transform(X).T), np.eye(6), atol=1e-8)


def test_equal_variances_agree_up_to_rotation():
    X = np.vstack([np.eye(4), -np.eye(4)])
    for solver in SOLVERS:
        pca = PCA(4, svd_solver=solver, random_state=0).fit(X)
        assert np.allclose(pca.explained_variance_, 2 / 7)
        assert np.allclose(pca.components_.T @ pca.components_, np.eye(4), atol=1e-10)


@pytest.mark.parametrize("solver", SOLVERS)
def test_constant_columns_have_no_weight(solver):
    X = np.column_stack([rows(60, 3), np.full(60, 9.0)])
    pca = PCA(3, svd_solver=solver, random_state=0).fit(X)
    assert np.allclose(pca.components_[:, 3], 0.0, atol=1e-10)


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_constant_data_gives_zeros_without_a_warning(solver, whiten):
    X = np.full((20, 3), 4.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pca = PCA(2, svd_solver=solver, whiten=whiten, random_state=0).fit(X)
        assert pca.explained_variance_ratio_.tolist() == [0.0, 0.0]
        assert np.allclose(pca.transform(X), 0.0)


def test_share_of_variance():
    X = load_wine().data
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    for share in (0.3, 0.5, 0.9, 0.999):
        for solver in ("auto", "full", "covariance_eigh"):
            ours = PCA(share, svd_solver=solver).fit(X)
            assert ours.n_components_ == peer.PCA(share).fit(X).n_components_
            assert ours.explained_variance_ratio_.sum() > share
    assert PCA(0.5).fit(np.ones((5, 3))).n_components_ == 3


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"n_components": 0}, "n_components"),
        ({"n_components": 4}, r"n_components=4 must be at most min\(n_samples, n_features\) = 3"),
        ({"n_components": -1}, "n_components"),
        ({"n_components": 1.5}, "n_components"),
        ({"svd_solver": "arpack"}, "svd_solver"),
        ({"n_components": 0.5, "svd_solver": "randomized"}, "whole number"),
    ],
)
def test_bad_parameters_get_a_sentence(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        PCA(**options).fit(rows(10, 3))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_infinite_and_too_few_rows_are_refused(bad):
    X = rows(10, 3)
    X[2, 1] = bad
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        PCA().fit(X)
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        PCA().fit(X[:1] * 0 + 1.0)


def test_inverse_of_the_wrong_shape_is_refused():
    pca = PCA(2).fit(rows(10, 3))
    with pytest.raises(ValueError, match=r"X must be \(n, 2\)"):
        pca.inverse_transform(np.zeros((4, 3)))


def test_a_parameter_that_is_left_out_is_a_type_error():
    with pytest.raises(TypeError, match="copy"):
        PCA(copy=False)


@pytest.mark.parametrize(
    ("n", "d", "k", "solver"),
    [
        (1000, 20, 2, "covariance_eigh"),
        (100, 20, 2, "full"),
        (600, 550, 5, "randomized"),
        (600, 550, 500, "full"),
        (600, 100, 0.5, "full"),
    ],
)
def test_automatic_choice_of_solver_is_scikit_learns(n, d, k, solver):
    X = rows(n, d)
    assert PCA(k)._solver(n, d, k) == solver
    assert peer.PCA(k).fit(X)._fit_svd_solver == solver


def test_sketch_finds_the_leading_components_of_a_slow_spectrum():
    random = np.random.RandomState(0)
    left = np.linalg.qr(random.normal(size=(600, 600)))[0]
    right = np.linalg.qr(random.normal(size=(600, 600)))[0]
    X = left * (1.0 / np.arange(1, 601)) @ right
    exact = PCA(10, svd_solver="full").fit(X).explained_variance_
    ours = PCA(10, random_state=0).fit(X).explained_variance_
    theirs = peer.PCA(10, svd_solver="randomized", random_state=0).fit(X).explained_variance_
    assert np.allclose(ours, exact, rtol=1e-6)
    assert np.abs(ours - exact).max() <= 10 * np.abs(theirs - exact).max() + 1e-12
    rough = PCA(10, svd_solver="randomized", iterated_power=0, random_state=0).fit(X)
    assert np.abs(rough.explained_variance_ - exact).max() > np.abs(ours - exact).max()


def test_zero_is_a_seed_and_the_global_generator_is_not_touched():
    X = rows(600, 520)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = PCA(3, random_state=0).fit(X), PCA(3, random_state=0).fit(X)
    assert np.array_equal(first.components_, second.components_)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_permuting_rows_and_columns():
    X = rows(100, 6)
    order, columns = np.random.RandomState(0).permutation(100), [3, 1, 5, 0, 2, 4]
    plain = PCA(3).fit(X)
    assert np.allclose(PCA(3).fit(X[order]).components_, plain.components_)
    assert np.allclose(PCA(3).fit(X[:, columns]).components_, plain.components_[:, columns])


def test_block_size_does_not_matter(monkeypatch):
    X = rows(500, 6, offset=1.0)
    for solver in ("covariance_eigh", "randomized"):
        want = PCA(2, svd_solver=solver, random_state=0).fit(X)
        monkeypatch.setattr(decomposition, "_BLOCK", 31)
        got = PCA(2, svd_solver=solver, random_state=0).fit(X)
        assert np.allclose(got.components_, want.components_)
        assert np.allclose(got.explained_variance_ratio_, want.explained_variance_ratio_)
        monkeypatch.undo()


def test_any_container_names_out_and_nothing_is_written_to():
    X = rows(40, 3)
    before = X.copy()
    X.flags.writeable = False
    want = PCA(2).fit_transform(X)
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    for data in (X, X.tolist(), frame, np.asfortranarray(X), np.repeat(X, 2, axis=1)[:, ::2]):
        assert np.allclose(PCA(2).fit_transform(data), want)
    assert PCA(2).fit(frame).get_feature_names_out().tolist() == ["pca0", "pca1"]
    assert np.array_equal(X, before)


def test_the_number_of_threads_changes_no_bit_of_the_covariance(monkeypatch):
    X = rows(5000, 40, offset=3.0)
    fits = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        fits.append(PCA(5, svd_solver="covariance_eigh").fit(X))
    for other in fits[1:]:
        assert np.array_equal(other.components_, fits[0].components_)
        assert np.array_equal(other.explained_variance_, fits[0].explained_variance_)
