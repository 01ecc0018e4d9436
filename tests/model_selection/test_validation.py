"""cross_validate and friends: scikit-learn's numbers, nothing fitted outside the fold."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn.model_selection as peer
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.datasets import load_iris, make_classification, make_regression
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.metrics import get_scorer as peer_get_scorer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import mlsd_kit.model_selection as kit

X, Y = make_classification(200, 6, n_informative=4, flip_y=0.2, random_state=0)
MODEL = make_pipeline(StandardScaler(), LogisticRegression())
REGRESSION = make_regression(100, 4, noise=20, random_state=0)
CLASSIFIER_SCORES = ["accuracy", "precision", "recall", "f1", "f1_macro", "roc_auc",
                     "average_precision", "neg_log_loss", "neg_brier_score"]  # fmt: skip
REGRESSOR_SCORES = ["r2", "neg_mean_squared_error", "neg_root_mean_squared_error",
                    "neg_mean_absolute_error", "neg_mean_absolute_percentage_error"]  # fmt: skip


def assert_same_scores(ours, theirs):
    assert list(ours) == list(theirs)
    for name in ours:
        if name.startswith(("test_", "train_")):
            np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-12)
            assert np.isfinite(ours[name]).all()


def test_classification_scores_are_scikit_learns():
    options = {"scoring": CLASSIFIER_SCORES, "cv": 4, "return_train_score": True}
    assert_same_scores(
        kit.cross_validate(MODEL, X, Y, **options), peer.cross_validate(MODEL, X, Y, **options)
    )


def test_regression_scores_are_scikit_learns():
    options = {"scoring": REGRESSOR_SCORES, "cv": peer.KFold(3, shuffle=True, random_state=0)}
    assert_same_scores(
        kit.cross_validate(Ridge(), *REGRESSION, **options),
        peer.cross_validate(Ridge(), *REGRESSION, **options),
    )


@pytest.mark.parametrize("name", ["roc_auc_ovr", "roc_auc_ovo_weighted", "neg_log_loss",
                                  "precision_weighted", "recall_micro"])  # fmt: skip
def test_multiclass_scores_are_scikit_learns(name):
    data = load_iris(return_X_y=True)
    np.testing.assert_allclose(
        kit.cross_val_score(MODEL, *data, scoring=name),
        peer.cross_val_score(MODEL, *data, scoring=name),
        rtol=1e-12,
    )


def test_roc_auc_asks_for_decision_function_where_there_are_no_probabilities():
    np.testing.assert_allclose(
        kit.cross_val_score(RidgeClassifier(), X, Y, scoring="roc_auc"),
        peer.cross_val_score(RidgeClassifier(), X, Y, scoring="roc_auc"),
    )


def test_string_labels_in_a_frame():
    churn = pd.Series(np.where(Y == 1, "Yes", "No"))
    np.testing.assert_allclose(
        kit.cross_val_score(MODEL, pd.DataFrame(X), churn, scoring="roc_auc"),
        kit.cross_val_score(MODEL, X, Y, scoring="roc_auc"),
    )


@pytest.mark.filterwarnings("ignore:Scoring failed")
def test_a_rare_class_missing_from_a_test_fold_still_has_a_log_loss():
    y = np.array([0, 1] * 10 + [2])
    scores = kit.cross_val_score(MODEL, X[:21], y, scoring="neg_log_loss", cv=kit.KFold(2))
    assert np.isfinite(scores[0]) and np.isnan(peer.cross_val_score(
        MODEL, X[:21], y, scoring="neg_log_loss", cv=kit.KFold(2))[0])  # fmt: skip


@pytest.mark.parametrize("scoring", [
    None, "accuracy", lambda model, X, y: {"a": 1.0, "b": model.score(X, y)},
    {"mine": peer_get_scorer("f1"), "auc": "roc_auc"}, ("accuracy", "f1"),
    peer_get_scorer("roc_auc"),
], ids=["none", "name", "callable dict", "dict", "tuple", "peer scorer"])  # fmt: skip
def test_every_form_of_scoring(scoring):
    assert_same_scores(
        kit.cross_validate(MODEL, X, Y, scoring=scoring),
        peer.cross_validate(MODEL, X, Y, scoring=scoring),
    )


@pytest.mark.parametrize(
    "scoring, sentence",
    [("auc", "use one of"), ([], "name at least one"), (["f1", "f1"], "duplicate"),
     ([len], "names only"), (3, "use a name"), ({}, "name at least one"),
     ({"a": "nope"}, "'nope' is not a valid")],
)  # fmt: skip
def test_bad_scoring_is_told_before_any_fit(scoring, sentence):
    with pytest.raises(ValueError, match=sentence):
        kit.cross_validate(None, X, Y, scoring=scoring, cv=2)


def test_a_model_without_score_needs_scoring():
    with pytest.raises(TypeError, match="should have a 'score' method"):
        kit.cross_val_score(StandardScaler(), X, Y)


def test_cross_val_score_is_one_score():
    with pytest.raises(ValueError, match="use cross_validate"):
        kit.cross_val_score(MODEL, X, Y, scoring=["f1", "roc_auc"])


def test_make_scorer_and_names():
    loss = kit.make_scorer(lambda y, p, power: (abs(y - p) ** power).mean(), power=2,
                           greater_is_better=False)  # fmt: skip
    np.testing.assert_allclose(
        kit.cross_val_score(Ridge(), *REGRESSION, scoring=loss),
        kit.cross_val_score(Ridge(), *REGRESSION, scoring="neg_mean_squared_error"),
    )
    assert set(CLASSIFIER_SCORES + REGRESSOR_SCORES) < set(kit.get_scorer_names())
    assert kit.get_scorer(loss) is loss


def test_several_scorers_are_one_callable():
    model = clone(MODEL).fit(X, Y)
    scores = kit.check_scoring(model, ["accuracy", "roc_auc"])(model, X, Y)
    assert scores["accuracy"] == model.score(X, Y) and list(scores) == ["accuracy", "roc_auc"]


def test_scorer_on_a_model_of_one_class():
    class OneClass(LogisticRegression):
        def predict_proba(self, X):
            return np.ones((len(X), 1))

    model = OneClass().fit(X, Y)
    with pytest.raises(ValueError, match="one class only"):
        kit.get_scorer("neg_brier_score")(model, X, Y)


class Spy(TransformerMixin, BaseEstimator):
    """Notes, outside itself, what fit and transform saw."""

    log: list = []

    def fit(self, X, y=None):
        self.mean_ = X.mean()
        Spy.log.append(("fit", sorted(X[:, 0].tolist())))
        return self

    def transform(self, X):
        Spy.log.append(("transform", sorted(X[:, 0].tolist())))
        return X


@pytest.mark.parametrize("run", ["cross_validate", "cross_val_predict", "search"])
def test_preprocessing_is_fitted_on_train_rows_only(run):
    Spy.log.clear()
    rows = np.arange(20.0)[:, None]
    model, cv = make_pipeline(Spy(), Ridge()), kit.KFold(4)
    if run == "search":
        kit.GridSearchCV(model, {"ridge__alpha": [1.0]}, cv=cv, refit=False).fit(rows, rows[:, 0])
    else:
        getattr(kit, run)(model, rows, rows[:, 0], cv=cv)
    fits = [seen for what, seen in Spy.log if what == "fit"]
    assert fits == [np.delete(np.arange(20), test).tolist() for _, test in cv.split(rows)]
    transforms = [seen for what, seen in Spy.log if what == "transform"]
    assert transforms[1::2] == [test.tolist() for _, test in cv.split(rows)]


def test_one_and_two_workers_give_the_same_scores():
    model = DecisionTreeClassifier(max_features=2, random_state=np.random.RandomState(0))
    one, two = (
        kit.cross_validate(model, X, Y, n_jobs=n, return_train_score=True,
                           scoring=["roc_auc", "f1"]) for n in (1, 2)
    )  # fmt: skip
    assert_same_scores(one, two)
    model = DecisionTreeClassifier(max_features=2, random_state=0)
    np.testing.assert_array_equal(
        *(kit.cross_val_predict(model, X, Y, n_jobs=n, method="predict_proba") for n in (1, 2))
    )


def test_what_is_left_out_is_a_type_error():
    for function in (kit.cross_validate, kit.cross_val_score, kit.cross_val_predict):
        for left_out in ("fit_params", "verbose", "pre_dispatch"):
            with pytest.raises(TypeError, match=left_out):
                function(MODEL, X, Y, **{left_out: None})
        ours, theirs = (
            inspect.signature(f).parameters for f in (function, getattr(peer, function.__name__))
        )
        theirs = {k: p for k, p in theirs.items() if k not in ("verbose", "pre_dispatch")}
        for name, parameter in ours.items():
            assert parameter.kind == theirs[name].kind
            default = theirs[name].default
            assert parameter.default is default or parameter.default == default
        assert list(ours) == list(theirs)


def test_estimators_and_indices_are_given_back():
    table = kit.cross_validate(MODEL, X, Y, cv=3, return_estimator=True, return_indices=True)
    for i, model in enumerate(table["estimator"]):
        test = table["indices"]["test"][i]
        assert model.score(X[test], Y[test]) == table["test_score"][i]
        assert len(table["indices"]["train"][i]) == 200 - len(test)
    assert not hasattr(MODEL, "classes_")  # the caller's model stays unfitted


def test_params_with_one_value_a_row_are_cut_to_the_train_rows():
    weight = np.linspace(0, 1, len(Y))
    np.testing.assert_allclose(
        kit.cross_val_score(LogisticRegression(), X, Y, params={"sample_weight": weight}),
        peer.cross_val_score(LogisticRegression(), X, Y, params={"sample_weight": weight}),
    )
    np.testing.assert_allclose(
        kit.cross_val_predict(LogisticRegression(), X, Y, params={"sample_weight": weight}),
        peer.cross_val_predict(LogisticRegression(), X, Y, params={"sample_weight": weight}),
    )


class Moody(ClassifierMixin, BaseEstimator):
    """Fails to fit when row 0 is in the train half."""

    def __init__(self, always=False):
        self.always = always

    def fit(self, X, y):
        if self.always or 0 in X:
            raise RuntimeError("not today")
        return self

    def predict(self, X):
        return np.zeros(len(X), int)


ROWS, ZEROS = np.arange(10)[:, None], np.zeros(10, int)


def test_a_failed_fit_scores_error_score_and_warns():
    options = {"cv": kit.KFold(2), "error_score": -7, "return_train_score": True}
    with pytest.warns(FitFailedWarning, match=r"1 fits failed(.|\n)*not today"):
        table = kit.cross_validate(Moody(), ROWS, ZEROS, scoring=["accuracy"], **options)
    assert table["test_accuracy"].tolist() == table["train_accuracy"].tolist() == [1, -7]


def test_all_failed_fits_and_raise():
    with pytest.raises(ValueError, match=r"All the 5 fits failed(.|\n)*not today"):
        kit.cross_validate(Moody(always=True), ROWS, ZEROS, cv=kit.KFold(5))
    with pytest.raises(RuntimeError, match="not today"):
        kit.cross_val_score(Moody(always=True), ROWS, ZEROS, cv=2, error_score="raise")
    with pytest.raises(ValueError, match="error_score must be"):
        kit.cross_val_score(Moody(), ROWS, ZEROS, cv=2, error_score="rise")
    with pytest.raises(ValueError, match="cv gave no fold"):
        kit.cross_val_score(Moody(), ROWS, ZEROS, cv=[])


def test_a_failed_score_is_error_score():
    def fails(model, X, y):
        raise RuntimeError("no score")

    with pytest.warns(UserWarning, match=r"Scoring failed(.|\n)*no score"):
        scores = kit.cross_val_score(MODEL, X, Y, scoring=fails, cv=2)
    assert np.isnan(scores).all()
    with pytest.raises(RuntimeError, match="no score"):
        kit.cross_val_score(MODEL, X, Y, scoring=fails, cv=2, error_score="raise")


def test_a_score_must_be_a_number():
    with pytest.raises(ValueError, match="must return a number"):
        kit.cross_val_score(MODEL, X, Y, scoring=lambda m, X, y: "good", cv=2)
    scores = kit.cross_val_score(MODEL, X, Y, scoring=lambda m, X, y: np.array([0.5]), cv=2)
    assert scores.tolist() == [0.5, 0.5]


class Unsupervised(BaseEstimator):
    """Scores without a target."""

    def fit(self, X):
        self.mean_ = X.mean()
        return self

    def score(self, X):
        return -abs(X.mean() - self.mean_)

    def predict(self, X):
        return X[:, 0] > self.mean_


def test_no_target():
    assert kit.cross_val_score(Unsupervised(), ROWS, cv=2).tolist() == [-5, -5]
    both = {"a": lambda m, X: 1.0, "b": lambda m, X: 2.0}
    assert kit.cross_validate(Unsupervised(), ROWS, cv=2, scoring=both)["test_b"].tolist() == [2, 2]
    assert kit.cross_val_predict(Unsupervised(), ROWS, cv=2).tolist() == [False] * 5 + [True] * 5


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba",
                                    "decision_function"])  # fmt: skip
@pytest.mark.parametrize("n_classes", [2, 3])
def test_out_of_fold_predictions_are_scikit_learns_in_the_rows_order(method, n_classes):
    y = np.array(["b", "a", "c"])[np.arange(200) % n_classes]
    cv = kit.StratifiedKFold(4, shuffle=True, random_state=0)
    ours, theirs = (m.cross_val_predict(MODEL, X, y, cv=cv, method=method) for m in (kit, peer))
    if method == "predict":
        np.testing.assert_array_equal(ours, theirs)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.filterwarnings("ignore:Number of classes")
@pytest.mark.parametrize("method", ["predict_proba", "predict_log_proba", "decision_function"])
def test_a_class_missing_from_a_train_half_keeps_its_column(method):
    y = np.sort(np.arange(60) % 4)[::-1].copy()
    cv = kit.KFold(4)  # each test half is one whole class
    with pytest.warns(RuntimeWarning, match="does not match total number of classes"):
        ours = kit.cross_val_predict(MODEL, X[:60], y, cv=cv, method=method)
    np.testing.assert_allclose(ours, peer.cross_val_predict(MODEL, X[:60], y, cv=cv, method=method))


@pytest.mark.filterwarnings("ignore:Number of classes")
def test_a_missing_class_cannot_be_spread_from_one_column():
    y = np.repeat([0, 1, 2], 20)
    with pytest.raises(ValueError, match=r"Output shape(.|\n)*stratified"):
        kit.cross_val_predict(MODEL, X[:60], y, cv=kit.KFold(3), method="decision_function")


def test_out_of_fold_predictions_need_a_partition():
    with pytest.raises(ValueError, match="only works for partitions"):
        kit.cross_val_predict(MODEL, X, Y, cv=kit.TimeSeriesSplit(3))
    with pytest.raises(ValueError, match="one column"):
        kit.cross_val_predict(MODEL, X, np.c_[Y, Y], cv=kit.KFold(2), method="predict_proba")


def test_masks_as_test_rows_and_sparse_predictions():
    mask = np.arange(10) < 5
    cv = [(~mask, mask), (mask, ~mask)]
    np.testing.assert_array_equal(
        kit.cross_val_predict(Ridge(), ROWS, ROWS[:, 0], cv=cv),
        kit.cross_val_predict(Ridge(), ROWS, ROWS[:, 0], cv=kit.KFold(2)),
    )

    class Encoding(OneHotEncoder):
        predict = OneHotEncoder.transform

    letters = np.array(list("abab"))[:, None]
    codes = kit.cross_val_predict(Encoding(), letters, cv=kit.KFold(2))
    assert sp.issparse(codes)
    np.testing.assert_array_equal(codes.toarray(), [[1, 0], [0, 1], [1, 0], [0, 1]])
