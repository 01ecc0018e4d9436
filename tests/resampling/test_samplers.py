"""The samplers: imbalanced-learn's contract and very samples, and the edges."""

from __future__ import annotations

from collections import Counter
from typing import Any

import imblearn.over_sampling as over
import imblearn.under_sampling as under
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.utils.estimator_checks import estimator_checks_generator
from scipy import sparse
from sklearn.base import clone

from mlsd_kit.resampling import (
    SMOTE,
    SMOTENC,
    BorderlineSMOTE,
    RandomOverSampler,
    RandomUnderSampler,
)
from mlsd_kit.resampling._neighbors import neighbors_of

PAIRS = [
    (RandomOverSampler, over.RandomOverSampler),
    (RandomUnderSampler, under.RandomUnderSampler),
    (SMOTE, over.SMOTE),
    (BorderlineSMOTE, over.BorderlineSMOTE),
]
OURS = [ours for ours, _ in PAIRS]
SYNTHETIC = [SMOTE, BorderlineSMOTE]


CHECKS = [
    pytest.param(estimator, check, id=f"{type(estimator).__name__}-{check.func.__name__}")
    for sampler in (
        RandomOverSampler(random_state=0),
        RandomUnderSampler(random_state=0),
        SMOTE(random_state=0),
        BorderlineSMOTE(random_state=0),
        SMOTENC([0], random_state=0),
    )
    for estimator, check in estimator_checks_generator(sampler)
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_contract(estimator: Any, check: Any) -> None:
    check(estimator)


def data(seed: int, sizes: tuple[int, ...] = (60, 20, 15), d: int = 3) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return rng.normal(size=(len(y), d)) + 0.7 * y[:, None], y


def same(ours: tuple[Any, Any], peer: tuple[Any, Any]) -> None:
    np.testing.assert_allclose(ours[0], peer[0], rtol=1e-9)
    np.testing.assert_array_equal(ours[1], peer[1])


@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, 10_000),
    st.sampled_from(["auto", "not minority", "all", "both"]),
    st.sampled_from([0, 7, 42]),
)
@pytest.mark.parametrize(("ours", "peer"), PAIRS)
def test_very_samples_of_the_peer(
    ours: type, peer: type, seed: int, strategy: str, random_state: int
) -> None:
    X, y = data(seed)
    by_class = {0: 15, 1: 12, 2: 15} if ours is RandomUnderSampler else {0: 60, 1: 25, 2: 31}
    options = dict(
        sampling_strategy=by_class if strategy == "both" else strategy, random_state=random_state
    )
    same(ours(**options).fit_resample(X, y), peer(**options).fit_resample(X, y))


@pytest.mark.parametrize(("ours", "peer"), PAIRS)
def test_ratios_that_round_and_functions(ours: type, peer: type) -> None:
    X, y = data(3, (61, 22))
    for strategy in (0.5, 0.77, 1.0, lambda y: {0: 61, 1: 22}):
        options = dict(sampling_strategy=strategy, random_state=0)
        got = ours(**options).fit_resample(X, y)
        same(got, peer(**options).fit_resample(X, y))
    with pytest.raises(ValueError, match=r"remove samples|add samples|more samples"):
        ours(sampling_strategy=0.2).fit(X, y)


@pytest.mark.parametrize("kind", ["borderline-1", "borderline-2"])
@pytest.mark.parametrize("seed", range(5))
def test_borderline_kinds_of_the_peer(kind: str, seed: int) -> None:
    X, y = data(seed)
    options = dict(kind=kind, random_state=seed, m_neighbors=7, k_neighbors=3)
    ours, peer = BorderlineSMOTE(**options), over.BorderlineSMOTE(**options)
    same(ours.fit_resample(X, y), peer.fit_resample(X, y))
    assert ours.in_danger_indices.keys() == peer.in_danger_indices.keys()
    for label, rows in ours.in_danger_indices.items():
        np.testing.assert_array_equal(rows, peer.in_danger_indices[label])


@pytest.mark.parametrize("seed", range(5))
def test_smote_nc_of_the_peer(seed: int) -> None:
    X, y = data(seed, (60, 20, 15), 4)
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(X, columns=list("abcd"))
    frame.insert(1, "plan", rng.choice(["x", "y", "z"], len(y)))
    frame["city"] = rng.choice(["p", "q"], len(y))
    options = dict(random_state=seed, k_neighbors=4)
    ours = SMOTENC(["plan", "city"], **options)
    peer = over.SMOTENC(["plan", "city"], **options)
    got, expected = ours.fit_resample(frame, y), peer.fit_resample(frame, y)
    pd.testing.assert_frame_equal(got[0], expected[0])
    np.testing.assert_array_equal(got[1], expected[1])
    assert ours.median_std_ == pytest.approx(peer.median_std_)


def test_random_state_instance_gives_the_peers_stream() -> None:
    X, y = data(5)
    for ours, peer in PAIRS:
        got = ours(random_state=np.random.RandomState(3)).fit_resample(X, y)
        same(got, peer(random_state=np.random.RandomState(3)).fit_resample(X, y))


@pytest.mark.parametrize("sampler", OURS)
def test_zero_is_a_seed_and_the_global_generator_is_untouched(sampler: type) -> None:
    X, y = data(1)
    np.random.seed(5)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first = sampler(random_state=0).fit_resample(X, y)
    second = sampler(random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("sampler", [*OURS, lambda **k: SMOTENC([0], **k)])
def test_input_is_not_written_and_may_be_read_only(sampler: Any) -> None:
    X, y = data(2)
    X = np.round(X)  # also duplicates and ties
    before = X.copy()
    X.setflags(write=False)
    out, labels = sampler(random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(X, before)
    strided = np.asfortranarray(np.repeat(X, 2, axis=0))[::2]
    again, _ = sampler(random_state=0).fit_resample(strided, y)
    np.testing.assert_allclose(again, out)
    counts = Counter(labels.tolist())
    if sampler is not BorderlineSMOTE:
        assert len(set(counts.values())) == 1


@pytest.mark.parametrize("sampler", SYNTHETIC)
def test_new_rows_lie_between_rows_of_the_class(sampler: type) -> None:
    X, y = data(4)
    out, labels = sampler(random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(out[: len(X)], X)
    for label in (1, 2):
        own = X[y == label]
        new = out[len(X) :][labels[len(X) :] == label]
        assert (new >= own.min(axis=0)).all()
        assert (new <= own.max(axis=0)).all()


def test_smote_leaves_itself_out_by_number_not_by_distance() -> None:
    twin, far = [0.0, 0.0], [10.0, 10.0]
    X = np.array([[5.0, 0.0]] * 9 + [twin, twin, far])
    y = np.array([0] * 9 + [1] * 3)
    new = SMOTE(k_neighbors=1, random_state=0).fit_resample(X, y)[0][12:]
    # a twin's only neighbour is its twin: only rows that start from `far` can lie elsewhere
    from_far = SMOTE(k_neighbors=1, random_state=0)._draw(np.array([[1], [0], [0]]), 6).rows == 2
    assert (new[~from_far] == 0).all()
    assert (new[from_far] != 0).all()
    assert from_far.any() and not from_far.all()


def test_smote_of_duplicates_only() -> None:
    X = np.vstack([np.arange(20).reshape(10, 2), np.full((6, 2), 7)]).astype(float)
    y = np.array([0] * 10 + [1] * 6)
    out, _ = SMOTE(random_state=0).fit_resample(X, y)
    assert (out[16:] == 7).all()


def test_neighbors_of_many_duplicates() -> None:
    X = np.zeros((8, 1))
    got = neighbors_of(X, np.array([0, 7]), 3)
    assert got.shape == (2, 3)
    assert 0 not in got[0] and 7 not in got[1]


def test_same_neighbours_on_one_and_on_two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.random.default_rng(0).normal(size=(400, 3))
    rows = np.arange(400)
    alone = neighbors_of(X, rows, 4)
    monkeypatch.setattr("mlsd_kit.neighbors.search._SHORT", 100)
    for n_threads in ("2", "3", ""):
        monkeypatch.setenv("OMP_NUM_THREADS", n_threads)
        np.testing.assert_array_equal(neighbors_of(X, rows, 4), alone)
    d2 = ((X[:, None] - X[None]) ** 2).sum(axis=2)
    np.fill_diagonal(d2, np.inf)
    np.testing.assert_array_equal(alone, np.argsort(d2, axis=1, kind="stable")[:, :4])


@pytest.mark.parametrize("sampler", [*SYNTHETIC, lambda **k: SMOTENC([0], **k)])
def test_minority_not_larger_than_k_names_the_cure(sampler: Any) -> None:
    X, y = data(0, (30, 5))
    with pytest.raises(
        ValueError, match=r"k_neighbors=5 .*class .*1.*n_samples = 5.*k_neighbors=4"
    ):
        sampler(k_neighbors=5).fit_resample(X, y)
    out, labels = sampler(k_neighbors=4, random_state=0).fit_resample(X, y)
    assert len(out) == len(labels)


def test_m_neighbors_beyond_n_names_the_cure() -> None:
    X, y = data(0, (6, 4))
    with pytest.raises(ValueError, match=r"m_neighbors=10 .*n_samples = 10.*m_neighbors=9"):
        BorderlineSMOTE(k_neighbors=2).fit_resample(X, y)


def test_borderline_without_danger_adds_nothing() -> None:
    X = np.vstack([np.random.default_rng(0).normal(size=(20, 2)), np.full((12, 2), 50.0)])
    y = np.array([0] * 20 + [1] * 12)
    sampler = BorderlineSMOTE(random_state=0)
    assert len(sampler.fit_resample(X, y)[0]) == len(X)
    assert sampler.in_danger_indices == {}


@pytest.mark.parametrize(("ours", "theirs"), PAIRS[2:])
@pytest.mark.parametrize(
    ("dtype", "ends"), [(np.uint8, (100, 200)), (np.int8, (-100, 100))], ids=["uint8", "int8"]
)
def test_small_integers_do_not_wrap_as_those_of_imbalanced_learn_do(
    ours: Any, theirs: Any, dtype: Any, ends: tuple[int, int]
) -> None:
    """``docs/peer-tests.md`` says so: what it says of the other library is checked as well."""
    X = np.array([[end + i] for i in range(4) for end in ends] + [[110]] * 9, dtype=dtype)
    y = [0] * 8 + [1] * 9
    low, high = min(ends), max(ends) + 3

    def outside(sampler: Any) -> int:
        made = [
            int(value)
            for seed in range(20)
            for value in sampler(k_neighbors=7, random_state=seed).fit_resample(X, y)[0][17:, 0]
        ]
        assert len(made) == 20
        return sum(not low <= value <= high for value in made)

    assert outside(ours) == 0
    assert outside(theirs) > 0


def test_float32_integers_and_sparse_are_kept() -> None:
    X, y = data(6)
    out, _ = SMOTE(random_state=0).fit_resample(X.astype(np.float32), y)
    assert out.dtype == np.float32
    whole = (10 * X).astype(int)
    got = SMOTE(random_state=0).fit_resample(whole, y)[0]
    assert got.dtype == whole.dtype
    rows, _ = SMOTE(random_state=0).fit_resample(sparse.csc_matrix(X), y)
    assert rows.format == "csc"
    np.testing.assert_allclose(rows.toarray(), SMOTE(random_state=0).fit_resample(X, y)[0])


def test_random_samplers_take_any_table() -> None:
    frame = pd.DataFrame(
        {"t": ["a", None, "c", "d"], "x": pd.array([1, None, 3, 4], dtype="Int64")}
    )
    frame.index = [9, 8, 7, 6]
    y = pd.Series(["n", "n", "n", "y"], name="left")
    out, labels = RandomOverSampler(random_state=0).fit_resample(frame, y)
    assert out.dtypes.tolist() == frame.dtypes.tolist()
    assert out.index.tolist() == labels.index.tolist() == list(range(6))
    assert labels.tolist() == ["n", "n", "n", "y", "y", "y"]
    assert out["t"].tolist()[3:] == ["d", "d", "d"]
    sampler = RandomUnderSampler(random_state=0, replacement=True)
    kept, labels = sampler.fit_resample(sparse.csr_matrix(np.eye(4)), y)
    assert kept.shape == (2, 4)
    np.testing.assert_array_equal(kept.toarray(), np.eye(4)[sampler.sample_indices_])


def test_smote_nc_columns_by_position_mask_and_dtype() -> None:
    X, y = data(1, (30, 12), 2)
    frame = pd.DataFrame({"a": X[:, 0], "plan": pd.Categorical(np.where(X[:, 1] > 0, "u", "v"))})
    expected = SMOTENC(["plan"], random_state=0).fit_resample(frame, y)[0]
    for named in ([1], [-1], [False, True], "auto"):
        got = SMOTENC(named, random_state=0).fit_resample(frame, y)[0]
        pd.testing.assert_frame_equal(got, expected)
    assert isinstance(expected["plan"].dtype, pd.CategoricalDtype)
    assert set(expected["plan"]) == {"u", "v"}


def test_smote_nc_categories_are_neighbours_even_without_spread() -> None:
    X = np.array([[1.0, "a"]] * 6 + [[1.0, "b"]] * 7, dtype=object)
    y = np.array([1] * 6 + [0] * 7)
    out, labels = SMOTENC([1], random_state=0).fit_resample(X, y)
    assert set(out[labels == 1][:, 1]) == {"a"}


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("auto", "should be a pandas.DataFrame"),
        ([0, 1, 2], "only with categorical"),
        ([], "only with numerical"),
        ([5], r"in \[0, 2\]"),
        (["nowhere"], r"names \['nowhere'\]"),
        ([True, False], "mask has 2 entries"),
    ],
)
def test_smote_nc_bad_columns_are_named(named: Any, message: str) -> None:
    X, y = data(1)
    with pytest.raises(ValueError, match=message):
        SMOTENC(named).fit_resample(X, y)


@pytest.mark.parametrize("sampler", [SMOTE(), BorderlineSMOTE()])
def test_bad_input_is_named(sampler: Any) -> None:
    X, y = data(0)
    for bad, message in [(np.nan, "NaN"), (np.inf, "infinity")]:
        broken = X.copy()
        broken[0, 0] = bad
        with pytest.raises(ValueError, match=message):
            clone(sampler).fit_resample(broken, y)
    with pytest.raises(ValueError, match="0 sample"):
        clone(sampler).fit_resample(np.empty((0, 2)), [])
    with pytest.raises(TypeError, match="n_jobs"):
        type(sampler)(n_jobs=2)


def test_only_train_folds_are_resampled() -> None:
    from imblearn.pipeline import make_pipeline
    from sklearn.dummy import DummyClassifier

    X, y = data(8, (60, 20))
    seen: list[int] = []

    class Spy(DummyClassifier):
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Spy:
            seen.append(len(y))
            return super().fit(X, y)

        def predict(self, X: Any) -> Any:
            seen.append(-len(X))
            return super().predict(X)

    model = make_pipeline(SMOTE(random_state=0), Spy()).fit(X[:64], y[:64])
    model.predict(X[64:])
    assert seen == [2 * int((y[:64] == 0).sum()), -16]


@pytest.mark.parametrize("shrinkage", [0, 0.5, {0: 1.0, 1: 2.0, 2: 0.0}])
def test_smoothed_bootstrap_of_the_peer(shrinkage: Any) -> None:
    X, y = data(9)
    options = dict(random_state=0, shrinkage=shrinkage)
    expected = over.RandomOverSampler(**options).fit_resample(X, y)
    same(RandomOverSampler(**options).fit_resample(X, y), expected)
    rows, _ = RandomOverSampler(**options).fit_resample(sparse.csr_matrix(X), y)
    np.testing.assert_allclose(rows.toarray(), expected[0])


def test_smoothed_bootstrap_refuses_what_it_cannot_do() -> None:
    X, y = data(9)
    for shrinkage, message in [({0: 1.0}, "missing classes"), ({1: -1.0, 2: 1.0}, ">= 0")]:
        with pytest.raises(ValueError, match=message):
            RandomOverSampler(shrinkage=shrinkage).fit_resample(X, y)
    with pytest.raises(ValueError, match="only numerical data"):
        RandomOverSampler(shrinkage=1).fit_resample([["a"], ["b"], ["c"]], [0, 0, 1])
