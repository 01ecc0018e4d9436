"""The splitters give scikit-learn's very folds and never leak."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
import sklearn.model_selection as peer
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

import mlsd_kit.model_selection as kit

PROPERTY = settings(deadline=None, max_examples=40)


def same(ours, theirs, X, y=None, groups=None):
    a, b = list(ours.split(X, y, groups)), list(theirs.split(X, y, groups))
    assert len(a) == len(b) == ours.get_n_splits(X, y, groups) == theirs.get_n_splits(X, y, groups)
    for (train, test), (peer_train, peer_test) in zip(a, b, strict=True):
        np.testing.assert_array_equal(train, peer_train)
        np.testing.assert_array_equal(test, peer_test)


def assert_partition(splits, n):
    splits = list(splits)
    tests = np.concatenate([test for _, test in splits])
    np.testing.assert_array_equal(np.sort(tests), np.arange(n))
    for train, test in splits:
        np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(n))


@PROPERTY
@given(n=st.integers(2, 60), k=st.integers(2, 12), seed=st.none() | st.integers(0, 5))
def test_kfold_gives_scikit_learns_folds_and_every_row_is_tested_once(n, k, seed):
    if k > n:
        k = n
    options = {"shuffle": seed is not None, "random_state": seed}
    same(kit.KFold(k, **options), peer.KFold(k, **options), np.zeros(n))
    assert_partition(kit.KFold(k, **options).split(np.zeros(n)), n)


def test_uneven_n_gives_the_first_folds_one_row_more():
    assert [len(test) for _, test in kit.KFold(3).split(range(8))] == [3, 3, 2]


@PROPERTY
@given(
    y=st.lists(st.sampled_from("abcd"), min_size=6, max_size=80),
    k=st.integers(2, 5),
    seed=st.none() | st.integers(0, 5),
)
@pytest.mark.filterwarnings("ignore:The least populated class")
def test_stratified_kfold_gives_scikit_learns_folds(y, k, seed):
    options = {"shuffle": seed is not None, "random_state": seed}
    if max(map(y.count, y)) < k:
        with pytest.raises(ValueError, match="cannot be greater"):
            list(kit.StratifiedKFold(k).split(y, y))
        return
    same(kit.StratifiedKFold(k, **options), peer.StratifiedKFold(k, **options), y, y)
    assert_partition(kit.StratifiedKFold(k, **options).split(y, y), len(y))


@PROPERTY
@given(y=st.lists(st.integers(0, 3), min_size=30, max_size=60), seed=st.integers(0, 9))
@pytest.mark.filterwarnings("ignore:The least populated class")
def test_stratified_folds_share_each_class_to_within_one_row_and_ignore_label_names(y, seed):
    y = np.array(y)
    splits = list(kit.StratifiedKFold(3, shuffle=True, random_state=seed).split(y, y))
    for label in np.unique(y):
        counts = [int((y[test] == label).sum()) for _, test in splits]
        assert max(counts) - min(counts) <= 1
    renamed = np.array(["w", "z", "x", "v"])[y]
    again = kit.StratifiedKFold(3, shuffle=True, random_state=seed).split(renamed, renamed)
    for (_, test), (_, renamed_test) in zip(splits, again, strict=True):
        np.testing.assert_array_equal(test, renamed_test)


def test_rare_class_warns_and_its_members_are_spread():
    y = [0] * 20 + [1] * 2
    with pytest.warns(UserWarning, match="least populated class in y has only 2"):
        splits = list(kit.StratifiedKFold(5).split(y, y))
    assert sorted(sum(y[i] for i in test) for _, test in splits) == [0, 0, 0, 1, 1]


def test_stratified_rejects_a_continuous_target():
    with pytest.raises(ValueError, match="bin y first"):
        list(kit.StratifiedKFold(2).split(np.zeros(4), [0.1, 0.2, 0.3, 0.4]))


@st.composite
def grouped(draw):
    groups = draw(st.lists(st.integers(0, 9), min_size=12, max_size=60))
    y = draw(st.lists(st.integers(0, 2), min_size=len(groups), max_size=len(groups)))
    return np.array(groups), np.array(y)


@PROPERTY
@given(data=grouped(), k=st.integers(2, 4), seed=st.none() | st.integers(0, 5))
def test_group_kfold_gives_scikit_learns_folds_and_never_splits_a_group(data, k, seed):
    groups, y = data
    options = {"shuffle": seed is not None, "random_state": seed}
    if len(set(groups)) < k:
        with pytest.raises(ValueError, match="number of groups"):
            list(kit.GroupKFold(k).split(y, y, groups))
        return
    same(kit.GroupKFold(k, **options), peer.GroupKFold(k, **options), y, y, groups)
    for train, test in kit.GroupKFold(k, **options).split(y, y, groups):
        assert not set(groups[train]) & set(groups[test])


@PROPERTY
@given(data=grouped(), k=st.integers(2, 9), seed=st.none() | st.integers(0, 5))
@pytest.mark.filterwarnings("ignore:The least populated class")
def test_stratified_group_kfold_gives_scikit_learns_folds(data, k, seed):
    groups, y = data
    if len(set(groups)) < k or np.bincount(y).max() < k:
        with pytest.raises(ValueError, match="n_splits"):
            list(kit.StratifiedGroupKFold(k).split(y, y, groups))
        return
    options = {"shuffle": seed is not None, "random_state": seed}
    same(kit.StratifiedGroupKFold(k, **options), peer.StratifiedGroupKFold(k, **options),
         y, y, groups)  # fmt: skip
    for train, test in kit.StratifiedGroupKFold(k, **options).split(y, y, groups):
        assert not set(groups[train]) & set(groups[test])


def test_groups_are_asked_for():
    with pytest.raises(ValueError, match="one group label a row"):
        list(kit.GroupKFold(2).split(np.zeros(4)))


@PROPERTY
@given(
    n=st.integers(5, 60),
    k=st.integers(2, 5),
    gap=st.integers(0, 4),
    test_size=st.none() | st.integers(1, 6),
    max_train_size=st.none() | st.integers(1, 9),
)
def test_time_series_split_gives_scikit_learns_folds_and_no_future_row_trains(
    n, k, gap, test_size, max_train_size
):
    options = {"gap": gap, "test_size": test_size, "max_train_size": max_train_size}
    ours, theirs = kit.TimeSeriesSplit(k, **options), peer.TimeSeriesSplit(k, **options)
    try:
        list(theirs.split(np.zeros(n)))
    except ValueError:
        with pytest.raises(ValueError, match=r"reduce one|Use fewer"):
            list(ours.split(np.zeros(n)))
        return
    same(ours, theirs, np.zeros(n))
    for train, test in ours.split(np.zeros(n)):
        assert len(train) and train.max() + gap < test.min()


@pytest.mark.parametrize("gap, test_size", [(-1, None), (0, 0)])
def test_time_series_split_rejects_a_negative_gap_and_an_empty_test(gap, test_size):
    with pytest.raises(ValueError, match="reduce one"):
        list(kit.TimeSeriesSplit(2, gap=gap, test_size=test_size).split(np.zeros(9)))


@pytest.mark.parametrize("name", ["RepeatedKFold", "RepeatedStratifiedKFold"])
def test_repeated_folds_are_scikit_learns(name):
    y = np.arange(23) % 3
    options = {"n_splits": 4, "n_repeats": 3, "random_state": 0}
    same(getattr(kit, name)(**options), getattr(peer, name)(**options), y, y)
    tests = list(getattr(kit, name)(**options)._iter_test_indices(y, y, None))
    assert len(tests) == 12 and sum(map(len, tests)) == 3 * 23


SPLITTERS = ["KFold", "StratifiedKFold", "GroupKFold", "StratifiedGroupKFold", "TimeSeriesSplit",
             "RepeatedKFold", "RepeatedStratifiedKFold"]  # fmt: skip


@pytest.mark.parametrize("name", SPLITTERS)
def test_signature_and_repr_are_scikit_learns(name):
    ours, theirs = getattr(kit, name), getattr(peer, name)
    a, b = (inspect.signature(cls).parameters for cls in (ours, theirs))
    assert [(p.name, p.default, p.kind) for p in a.values()] == [
        (p.name, p.default, p.kind) for p in b.values()
    ]
    assert repr(ours(n_splits=3)) == repr(theirs(n_splits=3))


@pytest.mark.parametrize("name", SPLITTERS)
@pytest.mark.parametrize("n_splits", [1, 0, 2.0, "3"])
def test_bad_number_of_folds_is_told_at_once(name, n_splits):
    with pytest.raises(ValueError, match="n_splits="):
        getattr(kit, name)(n_splits=n_splits)


@pytest.mark.parametrize("n_repeats", [0, 1.5])
def test_bad_number_of_repeats(n_repeats):
    with pytest.raises(ValueError, match="n_repeats="):
        kit.RepeatedKFold(n_repeats=n_repeats)


def test_seed_without_shuffle_and_shuffle_that_is_no_bool():
    with pytest.raises(ValueError, match="set shuffle=True"):
        kit.KFold(3, random_state=0)
    with pytest.raises(TypeError, match="shuffle must be"):
        kit.KFold(3, shuffle=1)


@pytest.mark.filterwarnings("ignore:The groups parameter")
@pytest.mark.parametrize("name", SPLITTERS)
def test_more_folds_than_rows(name):
    splitter = getattr(kit, name)(n_splits=4)
    with pytest.raises(ValueError, match=r"[Uu]se fewer"):
        list(splitter.split(np.zeros(3), np.zeros(3, int), np.arange(3)))


@pytest.mark.parametrize("name", ["KFold", "StratifiedKFold", "TimeSeriesSplit", "RepeatedKFold"])
def test_groups_given_in_vain_are_told(name):
    y = np.arange(10) % 2
    with pytest.warns(UserWarning, match="groups parameter is ignored"):
        list(getattr(kit, name)(n_splits=2).split(y, y, y))


def test_seed_0_is_a_seed_and_the_global_generator_is_untouched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again = (
        [test.tolist() for _, test in kit.KFold(3, shuffle=True, random_state=0).split(range(20))]
        for _ in range(2)
    )
    other = [t.tolist() for _, t in kit.KFold(3, shuffle=True, random_state=1).split(range(20))]
    assert first == again != other
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize("name", SPLITTERS)
def test_the_kits_splitters_work_inside_scikit_learn(name):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), np.arange(60) % 2
    groups = np.arange(60) // 4 if "Group" in name else None
    seed = {"random_state": 0} if "Repeated" in name else {}
    ours, theirs = (getattr(m, name)(n_splits=3, **seed) for m in (kit, peer))
    scores = [
        peer.cross_val_score(LogisticRegression(), X, y, cv=cv, groups=groups)
        for cv in (ours, theirs)
    ]
    np.testing.assert_array_equal(*scores)
    search = peer.GridSearchCV(DummyClassifier(), {"strategy": ["prior"]}, cv=ours)
    assert search.fit(X, y, groups=groups).n_splits_ == ours.get_n_splits()


@pytest.mark.parametrize("wrap", [list, pd.Series, lambda y: np.repeat(y, 2)[::2]])
def test_targets_and_groups_of_any_kind_give_the_same_folds(wrap):
    y, groups = np.array(["n", "y"] * 8), np.array(list("aabbccddeeffgghh"))
    for splitter in (kit.StratifiedKFold(2), kit.GroupKFold(2), kit.StratifiedGroupKFold(2)):
        plain = list(splitter.split(y, y, groups if "Group" in repr(splitter) else None))
        wrapped_groups = wrap(groups) if "Group" in repr(splitter) else None
        wrapped = list(splitter.split(wrap(y), wrap(y), wrapped_groups))
        for (_, test), (_, wrapped_test) in zip(plain, wrapped, strict=True):
            np.testing.assert_array_equal(test, wrapped_test)


def test_fixed_splits_are_given_back_as_they_are():
    pairs = [([0, 1], [2]), ([2], [0, 1])]
    splitter = kit.check_cv(pairs)
    assert list(splitter.split()) == pairs and splitter.get_n_splits() == 2
    assert list(splitter._iter_test_indices(None, None, None)) == [[2], [0, 1]]


@pytest.mark.parametrize("cv", ["five", 2.5])
def test_check_cv_rejects(cv):
    with pytest.raises(ValueError, match="Expected `cv` as an integer"):
        kit.check_cv(cv)


def test_check_cv_stratifies_classifiers_only():
    y = [0, 1] * 4
    assert isinstance(kit.check_cv(None, y, classifier=True), kit.StratifiedKFold)
    assert isinstance(kit.check_cv(None, y), kit.KFold)
    assert isinstance(kit.check_cv(3, np.linspace(0, 1, 8), classifier=True), kit.KFold)
    splitter = kit.KFold(2)
    assert kit.check_cv(splitter) is splitter
