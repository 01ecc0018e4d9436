"""RankNet: its gradient, what it learns, and scikit-learn's contract."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlsd_kit.metrics import ndcg_score
from mlsd_kit.neural_network import gradient_check
from mlsd_kit.ranking import RankNet, list_rows, ndcg_changes, pairwise_loss


@parametrize_with_checks([RankNet((4,), max_iter=3)])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def slow_loss(scores, grades):
    """The definition: one cross-entropy for each pair of different grades, then the mean."""
    losses = [
        np.log(1 + np.exp(scores[j] - scores[i]))
        for i in range(len(scores))
        for j in range(len(scores))
        if grades[i] > grades[j]
    ]
    return np.mean(losses) if losses else 0.0


LISTS = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(-5, 5), min_size=n, max_size=n),
        st.lists(st.integers(0, 4), min_size=n, max_size=n),
    )
)


@settings(deadline=None, max_examples=60)
@given(LISTS)
def test_loss_and_gradient_against_the_definition_and_differences(both):
    scores, grades = map(np.array, both)
    loss, gradient = pairwise_loss(scores, grades)
    assert loss == pytest.approx(slow_loss(scores, grades))
    assert gradient.sum() == pytest.approx(0, abs=1e-12)
    assert gradient_check(lambda s: pairwise_loss(s, grades), scores) < 1e-6


def test_extreme_scores_do_not_overflow():
    with np.errstate(all="raise", under="ignore"):
        loss, gradient = pairwise_loss([-1e4, 1e4], [1, 0])
    assert loss == pytest.approx(2e4)
    np.testing.assert_allclose(gradient, [-1, 1])


def test_equal_grades_say_nothing():
    loss, gradient = pairwise_loss([3.0, 1.0, 2.0], [1, 1, 1])
    assert loss == 0
    assert not gradient.any()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 8))
def test_ndcg_changes_are_those_of_swaps(seed, n):
    rng = np.random.default_rng(seed)
    scores, grades = rng.permutation(n).astype(float), rng.integers(0, 4, n)
    gain = [2.0**grades - 1]
    for i, j in [(0, 1), (n - 1, 0)]:
        swapped = scores.copy()
        swapped[[i, j]] = scores[[j, i]]
        change = abs(ndcg_score(gain, [scores]) - ndcg_score(gain, [swapped]))
        assert ndcg_changes(scores, grades)[i, j] == pytest.approx(change)


@pytest.mark.parametrize("hidden", [(), (5,), (4, 3)])
def test_gradient_through_all_layers(hidden):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 3)), rng.integers(0, 3, 12)
    net = RankNet(hidden, alpha=0.1, max_iter=1, random_state=0).fit(X, y)
    for bias in net.intercepts_:
        bias += rng.normal(size=bias.shape)  # a unit exactly at its kink has no derivative
    for weights, place in [(net.coefs_, 0), (net.intercepts_, len(net.coefs_))]:
        for k, original in enumerate(list(weights)):

            def loss(w, weights=weights, k=k, place=place):
                weights[k] = w
                value, gradients = net.loss_and_gradients(X, y)
                return value, gradients[place + k]

            assert gradient_check(loss, original) < 1e-6
            weights[k] = original


def lists(n_lists=30, size=20, seed=0):
    """A linear truth, and a feature that differs between queries alone."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_lists * size, 4))
    groups = np.repeat(np.arange(n_lists), size)
    X[:, 3] = rng.normal(size=n_lists)[groups] * 5
    truth = X[:, 0] - 2 * X[:, 1]
    return X, np.digitize(truth, [-2, 0, 2]), groups, truth


@pytest.mark.parametrize("hidden", [(), (8,)])
@pytest.mark.parametrize("pair_weight", ["equal", "ndcg"])
def test_it_learns_the_order(hidden, pair_weight):
    X, y, groups, _ = lists()
    net = RankNet(hidden, pair_weight=pair_weight, learning_rate=0.01, max_iter=30, random_state=0)
    scores = net.fit(X, y, groups=groups).predict(X)
    agreement = [
        np.corrcoef(scores[rows], X[rows, 0] - 2 * X[rows, 1])[0, 1] for rows in list_rows(groups)
    ]
    assert np.mean(agreement) > 0.95
    assert net.loss_curve_[-1] < net.loss_curve_[0]


def test_only_order_within_a_query_matters():
    X, y, groups, _ = lists(seed=1)
    # grades of a whole query shifted: a regression would follow, pairs do not
    shifted = y + 10 * (groups % 2)
    fits = [
        RankNet((), max_iter=5, random_state=0).fit(X, target, groups=groups).coefs_[0]
        for target in (y, shifted)
    ]
    np.testing.assert_array_equal(*fits)
    # what is constant within each query gets no weight of its own
    linear = RankNet((), alpha=0.1, learning_rate=0.01, max_iter=60, random_state=0)
    weight = linear.fit(X, y, groups=groups).coefs_[0][:, 0]
    assert abs(weight[3]) < 0.05 * np.abs(weight).max()


def test_the_order_of_rows_of_other_queries_does_not_matter():
    X, y, groups, _ = lists(n_lists=3)
    mixed = np.argsort(np.arange(len(y)) % 20, kind="stable")  # queries interleaved
    straight = RankNet((), max_iter=4, random_state=0).fit(X, y, groups=groups)
    shuffled = RankNet((), max_iter=4, random_state=0).fit(X[mixed], y[mixed], groups=groups[mixed])
    np.testing.assert_allclose(straight.coefs_[0], shuffled.coefs_[0], rtol=1e-9)


def test_a_seed_repeats_the_fit():
    X, y, groups, _ = lists(n_lists=4)
    one, two, other = (
        RankNet((4,), max_iter=2, random_state=s).fit(X, y, groups) for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.predict(X), two.predict(X))
    assert (one.predict(X) != other.predict(X)).any()


def test_lists_without_a_pair_are_no_error():
    net = RankNet((), max_iter=2, random_state=0).fit([[0.0], [1.0]], [1, 1], groups=[5, 6])
    assert net.loss_curve_ == [0.0, 0.0]


def test_groups_of_another_length_are_refused():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        RankNet(max_iter=1).fit([[0.0], [1.0]], [0, 1], groups=[1, 1, 1])


def test_an_unknown_weight_of_pairs_is_refused():
    with pytest.raises(ValueError, match="pair_weight"):
        RankNet(pair_weight="map").fit([[0.0], [1.0]], [0, 1])
