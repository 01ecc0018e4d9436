"""GridSearchCV: scikit-learn's table and its contract."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import sklearn.model_selection as peer
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

import mlsd_kit.model_selection as kit

X, Y = make_classification(150, 5, n_informative=3, flip_y=0.2, random_state=1)
MODEL = make_pipeline(StandardScaler(), LogisticRegression())
GRID = {"logisticregression__C": [0.01, 1.0, 100.0]}
GRIDS = [GRID, {"logisticregression": [LinearSVC()], "standardscaler": ["passthrough", None]}]


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks([
    kit.GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2),
    kit.GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2, error_score="raise"),
])  # fmt: skip
def test_scikit_learns_contract(estimator, check):
    check(estimator)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("options", [
    {}, {"scoring": "roc_auc", "return_train_score": True},
    {"scoring": ["accuracy", "f1"], "refit": "f1"}, {"scoring": ["accuracy", "f1"], "refit": False},
    {"refit": False}, {"cv": peer.StratifiedKFold(3, shuffle=True, random_state=0)},
    {"refit": lambda results: 1},
], ids=lambda options: "-".join(options) or "defaults")  # fmt: skip
@pytest.mark.parametrize("grid", [GRID, GRIDS], ids=["grid", "grids"])
def test_results_are_scikit_learns(options, grid):
    ours = kit.GridSearchCV(MODEL, grid, **options).fit(X, Y)
    theirs = peer.GridSearchCV(MODEL, grid, **options).fit(X, Y)
    assert set(ours.cv_results_) == set(theirs.cv_results_)
    for key, expected in theirs.cv_results_.items():
        got = ours.cv_results_[key]
        if "time" in key:
            assert got.shape == expected.shape and (got >= 0).all()
        elif key.startswith("param"):
            assert repr(got) == repr(expected)
        else:
            np.testing.assert_allclose(got, expected, rtol=1e-12)
            assert got.dtype == expected.dtype
    for name in ("best_index_", "best_score_", "multimetric_", "n_splits_"):
        assert hasattr(ours, name) == hasattr(theirs, name)
        if hasattr(ours, name):
            assert getattr(ours, name) == pytest.approx(getattr(theirs, name))
    if ours.refit:
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
        assert ours.score(X, Y) == theirs.score(X, Y)


def test_results_frame_is_best_first():
    search = kit.GridSearchCV(MODEL, GRID, scoring=["accuracy", "f1"], refit="f1").fit(X, Y)
    frame = search.results_frame()
    assert frame["rank_test_f1"].is_monotonic_increasing
    assert frame.index[0] == search.best_index_
    assert frame["mean_test_f1"].iloc[0] == search.best_score_
    assert set(frame["param_logisticregression__C"]) == {0.01, 1.0, 100.0}
    assert not [column for column in frame if column.startswith("split")]
    plain = kit.GridSearchCV(MODEL, GRID, refit=False).fit(X, Y).results_frame()
    assert plain["rank_test_score"].is_monotonic_increasing


def test_one_and_two_workers_give_the_same_table():
    one, two = (kit.GridSearchCV(MODEL, GRID, n_jobs=n).fit(X, Y).cv_results_ for n in (1, 2))
    for key in one:
        if "test" in key:
            np.testing.assert_array_equal(one[key], two[key])


def test_names_of_columns_are_kept():
    frame = pd.DataFrame(X, columns=list("abcde"))
    search = kit.GridSearchCV(LogisticRegression(), {"C": [1.0]}).fit(frame, Y)
    assert search.feature_names_in_.tolist() == list("abcde")
    assert search.n_features_in_ == 5 and search.classes_.tolist() == [0, 1]


def test_groups_reach_the_splitter():
    groups = np.arange(150) // 10
    search = kit.GridSearchCV(MODEL, GRID, cv=kit.GroupKFold(3)).fit(X, Y, groups=groups)
    theirs = peer.GridSearchCV(MODEL, GRID, cv=peer.GroupKFold(3)).fit(X, Y, groups=groups)
    np.testing.assert_allclose(
        search.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"]
    )
    with pytest.raises(TypeError, match="sample_weight"):
        search.fit(X, Y, sample_weight=np.ones(150))


def test_methods_are_those_of_the_best_estimator():
    search = kit.GridSearchCV(LinearSVC(), {"C": [1.0]})
    assert hasattr(search, "decision_function") and not hasattr(search, "predict_proba")
    search.fit(X, Y)
    np.testing.assert_array_equal(
        search.decision_function(X), search.best_estimator_.decision_function(X)
    )
    reducer = kit.GridSearchCV(PCA(), {"n_components": [1, 2]}).fit(X)
    np.testing.assert_allclose(reducer.inverse_transform(reducer.transform(X)).shape, X.shape)
    assert reducer.score(X) == reducer.best_estimator_.score(X)


def test_a_search_without_a_target():
    search = kit.GridSearchCV(KMeans(n_init=1, random_state=0), {"n_clusters": [2, 3]}, cv=2)
    assert search.fit(X).best_params_ == {"n_clusters": 3}


def test_without_refit_there_is_nothing_to_predict_with():
    search = kit.GridSearchCV(LogisticRegression(), {"C": [1.0]}, refit=False).fit(X, Y)
    with pytest.raises(AttributeError, match="predict"):
        search.predict(X)
    with pytest.raises(AttributeError):
        search.classes_  # noqa: B018


def test_a_scorer_that_gives_a_dict():
    def two(model, X, y):
        return {"good": model.score(X, y), "bad": -model.score(X, y)}

    search = kit.GridSearchCV(MODEL, GRID, scoring=two, refit="good").fit(X, Y)
    assert search.multimetric_ and search.score(X, Y) == search.best_estimator_.score(X, Y)
    with pytest.raises(ValueError, match="must be set to a scorer key"):
        kit.GridSearchCV(MODEL, GRID, scoring=two).fit(X, Y)
    with pytest.raises(ValueError, match="must be set to a scorer key"):
        kit.GridSearchCV(MODEL, GRID, scoring=["f1", "accuracy"]).fit(X, Y)


@pytest.mark.parametrize("index, error", [("one", TypeError), (3, IndexError), (-1, IndexError)])
def test_a_refit_rule_must_give_an_index(index, error):
    with pytest.raises(error, match="best_index_"):
        kit.GridSearchCV(MODEL, GRID, refit=lambda results: index).fit(X, Y)


@pytest.mark.filterwarnings("ignore")
def test_a_candidate_that_fails_ranks_last():
    grid = {"C": [-1.0, 1.0]}
    ours, theirs = (
        m.GridSearchCV(LogisticRegression(), grid).fit(X, Y).cv_results_ for m in (kit, peer)
    )
    assert ours["rank_test_score"].tolist() == theirs["rank_test_score"].tolist() == [2, 1]
    assert np.isnan(ours["mean_test_score"][0])


def test_all_scores_nan_is_told():
    def nan(model, X, y):
        return np.nan

    with pytest.warns(UserWarning, match="non-finite"):
        search = kit.GridSearchCV(MODEL, GRID, scoring=nan).fit(X, Y)
    assert search.cv_results_["rank_test_score"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("grid", [
    {"b": [1, 2], "a": ["x", "y", "z"]}, [{"a": [1]}, {}, {"b": [2, 3]}], {}, [],
    {"a": np.arange(3)}, {"a": [(1, 2), (3,)]},
], ids=str)  # fmt: skip
def test_grid_lists_the_candidates_that_scikit_learn_lists(grid):
    ours, theirs = kit.ParameterGrid(grid), peer.ParameterGrid(grid)
    assert list(ours) == list(theirs) and len(ours) == len(theirs)


@pytest.mark.parametrize("grid, error, words", [
    ("C", TypeError, "dict or a list"), (3, TypeError, "dict or a list"),
    ([3], TypeError, "not a dict"), ({"C": 1}, TypeError, "wrapped in a list"),
    ({"C": "abc"}, TypeError, "wrapped in a list"), ({"C": []}, ValueError, "non-empty"),
    ({"C": np.ones((2, 2))}, ValueError, "one-dimensional"),
], ids=str)  # fmt: skip
def test_bad_grids(grid, error, words):
    with pytest.raises(error, match=words):
        kit.GridSearchCV(MODEL, grid).fit(X, Y)


@pytest.mark.parametrize("values", [[(0, 1), (0, 2)], [(0, 1), (0, 2, 4)]])
def test_sequences_as_values_of_a_parameter(values):
    def one(model, X, y):
        return 1.0

    class Any(StandardScaler):
        def __init__(self, edges=()):
            super().__init__()
            self.edges = edges

    table = kit.GridSearchCV(Any(), {"edges": values}, scoring=one).fit(X, Y).cv_results_
    assert table["param_edges"].tolist() == values and table["param_edges"].dtype == object
