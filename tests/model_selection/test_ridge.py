"""ridge_cv gives what a grid search that refits gives, also where squares lose the digits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import sklearn.model_selection as peer
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, Ridge

from mlsd_kit.model_selection import GridSearchCV, KFold, fold_factors, ridge_cv

ALPHAS = [0.01, 1.0, 100.0]


def data(n=200, d=4, seed=0, noise=1.0, offset=0.0, scale=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) * scale + offset
    return X, (X - offset) @ rng.normal(size=d) + noise * rng.normal(size=n)


def textbook(X, y, alphas, cv=5, scoring="r2", **options):
    """Fit every model on almost all rows, by singular values."""
    search = peer.GridSearchCV(
        Ridge(solver="svd", **options), {"alpha": alphas}, cv=cv, scoring=scoring
    ).fit(X, y)
    n = search.n_splits_
    scores = np.transpose([search.cv_results_[f"split{i}_test_score"] for i in range(n)])
    return scores, search.best_estimator_


@settings(deadline=None, max_examples=40)
@given(
    n=st.integers(12, 90),
    d=st.integers(1, 12),
    seed=st.integers(0, 99),
    intercept=st.booleans(),
    folds=st.integers(2, 6),
    scoring=st.sampled_from(["r2", "neg_mean_squared_error"]),
)
def test_the_fast_form_is_the_textbook_form(n, d, seed, intercept, folds, scoring):
    X, y = data(n, d, seed)
    cv = peer.KFold(folds, shuffle=True, random_state=seed)
    ours = ridge_cv(X, y, ALPHAS, cv, intercept, scoring=scoring)
    scores, best = textbook(X, y, ALPHAS, cv, scoring, fit_intercept=intercept)
    np.testing.assert_allclose(ours.scores, scores, rtol=1e-8, atol=1e-10)
    assert ours.best_alpha == best.alpha
    np.testing.assert_allclose(ours.coef, best.coef_, rtol=1e-7, atol=1e-10)
    assert ours.intercept == pytest.approx(best.intercept_, rel=1e-7, abs=1e-9)
    np.testing.assert_allclose(ours.mean_scores, ours.scores.mean(axis=1))


def test_the_kits_grid_search_agrees_and_takes_the_same_folds():
    X, y = data()
    search = GridSearchCV(Ridge(), {"alpha": ALPHAS}).fit(X, y)
    ours = ridge_cv(X, y, ALPHAS)
    np.testing.assert_allclose(ours.mean_scores, search.cv_results_["mean_test_score"], rtol=1e-10)
    assert ours.best_alpha == search.best_params_["alpha"] and ours.method == "gram"


@pytest.mark.parametrize("intercept", [True, False])
def test_alpha_0_is_linear_regression(intercept):
    X, y = data(103)
    model = LinearRegression(fit_intercept=intercept)
    ours = ridge_cv(X, y, [0.0], fit_intercept=intercept)
    np.testing.assert_allclose(ours.scores[0], peer.cross_val_score(model, X, y), rtol=1e-10)
    np.testing.assert_allclose(ours.coef, model.fit(X, y).coef_)


@pytest.mark.parametrize("small", [1e-6, 1e-9])
def test_nearly_collinear_columns_are_not_squared(small):
    X, _ = data(300, 5, noise=0.0)
    X[:, 4] = X[:, 3] + small * X[:, 4]
    y = X @ np.arange(1.0, 6.0) + 0.1 * np.random.default_rng(1).normal(size=300)
    ours = ridge_cv(X, y, [0.0])
    assert ours.method == "qr"
    exact = LinearRegression(tol=1e-14)  # its default drops directions that are 1e-6 as long
    np.testing.assert_allclose(ours.scores[0], peer.cross_val_score(exact, X, y), rtol=1e-7)
    np.testing.assert_allclose(ours.coef, exact.fit(X, y).coef_, rtol=1e-4)
    # the normal equations, which the fast form uses elsewhere, have lost these coefficients
    centred = X - X.mean(axis=0)
    gram = centred.T @ centred
    assert np.linalg.cond(gram) > 1e11


@pytest.mark.parametrize("alphas", [[0.0], [0.0, 1.0]])
@pytest.mark.parametrize("intercept", [True, False])
def test_exactly_dependent_columns_take_the_shortest_solution(alphas, intercept):
    X, y = data(60, 3)
    X = np.c_[X, X[:, 0], np.zeros(60)]
    ours = ridge_cv(X, y, alphas, fit_intercept=intercept)
    expected = peer.cross_val_score(LinearRegression(fit_intercept=intercept), X, y)
    np.testing.assert_allclose(ours.scores[0], expected, rtol=1e-9)
    assert ours.method == "qr" and ours.coef[0] == pytest.approx(ours.coef[3])


@pytest.mark.parametrize("alphas", [[0.0], [0.5]])
def test_fewer_rows_than_columns(alphas):
    X, y = data(12, 30)
    model = Ridge(alphas[0], solver="svd") if alphas[0] else LinearRegression()
    expected = peer.cross_val_score(model, X, y, cv=3)
    np.testing.assert_allclose(ridge_cv(X, y, alphas, cv=3).scores[0], expected, rtol=1e-7)


def test_a_nearly_perfect_fit_keeps_its_digits():
    X, y = data(200, 3, noise=1e-9)
    ours = ridge_cv(X, y, [0.0], scoring="neg_mean_squared_error")
    assert ours.method == "qr"
    expected = peer.cross_val_score(LinearRegression(), X, y, scoring="neg_mean_squared_error")
    np.testing.assert_allclose(ours.scores[0], expected, rtol=1e-4)  # the peer's own error


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_data_far_from_the_origin(dtype):
    X, y = data(400, 4, offset=1e4)
    X = X.astype(dtype)
    ours = ridge_cv(X, y + 1e6, ALPHAS)
    scores, best = textbook(X.astype(float) - 1e4, y, ALPHAS)
    np.testing.assert_allclose(ours.scores, scores, rtol=1e-7)
    np.testing.assert_allclose(ours.coef, best.coef_, rtol=1e-7)


def test_columns_on_very_different_scales():
    X, y = data(200, 4)
    ours = ridge_cv(X * [1e-6, 1.0, 1e3, 1e7], y, [0.0])
    np.testing.assert_allclose(ours.scores, ridge_cv(X, y, [0.0]).scores, rtol=1e-9)


def test_an_outlier_in_one_fold_does_not_swallow_the_others():
    X, y = data(100, 2)
    X[-1], y[-1] = 1e9, -1e9
    ours = ridge_cv(X, y, ALPHAS, cv=4, scoring="neg_mean_squared_error")
    scores, _ = textbook(X, y, ALPHAS, 4, "neg_mean_squared_error")
    np.testing.assert_allclose(ours.scores[:, -1], scores[:, -1], rtol=1e-8)


def test_values_whose_squares_overflow():
    X, y = data(60, 2)
    ours = ridge_cv(X * 1e200, y, [0.0])
    assert ours.method == "qr"
    np.testing.assert_allclose(ours.scores, ridge_cv(X, y, [0.0]).scores, rtol=1e-8)


@pytest.mark.parametrize("bytes_", [1, 1 << 11, 1 << 20])
def test_blocks_of_any_size_give_the_same_result(bytes_, monkeypatch):
    X, y = data(157)
    expected = ridge_cv(X, y, ALPHAS)
    monkeypatch.setattr(fold_factors, "BLOCK_BYTES", bytes_)
    np.testing.assert_allclose(ridge_cv(X, y, ALPHAS).scores, expected.scores, rtol=1e-12)
    collinear = np.c_[X, X[:, 0]]
    monkeypatch.undo()
    expected = ridge_cv(collinear, y, [0.0])
    monkeypatch.setattr(fold_factors, "BLOCK_BYTES", bytes_)
    np.testing.assert_allclose(ridge_cv(collinear, y, [0.0]).scores, expected.scores, rtol=1e-10)


@pytest.mark.parametrize("wrap", [
    lambda X: X.tolist(), pd.DataFrame, np.asfortranarray, lambda X: np.repeat(X, 2, axis=0)[::2],
], ids=["list", "frame", "fortran", "strided"])  # fmt: skip
def test_inputs_of_any_kind_are_read_and_never_written(wrap):
    X, y = data()
    expected = ridge_cv(X, y, ALPHAS)
    for array in (X, y):
        array.flags.writeable = False
    before = X.copy()
    ours = ridge_cv(wrap(X), pd.Series(y), ALPHAS)
    np.testing.assert_allclose(ours.scores, expected.scores, rtol=1e-12)
    np.testing.assert_array_equal(X, before)


def test_invariances():
    X, y = data(100)
    base = ridge_cv(X, y, ALPHAS)
    columns = [2, 0, 3, 1]
    np.testing.assert_allclose(ridge_cv(X[:, columns], y, ALPHAS).coef, base.coef[columns])
    np.testing.assert_allclose(ridge_cv(X, 3 * y + 7, ALPHAS).scores, base.scores, rtol=1e-9)
    halves = [test for _, test in KFold(5).split(X)]
    within = np.concatenate([rows[::-1] for rows in halves])
    np.testing.assert_allclose(ridge_cv(X[within], y[within], ALPHAS).scores, base.scores)


def test_a_constant_target_scores_like_r2_score():
    X, _ = data(40)
    np.testing.assert_allclose(
        ridge_cv(X, np.r_[np.zeros(20), np.ones(20)], [1.0], cv=2).scores[0],
        peer.cross_val_score(Ridge(), X, np.r_[np.zeros(20), np.ones(20)], cv=2),
    )
    assert ridge_cv(np.zeros((6, 1)), np.zeros(6), [1.0], cv=2).scores.tolist() == [[1.0, 1.0]]


def test_leave_one_out_has_squared_errors_but_no_r2():
    X, y = data(30, 2)
    scores, _ = textbook(X, y, ALPHAS, peer.LeaveOneOut(), "neg_mean_squared_error")
    ours = ridge_cv(X, y, ALPHAS, peer.LeaveOneOut(), scoring="neg_mean_squared_error")
    np.testing.assert_allclose(ours.scores, scores, rtol=1e-6, atol=1e-12)
    with pytest.raises(ValueError, match="at least 2 rows in each test fold"):
        ridge_cv(X, y, ALPHAS, peer.LeaveOneOut())


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["X", "y"])
def test_nan_and_inf_are_named(bad, where):
    X, y = data(40)
    (X[:, 1] if where == "X" else y)[25] = bad
    with pytest.raises(ValueError, match=rf"Input {where} contains"):
        ridge_cv(X, y, ALPHAS)


@pytest.mark.parametrize("cv, words", [
    (peer.TimeSeriesSplit(3), "exactly the rows that it does not test"),
    (peer.ShuffleSplit(3, test_size=0.5, random_state=0), "every row exactly once"),
    ([([], range(40))], "at least 2 folds"),
], ids=["time", "shuffle", "one fold"])  # fmt: skip
def test_cv_must_be_a_partition(cv, words):
    with pytest.raises(ValueError, match=words):
        ridge_cv(*data(40), ALPHAS, cv)


@pytest.mark.parametrize("change, words", [
    ({"alphas": [-1.0]}, "alphas must"), ({"alphas": [[1.0]]}, "alphas must"),
    ({"alphas": [np.nan]}, "alphas contains NaN"), ({"alphas": []}, "0 sample"),
    ({"scoring": "mse"}, "scoring='mse' must"), ({"X": np.zeros((0, 3))}, "0 sample"),
    ({"X": np.zeros(40)}, "2D array"), ({"y": np.zeros(39)}, "inconsistent"),
    ({"y": np.zeros((40, 2))}, "1d array"),
], ids=str)  # fmt: skip
def test_bad_inputs_are_named(change, words):
    X, y = data(40)
    with pytest.raises(ValueError, match=words):
        ridge_cv(**{"X": X, "y": y, "alphas": ALPHAS, **change})


def test_a_single_alpha_as_a_number_and_ties():
    X, y = data(40)
    assert ridge_cv(X, y, 1.0).alphas.tolist() == [1.0]
    assert ridge_cv(np.zeros((6, 1)), np.arange(6.0), [0.0, 1.0], cv=2).best_alpha == 0.0
