"""Least squares, ridge and logistic regression against scikit-learn's, and at their edges."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import linear_model as peer
from sklearn.datasets import load_breast_cancer, load_iris, make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlsd_kit.linear_model import LinearRegression, LogisticRegression, Ridge, coordinates


@parametrize_with_checks([LogisticRegression(), LinearRegression(), Ridge()])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def scaled(load):
    X, y = load(return_X_y=True)
    return StandardScaler().fit_transform(X), y


def largest_difference(ours, theirs):
    return max(
        np.abs(ours.coef_ - theirs.coef_).max(), np.abs(ours.intercept_ - theirs.intercept_).max()
    )


def exact_logistic(X, y, sample_weight=None, **parameters):
    solver = "saga" if parameters.get("l1_ratio") else "newton-cholesky"
    model = peer.LogisticRegression(tol=1e-10, max_iter=20_000, solver=solver, **parameters)
    return model.fit(X, y, sample_weight=sample_weight)


@pytest.mark.parametrize("load", [load_breast_cancer, load_iris])
@pytest.mark.parametrize("parameters", [{}, {"C": 0.1}, {"fit_intercept": False}, {"C": 10.0}])
def test_l2_weights_equal_scikit_learn_on_scaled_data(load, parameters):
    X, y = scaled(load)
    ours = LogisticRegression(tol=1e-8, **parameters).fit(X, y)
    assert ours.n_iter_[0] < 1000
    assert largest_difference(ours, exact_logistic(X, y, **parameters)) < 1e-4


def test_default_tolerance_reaches_the_weights_to_1e_4():
    X, y = make_classification(2000, 12, flip_y=0.1, random_state=0)
    X = StandardScaler().fit_transform(X)
    assert largest_difference(LogisticRegression().fit(X, y), exact_logistic(X, y)) < 1e-4


@pytest.mark.parametrize("l1_ratio", [0.3, 1.0])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_l1_and_elastic_net_equal_scikit_learn_zeros_included(l1_ratio, n_classes):
    X, y = make_classification(
        300, 12, n_informative=4, n_classes=n_classes, flip_y=0.1, random_state=1
    )
    X = StandardScaler().fit_transform(X)
    ours = LogisticRegression(C=0.05, l1_ratio=l1_ratio, tol=1e-8).fit(X, y)
    theirs = exact_logistic(X, y, C=0.05, l1_ratio=l1_ratio)
    assert largest_difference(ours, theirs) < 1e-4
    zero = np.abs(theirs.coef_) < 1e-9
    assert zero.any()
    assert np.array_equal(ours.coef_ == 0.0, zero)


def test_sample_weight_counts_like_repeated_rows():
    X, y = make_classification(200, 5, flip_y=0.2, random_state=2)
    counts = np.random.RandomState(0).randint(0, 4, 200)
    weighted = LogisticRegression(tol=1e-9).fit(X, y, sample_weight=counts)
    repeated = LogisticRegression(tol=1e-9).fit(np.repeat(X, counts, 0), np.repeat(y, counts))
    assert largest_difference(weighted, repeated) < 1e-6
    assert largest_difference(weighted, exact_logistic(X, y, sample_weight=counts)) < 1e-5


@pytest.mark.parametrize("class_weight", ["balanced", {0: 0.5, 1: 4.0}, {1: 3.0}])
def test_class_weight_equals_scikit_learn(class_weight):
    X, y = make_classification(400, 5, weights=[0.9], flip_y=0.1, random_state=3)
    ours = LogisticRegression(class_weight=class_weight, tol=1e-9).fit(X, y)
    assert largest_difference(ours, exact_logistic(X, y, class_weight=class_weight)) < 1e-5


def test_blocks_of_rows_do_not_matter_even_where_one_has_no_weight(monkeypatch):
    X, y = make_classification(200, 5, flip_y=0.2, random_state=2)
    weight = np.repeat([1.0, 0.0, 2.0, 0.5], 50)
    for sample_weight in (None, weight):
        want = LogisticRegression(tol=1e-9).fit(X, y, sample_weight)
        with monkeypatch.context() as patch:
            patch.setattr("mlsd_kit.linear_model.logistic.BLOCK", 70)
            patch.setattr(coordinates, "BLOCK", 70)
            got = LogisticRegression(tol=1e-9).fit(X, y, sample_weight)
        assert largest_difference(got, want) < 1e-7


def test_class_weight_for_an_unknown_class_is_refused():
    with pytest.raises(ValueError, match="class_weight names"):
        LogisticRegression(class_weight={7: 1.0}).fit([[0.0], [1.0]], [0, 1])


def test_probabilities_equal_scikit_learn():
    for load in (load_breast_cancer, load_iris):
        X, y = scaled(load)
        ours, theirs = LogisticRegression(tol=1e-9).fit(X, y), exact_logistic(X, y)
        for method in ("predict_proba", "predict_log_proba", "decision_function"):
            ours_, theirs_ = getattr(ours, method)(X), getattr(theirs, method)(X)
            assert np.allclose(ours_, theirs_, atol=1e-4), method
        assert np.array_equal(ours.predict(X), theirs.predict(X))


def test_log_probability_is_finite_where_the_probability_is_zero():
    X, y = np.array([[-1.0], [1.0]]), np.array([0, 1])
    model = LogisticRegression().fit(X, y)
    far = model.predict_log_proba([[1e6]])
    assert np.isfinite(far).all()
    assert far[0, 0] < -1000


def test_string_and_boolean_labels():
    X, y = make_classification(100, 4, random_state=0)
    plain = LogisticRegression().fit(X, y)
    for labels in (np.array(["b", "a"])[1 - y], y.astype(bool)):
        model = LogisticRegression().fit(X, labels)
        assert np.array_equal(model.predict(X) == model.classes_[1], plain.predict(X) == 1)


def test_unscaled_columns_reach_the_same_minimum():
    X, y = make_classification(500, 6, n_redundant=0, flip_y=0.1, random_state=4)
    units = np.logspace(-4, 4, 6)
    plain = LogisticRegression(C=np.inf, tol=1e-9).fit(X, y)
    unscaled = LogisticRegression(C=np.inf, tol=1e-9).fit(X * units + 100 * units, y)
    assert np.allclose(unscaled.coef_ * units, plain.coef_, atol=1e-5)
    assert np.allclose(plain.coef_, exact_logistic(X, y, C=np.inf).coef_, atol=1e-5)


def test_data_far_from_the_origin():
    X, y = make_classification(300, 4, flip_y=0.1, random_state=5)
    near = LogisticRegression(tol=1e-8).fit(X, y)
    for l1_ratio in (0.0, 0.5):
        near = LogisticRegression(tol=1e-8, l1_ratio=l1_ratio).fit(X, y)
        far = LogisticRegression(tol=1e-8, l1_ratio=l1_ratio).fit(X + 1e6, y)
        assert np.allclose(near.coef_, far.coef_, atol=1e-4)


@pytest.mark.parametrize("l1_ratio", [0.0, 1.0])
def test_constant_column_gets_no_weight(l1_ratio):
    X, y = make_classification(200, 4, flip_y=0.1, random_state=6)
    for constant in (0.0, 7.0):
        wide = np.column_stack([X, np.full(len(X), constant)])
        model = LogisticRegression(l1_ratio=l1_ratio, tol=1e-8).fit(wide, y)
        assert model.coef_[0, -1] == pytest.approx(0.0, abs=1e-9)
        plain = LogisticRegression(l1_ratio=l1_ratio, tol=1e-8).fit(X, y)
        assert np.allclose(model.coef_[0, :-1], plain.coef_[0], atol=1e-5)


def test_intercept_is_not_penalised():
    X, y = np.random.RandomState(0).normal(size=(1000, 2)), np.arange(1000) < 900
    model = LogisticRegression(C=1e-6).fit(X, y)
    assert model.intercept_[0] == pytest.approx(np.log(0.9 / 0.1), abs=1e-3)
    assert np.abs(model.coef_).max() < 1e-2


def test_a_stronger_penalty_shortens_the_weights():
    X, y = make_classification(300, 5, random_state=0)
    for l1_ratio in (0.0, 1.0):
        lengths = [
            np.abs(LogisticRegression(C=c, l1_ratio=l1_ratio).fit(X, y).coef_).sum()
            for c in (10.0, 0.1, 0.001)
        ]
        assert lengths[0] > lengths[1] > lengths[2]


def test_separable_data_is_finite_with_a_penalty_and_warns_without():
    X, y = np.array([[-2.0], [-1.0], [1.0], [2.0]]), np.array([0, 0, 1, 1])
    penalised = LogisticRegression(tol=1e-9).fit(X, y)
    assert largest_difference(penalised, exact_logistic(X, y)) < 1e-5
    with pytest.warns(ConvergenceWarning, match="penalise more"):
        free = LogisticRegression(C=np.inf, max_iter=30).fit(X, y)
    assert np.isfinite(free.coef_).all()
    assert free.score(X, y) == 1.0


def test_no_overflow_warning_at_large_scores():
    X, y = np.array([[-1e4], [-1e3], [1e3], [1e4]]), np.array([0, 0, 1, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        model = LogisticRegression().fit(X, y)
        assert model.predict_proba(X * 1e3).sum(axis=1) == pytest.approx(1.0)


def test_loss_curve_ends_below_its_start():
    X, y = make_classification(200, 5, random_state=0)
    model = LogisticRegression().fit(X, y)
    assert len(model.loss_curve_) == model.n_iter_[0]
    assert model.loss_curve_[0] == pytest.approx(np.log(2.0))
    assert model.loss_curve_[-1] < 0.9 * np.log(2.0)


def test_weights_that_are_zero_on_every_row_are_refused():
    for model in (LogisticRegression(), Ridge()):
        with pytest.raises(ValueError, match="at least one non-zero"):
            model.fit([[0.0], [1.0]], [0, 1], sample_weight=[0.0, 0.0])
    with pytest.raises(ValueError, match="give some class a weight"):
        LogisticRegression(class_weight={0: 0.0, 1: 0.0}).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize("model", [LogisticRegression(), LinearRegression()])
def test_any_container_gives_the_same_and_is_not_written_to(model):
    X, y = make_classification(60, 4, random_state=0)
    want = model.fit(X, y).coef_.copy()
    X.flags.writeable = y.flags.writeable = False
    before = X.copy()
    strided = np.repeat(X, 2, axis=1)[:, ::2]
    frame = pd.DataFrame(X, columns=list("abcd"))
    for data, labels in [(X, y), (X.tolist(), y.tolist()), (strided, y), (frame, pd.Series(y))]:
        assert np.allclose(model.fit(data, labels).coef_, want, atol=1e-9)
    assert np.allclose(model.fit(X.astype(np.float32), y).coef_, want, atol=1e-4)
    assert np.array_equal(X, before)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_least_squares_is_as_good_as_scipys_on_half_a_million_rows(dtype):
    rng = np.random.default_rng(0)
    first, noise, more = rng.random((3, 500_000))
    X = np.column_stack([first, 0.3 * first + 0.1 * noise]).astype(dtype)
    y = (X @ [0.5, 2.0] + 0.1 * more).astype(dtype)

    def error(coef):  # in 64 bits: 32 are too few for a sum of so many squares
        return np.linalg.norm(y - X.astype(float) @ np.asarray(coef, dtype=float))

    ours = LinearRegression(fit_intercept=False).fit(X, y).coef_
    assert error(ours) <= error(scipy.linalg.lstsq(X, y)[0]) * (1 + 1e-9)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("model", [LogisticRegression(), LinearRegression()])
def test_missing_and_infinite_values_are_refused(model, bad):
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        model.fit([[0.0], [bad]], [0, 1])


def test_a_parameter_that_is_left_out_is_a_type_error():
    with pytest.raises(TypeError, match="solver"):
        LogisticRegression(solver="lbfgs")


def test_row_order_does_not_matter_and_class_names_do_not():
    X, y = scaled(load_iris)
    order = np.random.RandomState(0).permutation(len(y))
    plain = LogisticRegression(tol=1e-9).fit(X, y)
    assert np.allclose(LogisticRegression(tol=1e-9).fit(X[order], y[order]).coef_, plain.coef_)
    renamed = LogisticRegression(tol=1e-9).fit(X, 2 - y)
    assert np.allclose(renamed.coef_[::-1], plain.coef_, atol=1e-6)


def test_many_columns_take_the_axes_without_a_covariance_matrix(monkeypatch):
    X, y = make_classification(120, 30, flip_y=0.1, random_state=0)
    X = StandardScaler().fit_transform(X) + 3.0
    counts = np.random.RandomState(0).randint(1, 4, len(y))
    want = LogisticRegression(C=0.1, tol=1e-8).fit(X, y)
    want_weighted = LogisticRegression(C=0.1, tol=1e-8).fit(X, y, sample_weight=counts)
    want_linear = Ridge(5.0).fit(X, y)
    monkeypatch.setattr(coordinates, "MAX_TURNED", 10)
    monkeypatch.setattr("mlsd_kit.linear_model.logistic.MAX_TURNED", 10)
    monkeypatch.setattr("mlsd_kit.linear_model.linear.MAX_TURNED", 10)
    narrow = LogisticRegression(C=0.1, tol=1e-8)
    assert largest_difference(narrow.fit(X, y), want) < 1e-5
    assert largest_difference(narrow.fit(X, y, sample_weight=counts), want_weighted) < 1e-5
    assert largest_difference(Ridge(5.0).fit(X, y), want_linear) < 1e-5


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 10**6),
    st.integers(4, 60),
    st.integers(1, 6),
    st.booleans(),
    st.floats(0.0, 50.0),
    st.booleans(),
)
def test_least_squares_and_ridge_equal_scikit_learn(seed, n, d, fit_intercept, alpha, weighted):
    random = np.random.RandomState(seed)
    d = min(d, n - 2)
    X = random.normal(size=(n, d)) * random.uniform(0.1, 10, d) + random.normal(size=d) * 5
    y = random.normal(size=(n, 2) if seed % 2 else n)
    weight = random.uniform(0.1, 2, n) if weighted else None
    ours = Ridge(alpha, fit_intercept=fit_intercept).fit(X, y, weight)
    theirs = peer.Ridge(alpha, fit_intercept=fit_intercept).fit(X, y, weight)
    assert np.allclose(ours.predict(X), theirs.predict(X), atol=1e-5)
    plain = LinearRegression(fit_intercept=fit_intercept).fit(X, y, weight)
    exact = peer.LinearRegression(fit_intercept=fit_intercept).fit(X, y, weight)
    assert plain.coef_.shape == exact.coef_.shape
    assert np.allclose(plain.predict(X), exact.predict(X), atol=1e-5)
    assert np.shape(plain.intercept_) == np.shape(exact.intercept_)


def test_the_textbook_form_reaches_the_same_least_squares():
    random = np.random.RandomState(0)
    X = random.normal(size=(80, 3))
    y = X @ [1.0, -2.0, 0.5] + random.normal(size=80)
    w = np.zeros(3)
    step = 1.0 / np.linalg.eigvalsh(X.T @ X / len(X))[-1]
    for _ in range(500):
        w -= step * X.T @ (X @ w - y) / len(X)
    assert np.allclose(LinearRegression(fit_intercept=False).fit(X, y).coef_, w, atol=1e-6)


def test_dependent_columns_fit_like_scikit_learn():
    random = np.random.RandomState(1)
    X = random.normal(size=(50, 3))
    doubled = np.column_stack([X, X[:, 0], X[:, 1] - X[:, 2], np.ones(50)])
    y = random.normal(size=50)
    ours, theirs = LinearRegression().fit(doubled, y), peer.LinearRegression().fit(doubled, y)
    assert np.allclose(ours.predict(doubled), theirs.predict(doubled), atol=1e-8)
    assert np.allclose(ours.coef_, theirs.coef_, atol=1e-8)


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_fewer_rows_than_columns_give_the_shortest_weights(fit_intercept):
    random = np.random.RandomState(1)
    wide, y = random.normal(size=(10, 30)) * random.uniform(0.1, 10, 30) + 3, random.normal(size=10)
    ours = LinearRegression(fit_intercept=fit_intercept).fit(wide, y)
    theirs = peer.LinearRegression(fit_intercept=fit_intercept).fit(wide, y)
    assert np.allclose(ours.coef_, theirs.coef_, atol=1e-8)
    assert np.allclose(ours.predict(wide), y, atol=1e-5)


@pytest.mark.parametrize("kit", [LinearRegression, Ridge])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_one_target_in_a_column_has_scikit_learns_shapes(kit, fit_intercept):
    X = np.random.RandomState(0).normal(size=(9, 3))
    ours = kit(fit_intercept=fit_intercept).fit(X, X[:, :1])
    theirs = getattr(peer, kit.__name__)(fit_intercept=fit_intercept).fit(X, X[:, :1])
    assert ours.coef_.shape == theirs.coef_.shape
    assert np.shape(ours.intercept_) == np.shape(theirs.intercept_)
    assert ours.predict(X).shape == theirs.predict(X).shape


def test_least_squares_of_a_constant_target_is_the_constant():
    model = LinearRegression().fit([[0.0], [1.0], [5.0]], [3.0, 3.0, 3.0])
    assert model.coef_[0] == 0.0
    assert model.intercept_ == 3.0


def test_least_squares_warns_when_steps_run_out():
    random = np.random.RandomState(0)
    X, y = random.normal(size=(30, 4)), random.normal(size=30)
    with pytest.warns(ConvergenceWarning, match="LinearRegression did not converge in 1 steps"):
        LinearRegression(max_iter=1).fit(X, y)
