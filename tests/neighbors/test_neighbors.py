"""Votes and means of the neighbours, against scikit-learn's and at their edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import neighbors as peer
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlsd_kit.neighbors import KNeighborsClassifier, KNeighborsRegressor


@parametrize_with_checks([KNeighborsClassifier(), KNeighborsRegressor()])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 10**6),
    st.integers(12, 150),
    st.integers(1, 10),
    st.sampled_from(["uniform", "distance", lambda d: np.exp(-d)]),
)
def test_predictions_equal_scikit_learn(seed, n, k, weights):
    random = np.random.RandomState(seed)
    X, Q = random.normal(size=(n, 3)), random.normal(size=(20, 3))
    Q[:3] = X[:3]  # distance 0
    y, targets = random.randint(0, 3, n), random.normal(size=(n, 2))
    options = {"n_neighbors": k, "weights": weights}
    # a tree measures directly, as the kit does; brute force there rounds
    ours = KNeighborsClassifier(**options).fit(X, y)
    theirs = peer.KNeighborsClassifier(**options, algorithm="kd_tree").fit(X, y)
    assert np.allclose(ours.predict_proba(Q), theirs.predict_proba(Q), atol=1e-12)
    if callable(weights) or weights == "distance" or k % 2:
        assert np.array_equal(ours.predict(Q), theirs.predict(Q))
    for t in (targets, targets[:, 0]):
        mean = KNeighborsRegressor(**options).fit(X, t).predict(Q)
        want = peer.KNeighborsRegressor(**options, algorithm="kd_tree").fit(X, t).predict(Q)
        assert mean.shape == want.shape
        assert np.allclose(mean, want, atol=1e-12)


def test_vote_ties_go_to_the_lowest_class():
    X, y = [[0.0], [1.0], [2.0], [3.0]], ["b", "a", "b", "a"]
    model = KNeighborsClassifier(4).fit(X, y)
    assert model.predict([[0.0], [3.0]]).tolist() == ["a", "a"]
    assert model.predict_proba([[0.0]]).tolist() == [[0.5, 0.5]]


def test_distance_ties_go_to_the_lowest_row():
    model = KNeighborsClassifier(1).fit([[1.0], [-1.0]], ["z", "a"])
    assert model.predict([[0.0]]).tolist() == ["z"]


def test_distance_zero_with_distance_weights():
    X, y = [[0.0], [0.0], [1e-100], [1.0]], [1, 0, 1, 1]
    model = KNeighborsClassifier(4, weights="distance").fit(X, y)
    assert model.predict_proba([[0.0]]).tolist() == [[0.5, 0.5]]
    mean = KNeighborsRegressor(4, weights="distance").fit(X, [2.0, 4.0, 100.0, 100.0])
    assert mean.predict([[0.0]]).tolist() == [3.0]


def test_distances_whose_inverse_overflows_stay_finite():
    X, y = [[1e-310], [2e-310]], [0, 1]
    proba = KNeighborsClassifier(2, weights="distance").fit(X, y).predict_proba([[0.0]])
    assert np.isfinite(proba).all()
    assert proba.sum() == pytest.approx(1.0)


def test_duplicates_all_vote():
    X, y = np.zeros((5, 2)), [0, 1, 1, 0, 1]
    assert KNeighborsClassifier(5).fit(X, y).predict_proba([[0.0, 0.0]]).tolist() == [[0.4, 0.6]]


def test_more_neighbours_than_rows_is_refused_with_a_sentence():
    model = KNeighborsClassifier(5).fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(ValueError, match="n_neighbors is 5 but only 2 rows"):
        model.predict([[0.0]])
    with pytest.raises(ValueError, match="only 1 rows"):
        model.kneighbors(n_neighbors=2)


def test_kneighbors_has_scikit_learns_shapes():
    random = np.random.RandomState(0)
    X, y = random.normal(size=(60, 3)), random.randint(0, 2, 60)
    ours, theirs = KNeighborsClassifier(4).fit(X, y), peer.KNeighborsClassifier(4).fit(X, y)
    for arguments in ({}, {"X": X[:7]}, {"X": X[:7], "n_neighbors": 2}):
        got, want = ours.kneighbors(**arguments), theirs.kneighbors(**arguments)
        assert np.allclose(got[0], want[0], atol=1e-7)
        assert np.array_equal(got[1], want[1])
        only = ours.kneighbors(**arguments, return_distance=False)
        assert np.array_equal(only, want[1])
    assert np.array_equal(ours.predict(None), theirs.predict(None))
    assert np.allclose(ours.predict_proba(None), theirs.predict_proba(None))
    regressor = KNeighborsRegressor(3).fit(X, y)
    assert np.allclose(regressor.predict(None), peer.KNeighborsRegressor(3).fit(X, y).predict(None))


@pytest.mark.parametrize("kit", [KNeighborsClassifier, KNeighborsRegressor])
def test_a_callable_that_gives_no_weight_at_all_is_an_error(kit):
    model = kit(2, weights=np.zeros_like).fit([[0.0], [1.0]], [3, 7])
    with pytest.raises(ValueError, match="weights leaves a row without neighbours"):
        model.predict([[0.0]])


@pytest.mark.parametrize("kit", [KNeighborsClassifier, KNeighborsRegressor])
def test_no_weights_are_uniform_ones(kit):
    X, y = np.random.RandomState(0).normal(size=(30, 2)), np.arange(30) % 3
    uniform = kit(4).fit(X, y).predict(X)
    assert np.array_equal(kit(4, weights=None).fit(X, y).predict(X), uniform)


def test_renaming_classes_renames_the_answer():
    random = np.random.RandomState(0)
    X, y = random.normal(size=(50, 2)), random.randint(0, 3, 50)
    names = np.array(["ant", "bee", "cat"])
    plain = KNeighborsClassifier(3).fit(X, y).predict(X)
    assert np.array_equal(KNeighborsClassifier(3).fit(X, names[y]).predict(X), names[plain])


def test_any_container_gives_the_same():
    random = np.random.RandomState(0)
    X, y = random.normal(size=(50, 2)), random.randint(0, 3, 50)
    want = KNeighborsClassifier(3).fit(X, y).predict(X)
    frame = pd.DataFrame(X, columns=["a", "b"])
    model = KNeighborsClassifier(3).fit(frame, pd.Series(y))
    assert np.array_equal(model.predict(frame), want)
    assert model.feature_names_in_.tolist() == ["a", "b"]
    assert np.array_equal(KNeighborsClassifier(3).fit(X.tolist(), y.tolist()).predict(X), want)
    integers = KNeighborsRegressor(2).fit([[0], [1], [5]], [1, 2, 7])
    assert integers.predict([[0]]).tolist() == [1.5]


@pytest.mark.parametrize("options", [{"n_neighbors": 0}, {"weights": "closest"}])
def test_bad_parameters_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        KNeighborsClassifier(**options).fit([[0.0]], [0])


def test_a_parameter_that_is_left_out_is_a_type_error():
    with pytest.raises(TypeError, match="metric"):
        KNeighborsClassifier(metric="cosine")
