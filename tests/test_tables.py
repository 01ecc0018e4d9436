"""What pandas and NumPy hand over: small integers, nullable types, objects, dates, large labels."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import UndefinedMetricWarning

from mlsd_kit import metrics
from mlsd_kit.decomposition import PCA
from mlsd_kit.drift import ks_test, psi
from mlsd_kit.linear_model import LinearRegression, LogisticRegression
from mlsd_kit.model_selection import StratifiedKFold, cross_validate, train_test_split
from mlsd_kit.neighbors import KNeighborsClassifier, KNeighborsRegressor
from mlsd_kit.neural_network import MLPClassifier
from mlsd_kit.preprocessing import KNNImputer, OneHotEncoder, SimpleImputer, StandardScaler
from mlsd_kit.resampling import (
    SMOTE,
    SMOTENC,
    BorderlineSMOTE,
    RandomOverSampler,
    RandomUnderSampler,
)

RNG = np.random.default_rng(0)
SMALL = RNG.integers(-128, 128, size=(24, 2)).astype(np.int8)
LABELS = np.array([0, 1] * 12)
UNEVEN = slice(0, 23)

ON_NUMBERS = {
    "scaler": lambda X: StandardScaler().fit_transform(X),
    "mean imputer": lambda X: SimpleImputer().fit_transform(X),
    "knn imputer": lambda X: KNNImputer().fit_transform(X),
    "pca": lambda X: PCA(1).fit_transform(X),
    "linear": lambda X: LinearRegression().fit(X, X[:, 0].astype(float)).predict(X),
    "logistic": lambda X: LogisticRegression().fit(X, LABELS).predict_proba(X),
    "knn": lambda X: KNeighborsClassifier(3).fit(X, LABELS).predict_proba(X),
    "knn regression": lambda X: KNeighborsRegressor(3).fit(X, X[:, 1]).predict(X),
    "error": lambda X: metrics.mean_absolute_error(X[:, 0], X[:, 1]),
    "squared error": lambda X: metrics.mean_squared_error(X[:, 0], X[:, 1]),
    "r2": lambda X: metrics.r2_score(X[:, 0], X[:, 1]),
    "auc": lambda X: metrics.roc_auc_score(LABELS, X[:, 0]),
    "psi": lambda X: psi(X[:12, 0], X[12:, 0]),
    "ks": lambda X: ks_test(X[:12, 0], X[12:, 0]).statistic,
}


@pytest.mark.parametrize("name", ON_NUMBERS)
@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_small_integers_give_what_the_same_floats_give(name, dtype):
    X = SMALL if dtype is np.int8 else (SMALL.astype(int) + 128).astype(dtype)
    np.testing.assert_allclose(
        ON_NUMBERS[name](X), ON_NUMBERS[name](X.astype(float)), rtol=1e-7, atol=1e-9
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16, np.int64])
@pytest.mark.parametrize("kind", ["plain", "border", "nc"])
def test_a_made_row_lies_between_rows_of_its_class(dtype, kind):
    info = np.iinfo(np.int8 if dtype == np.int8 else np.uint8)
    numbers = np.linspace(info.min, info.max, 12).astype(dtype)
    X, y = np.column_stack([numbers, np.tile([0, 1], 6)]), np.array([0] * 8 + [1] * 4)
    samplers = {
        "plain": lambda seed: SMOTE(k_neighbors=3, random_state=seed),
        "border": lambda seed: BorderlineSMOTE(k_neighbors=3, m_neighbors=6, random_state=seed),
        "nc": lambda seed: SMOTENC([1], k_neighbors=3, random_state=seed),
    }
    low, high = numbers[8:].min(), numbers[8:].max()
    for seed in range(5):
        made = samplers[kind](seed).fit_resample(X, y)[0][len(X) :, 0]
        assert ((made >= low) & (made <= high)).all()


KINDS = {
    "objects": lambda y: pd.Series(y, dtype=object),
    "object array": lambda y: np.array(y, dtype=object),
    "nullable integers": lambda y: pd.Series(y, dtype="Int64"),
    "nullable booleans": lambda y: pd.Series(y).astype("boolean"),
    "categories": lambda y: pd.Series(y, dtype="category"),
}
X_PLAIN = RNG.normal(size=(24, 2))


def resampled(sampler, y):
    return sampler.fit_resample(X_PLAIN[UNEVEN], y[UNEVEN])


TAKES_LABELS = {
    "stratified folds": lambda y: list(StratifiedKFold(3).split(X_PLAIN, y)),
    "stratified split": lambda y: train_test_split(X_PLAIN, stratify=y, random_state=0),
    "over-sampling": lambda y: RandomOverSampler(random_state=0).fit_resample(
        X_PLAIN[UNEVEN], y[UNEVEN]
    ),
    "under-sampling": lambda y: RandomUnderSampler(random_state=0).fit_resample(
        X_PLAIN[UNEVEN], y[UNEVEN]
    ),
    "smote": lambda y: SMOTE(random_state=0).fit_resample(X_PLAIN[UNEVEN], y[UNEVEN]),
    "logistic": lambda y: LogisticRegression().fit(X_PLAIN, y).predict(X_PLAIN),
    "knn": lambda y: KNeighborsClassifier().fit(X_PLAIN, y).predict(X_PLAIN),
    "network": lambda y: MLPClassifier((2,), max_iter=2, random_state=0).fit(X_PLAIN, y).classes_,
    "accuracy": lambda y: metrics.accuracy_score(y, y),
    "f1": lambda y: metrics.f1_score(y, y),
    "cross-validation": lambda y: cross_validate(KNeighborsClassifier(), X_PLAIN, y)["test_score"],
}


def flat(found):
    parts = found if isinstance(found, list | tuple) else [found]
    arrays = [a for part in parts for a in (part if isinstance(part, list | tuple) else [part])]
    return np.concatenate([np.asarray(each, dtype=float).ravel() for each in arrays])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TAKES_LABELS)
def test_labels_of_every_kind_are_the_same_labels(name, kind):
    got, want = TAKES_LABELS[name](KINDS[kind](LABELS)), TAKES_LABELS[name](LABELS)
    np.testing.assert_array_equal(flat(got), flat(want))


@pytest.mark.parametrize("name", ["stratified folds", "smote", "logistic", "accuracy"])
def test_missing_labels_are_told(name):
    y = pd.Series([pd.NA, *LABELS[1:]], dtype=object)
    with pytest.raises(ValueError, match=r"missing|NaN"):
        TAKES_LABELS[name](y)


TAKES_TABLES = {
    "scaler": lambda X: StandardScaler().fit_transform(X),
    "mean imputer": lambda X: SimpleImputer().fit_transform(X),
    "knn imputer": lambda X: KNNImputer().fit_transform(X),
}


@pytest.mark.parametrize("name", TAKES_TABLES)
@pytest.mark.parametrize("dtype", ["Int64", object])
def test_pandas_na_is_a_missing_number(name, dtype):
    nullable = pd.DataFrame({"a": [1, pd.NA, 3, 5], "b": [2, 4, 6, 9]}).astype(dtype)
    plain = pd.DataFrame({"a": [1, np.nan, 3, 5], "b": [2.0, 4, 6, 9]})
    np.testing.assert_allclose(TAKES_TABLES[name](nullable), TAKES_TABLES[name](plain))
    assert nullable.isna().sum().tolist() == [1, 0]  # the caller's table is as it was


def test_a_model_that_takes_no_missing_numbers_says_so_of_pandas_na():
    X = pd.DataFrame({"a": [1, pd.NA, 3, 5]}, dtype=object)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        LogisticRegression().fit(X, [0, 1, 0, 1])


def days(unit, *texts):
    return pd.DataFrame({"day": np.array(texts, dtype=f"datetime64[{unit}]")})


@pytest.mark.parametrize(
    ("fitted", "asked"), [("ns", "us"), ("us", "ns"), ("s", "ns"), ("D", "us")]
)
def test_a_date_is_the_same_category_in_every_unit(fitted, asked):
    encoder = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    encoder.fit(days(fitted, "2024-01-01", "2024-01-02", "NaT"))
    got = encoder.transform(days(asked, "2024-01-02", "NaT", "2024-01-03"))
    assert got.tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]


def test_dates_that_another_unit_cannot_hold_are_unknown():
    encoder = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    encoder.fit(days("ns", "2024-01-01", "2024-01-01T00:00:00.000000001"))
    assert encoder.transform(days("us", "2024-01-01", "9024-01-01")).tolist() == [[1, 0], [0, 0]]
    encoder.fit(days("us", "2024-01-01", "9024-01-01"))
    finer = days("ns", "2024-01-01", "2024-01-01T00:00:00.000000001")
    assert encoder.transform(finer).tolist() == [[1, 0], [0, 0]]


@pytest.mark.parametrize("unit", ["ns", "us", "D"])
def test_fit_transform_of_dates_is_fit_and_transform(unit):
    table = days(unit, "2024-01-02", "NaT", "2024-01-01", "2024-01-02")
    encoder = OneHotEncoder(sparse_output=False)
    np.testing.assert_array_equal(encoder.fit_transform(table), encoder.fit(table).transform(table))


@pytest.mark.parametrize("large", [2**53, 2**62, 2**63 - 2, -(2**63)])
def test_large_labels_stay_apart(large):
    true = np.array([large, large + 1, large], dtype=np.int64)
    assert metrics.accuracy_score(true, true[::-1]) == 1
    assert metrics.accuracy_score(true, np.full(3, large)) == pytest.approx(2 / 3)
    assert metrics.confusion_matrix(true, true).tolist() == [[2, 0], [0, 1]]


def test_large_labels_of_two_types_stay_apart():
    signed = np.array([2**62, 2**62 + 1], dtype=np.int64)
    assert metrics.accuracy_score(signed, signed.astype(np.uint64)) == 1
    assert metrics.accuracy_score(signed, signed[::-1].astype(np.uint64)) == 0
    assert metrics.accuracy_score(signed, np.array([2.0**62, 2.0**62])) == 0.5


SHARES = {
    "ndcg": lambda y, s, w: metrics.ndcg_score(
        np.tile(y, (len(w), 1)), np.tile(s, (len(w), 1)), sample_weight=w
    ),
    "average precision": lambda y, s, w: metrics.average_precision_score(y, s, sample_weight=w),
    "auc": lambda y, s, w: metrics.roc_auc_score(y, s, sample_weight=w),
    "accuracy": lambda y, s, w: metrics.accuracy_score(y, y, sample_weight=w),
    "f1": lambda y, s, w: metrics.f1_score(y, y, sample_weight=w, average="weighted"),
    "precision at k": lambda y, s, w: metrics.precision_at_k(
        np.tile(y, (len(w), 1)), np.tile(s, (len(w), 1)), k=1, sample_weight=w
    ),
}


@given(
    weight=st.lists(st.floats(1e-3, 1e3), min_size=9, max_size=9),
    tied=st.booleans(),
    name=st.sampled_from(sorted(SHARES)),
)
def test_a_share_is_never_above_one(weight, tied, name):
    y = np.array([1, 1, 1, 0, 0, 0, 1, 0, 1])
    score = np.full(9, 0.1) if tied else y + 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        assert 0 <= SHARES[name](y, score, np.array(weight)) <= 1


def test_ties_of_equal_gains_are_a_perfect_order():
    assert metrics.ndcg_score([[0.1, 0.1, 0.1]], [[1, 1, 1]]) == 1


@pytest.mark.parametrize("weight", [[1, -1], [0.1, -0.1], [1e-9, -1e-9]])
@pytest.mark.parametrize(
    "metric",
    [
        metrics.mean_absolute_error,
        metrics.mean_squared_error,
        metrics.accuracy_score,
        metrics.brier_score_loss,
    ],
)
def test_weights_that_cancel_give_no_mean(metric, weight):
    with pytest.raises(ValueError, match="sample_weight adds up to 0"):
        metric([0, 1], [1, 1], sample_weight=weight)
