"""Recommenders against slow, obvious versions of themselves."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics.pairwise import cosine_similarity

from mlsd_kit.neighbors import KNeighborsClassifier
from mlsd_kit.recommendation import (
    BaselineNeighbours,
    BiasedMF,
    ImplicitALS,
    ItemNeighbours,
    Popularity,
    RandomOrder,
    UserNeighbours,
    cosine_neighbours,
    fit_baseline,
    interactions,
)


def counts(seed, n=30, m=20, share=0.2):
    rng = np.random.default_rng(seed)
    return rng.poisson(2, (n, m)) * (rng.random((n, m)) < share) * 1.0


def ratings(seed, n=15, m=12, share=0.5):
    rng = np.random.default_rng(seed)
    users, items = np.nonzero(rng.random((n, m)) < share)
    return users, items, rng.integers(1, 6, len(users)).astype(float), (n, m)


# interactions


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.floats(0, 9)), max_size=20))
def test_interactions_add_up_events_of_one_pair(events):
    expected = np.zeros((5, 4))
    for user, item, weight in events:
        expected[user, item] += weight
    users, items, weights = zip(*events, strict=True) if events else ((), (), ())
    R = interactions(np.array(users, int), np.array(items, int), weights, shape=(5, 4))
    np.testing.assert_allclose(R.toarray(), expected)
    assert R.has_sorted_indices and (R.data != 0).all()


@pytest.mark.parametrize(
    ("users", "items", "weights", "message"),
    [
        ([0, 1], [0], None, "equal length"),
        ([0, 9], [0, 0], None, "users must be numbers from 0 to 4"),
        ([0, 0], [-1, 0], None, "items must be numbers from 0 to 3"),
        ([0, 1], [0, 1], [1, -1], "not negative"),
        ([0, 1], [0, 1], [1, np.nan], "finite"),
    ],
)
def test_interactions_name_what_is_wrong(users, items, weights, message):
    with pytest.raises(ValueError, match=message):
        interactions(users, items, weights, shape=(5, 4))


@pytest.mark.parametrize(
    "model",
    [
        Popularity(),
        RandomOrder(random_state=0),
        UserNeighbours(5),
        ItemNeighbours(5),
        ImplicitALS(4, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_every_implicit_model_keeps_the_contract(model):
    R = counts(0)
    kept = R.copy()
    scores = clone(model).fit(R).scores(np.arange(30))
    assert scores.shape == R.shape and np.isfinite(scores).all()
    np.testing.assert_array_equal(R, kept)
    again = clone(model).fit(sparse.coo_array(R)).scores([3, 1])
    np.testing.assert_allclose(again, scores[[3, 1]], rtol=1e-12)


@pytest.mark.parametrize("model", [Popularity(), UserNeighbours(), ItemNeighbours(), ImplicitALS()])
def test_negative_interactions_are_refused(model):
    with pytest.raises(ValueError, match="not negative"):
        model.fit([[1, -1]])


# neighbours


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 25))
def test_cosine_neighbours_against_the_full_matrix(seed, k):
    X = counts(seed)
    cosine = cosine_similarity(X)
    np.fill_diagonal(cosine, 0)
    expected = np.zeros_like(cosine)
    for row, values in enumerate(cosine):
        best = sorted(range(len(values)), key=lambda j: (-round(values[j], 12), j))[:k]
        expected[row, best] = values[best]
    got = cosine_neighbours(X, k).toarray()
    np.testing.assert_allclose(np.sort(got, axis=1), np.sort(expected, axis=1), atol=1e-12)
    assert not got.diagonal().any()
    assert (np.count_nonzero(got, axis=1) <= k).all()


def test_they_are_the_nearest_neighbours_of_unit_rows():
    X = np.random.default_rng(0).random((40, 8))  # no ties
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    twin = KNeighborsClassifier(5).fit(unit, np.zeros(40))
    distances, rows = twin.kneighbors()
    found = cosine_neighbours(X, 5).toarray()
    np.testing.assert_allclose(np.take_along_axis(found, rows, axis=1), 1 - distances**2 / 2)


def test_user_and_item_neighbours_against_loops():
    R, k = counts(1), 4
    S, T = cosine_neighbours(R, k).toarray(), cosine_neighbours(R.T, k).toarray()
    by_user, by_item = np.zeros_like(R), np.zeros_like(R)
    for u in range(R.shape[0]):
        for i in range(R.shape[1]):
            by_user[u, i] = sum(S[u, v] * R[v, i] for v in range(R.shape[0]))
            by_item[u, i] = sum(R[u, j] * T[j, i] for j in range(R.shape[1]))
    users = np.arange(len(R))
    np.testing.assert_allclose(UserNeighbours(k).fit(R).scores(users), by_user)
    np.testing.assert_allclose(ItemNeighbours(k).fit(R).scores(users), by_item)


def test_item_neighbours_serve_a_session_that_was_not_at_the_fit():
    R = counts(2)
    model = ItemNeighbours(3).fit(R)
    session = np.zeros((1, R.shape[1]))
    session[0, [2, 5]] = 1
    expected = model.similarity_.toarray()[[2, 5]].sum(axis=0)
    np.testing.assert_allclose(model.scores_of(session)[0], expected)


def test_a_user_without_history_gets_no_score():
    R = counts(3)
    R[7] = 0
    assert not ItemNeighbours(5).fit(R).scores([7]).any()
    assert not UserNeighbours(5).fit(R).scores([7]).any()


def test_no_neighbours_asked_for():
    with pytest.raises(ValueError, match="at least one neighbour"):
        cosine_neighbours(counts(0), 0)


# baselines


def test_popularity_counts_users_and_random_is_seeded():
    R = counts(4)
    scores = Popularity().fit(R).scores([0, 9])
    np.testing.assert_array_equal(scores, np.tile((R > 0).sum(axis=0), (2, 1)))
    one, two, other = (RandomOrder(seed).fit(R).scores([0, 1]) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any() and (one[0] != one[1]).any()


# ALS


def ridge_by_hand(R, Y, u, alpha, regularization):
    """Weighted ridge regression of one row over *all* items, as least squares of stacked rows."""
    c, p = np.sqrt(1 + alpha * R[u]), (R[u] > 0) * 1.0
    rows = np.vstack([c[:, None] * Y, np.sqrt(regularization) * np.eye(Y.shape[1])])
    return np.linalg.lstsq(rows, np.append(c * p, np.zeros(Y.shape[1])), rcond=None)[0]


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.floats(0.1, 40), st.floats(0.05, 10))
def test_als_solves_every_row_as_least_squares_over_all_cells(seed, alpha, regularization):
    R = counts(seed)
    model = ImplicitALS(3, alpha=alpha, regularization=regularization, n_iter=2, random_state=seed)
    model.fit(R)
    for item in (0, 7, 19):  # the items were solved last, from the users kept
        by_hand = ridge_by_hand(R.T, model.user_factors_, item, alpha, regularization)
        np.testing.assert_allclose(model.item_factors_[item], by_hand, atol=1e-8)
    by_hand = ridge_by_hand(R, model.item_factors_, 4, alpha, regularization)
    np.testing.assert_allclose(model.fold_in(R[[4]])[0], by_hand, atol=1e-8)


def test_als_loss_never_rises_and_many_rows_are_solved_in_blocks(monkeypatch):
    from mlsd_kit.recommendation import als

    R = counts(5, n=50)
    models = [ImplicitALS(4, n_iter=n, random_state=0).fit(R) for n in (1, 2, 4, 8)]
    losses = [model.loss(R) for model in models]
    assert all(a >= b for a, b in pairwise(losses)) and losses[0] > losses[-1]
    monkeypatch.setattr(als, "_BLOCK", 7)
    in_blocks = ImplicitALS(4, n_iter=8, random_state=0).fit(R)
    np.testing.assert_allclose(in_blocks.item_factors_, models[-1].item_factors_, rtol=1e-9)


def test_als_finds_two_camps():
    R = np.kron(np.eye(2), np.ones((10, 8)))
    R[0, :4] = 0  # does not know half of its camp's items
    scores = ImplicitALS(2, random_state=0).fit(R).scores([0])[0]
    assert scores[:4].min() > 3 * abs(scores[8:]).max()


@pytest.mark.parametrize("name", ["n_factors", "regularization", "alpha", "n_iter"])
def test_als_parameters_must_be_positive(name):
    with pytest.raises(ValueError, match=f"{name}=0"):
        ImplicitALS().set_params(**{name: 0}).fit(counts(0))


# ratings


def objective(model, users, items, values, weights):
    """The textbook sum, cell by cell."""
    total = 0.0
    for u, i, r, w in zip(users, items, values, weights, strict=True):
        p, q = model.user_factors_[u], model.item_factors_[i]
        b, d = model.user_biases_[u], model.item_biases_[i]
        total += w * (r - model.mean_ - b - d - p @ q) ** 2 / 2
        total += w * model.regularization * (p @ p + q @ q) / 2
        total += w * model.bias_regularization * (b * b + d * d) / 2
    return total


def test_mf_descends_to_a_minimum_of_the_textbook_objective():
    users, items, values, shape = ratings(0)
    weights = np.random.default_rng(1).uniform(1, 3, len(values))
    model = BiasedMF(2, max_iter=3000, random_state=0)
    model.fit(users, items, values, weights, shape=shape)
    least = objective(model, users, items, values, weights)
    assert least == pytest.approx(model.losses_[-1], rel=1e-5)
    for factors in (model.user_factors_, model.item_factors_, model.item_biases_):
        for place in np.ndindex(factors.shape):  # a finite difference in every coordinate
            around = []
            for step in (-1e-4, 1e-4):
                factors[place] += step
                around.append(objective(model, users, items, values, weights))
                factors[place] -= step
            assert abs(around[1] - around[0]) / 2e-4 < 1e-2


def test_mf_weights_are_copies():
    users, items, values, shape = ratings(2)
    twice = np.arange(len(values)) % 3 == 0
    model = BiasedMF(0, max_iter=2000, bias_regularization=0.1, random_state=0)
    weighted = model.fit(users, items, values, 1.0 + twice, shape=shape).predict(users, items)
    rows = np.concatenate([np.arange(len(values)), np.flatnonzero(twice)])
    x = np.zeros((len(rows), sum(shape)))  # least squares on indicator columns
    x[np.arange(len(rows)), users[rows]] = x[np.arange(len(rows)), shape[0] + items[rows]] = 1
    penalty = np.diag(0.1 * x.sum(axis=0))
    w = np.linalg.solve(x.T @ x + penalty, x.T @ (values[rows] - values[rows].mean()))
    expected = values[rows].mean() + w[users] + w[shape[0] + items]
    np.testing.assert_allclose(weighted, expected, atol=1e-3)


def test_mf_recovers_a_matrix_of_low_rank():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(60, 3)) @ rng.normal(size=(3, 40))
    train = rng.random(truth.shape) < 0.6
    model = BiasedMF(3, regularization=1e-3, max_iter=400, random_state=0)
    users, items = np.nonzero(train)
    model.fit(users, items, truth[train], shape=truth.shape)
    rest = np.sqrt(np.mean((model.scores(np.arange(60)) - truth)[~train] ** 2))
    assert rest < 0.2 * truth.std()
    np.testing.assert_allclose(
        model.scores([5])[0, [1, 7]], model.predict([5, 5], [1, 7]), rtol=1e-12
    )


def test_mf_knows_nothing_of_whom_it_never_met():
    users, items, values, shape = ratings(3)
    model = BiasedMF(2, random_state=0).fit(users, items, values, shape=(shape[0] + 1, shape[1]))
    assert model.user_biases_[-1] == 0
    assert np.abs(model.user_factors_[-1]).max() < 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ratings": [1.0]}, "one of each"),
        ({"ratings": [1.0, np.nan]}, "finite"),
        ({"sample_weight": [1.0, 0.0]}, "weights positive"),
        ({"users": [], "items": [], "ratings": []}, "one of each"),
    ],
)
def test_mf_names_what_is_wrong(change, message):
    given_ = {"users": [0, 1], "items": [0, 1], "ratings": [1.0, 2.0]} | change
    with pytest.raises(ValueError, match=message):
        BiasedMF().fit(**given_)


def test_baseline_against_loops():
    users, items, values, shape = ratings(4)
    fitted = fit_baseline(users, items, values, shape=shape, n_iter=3)
    bu, bi = np.zeros(shape[0]), np.zeros(shape[1])
    for _ in range(3):
        for i in range(shape[1]):
            rest = [r - values.mean() - bu[u] for u, j, r in zip(users, items, values) if j == i]  # noqa: B905
            bi[i] = sum(rest) / (10 + len(rest))
        for u in range(shape[0]):
            rest = [r - values.mean() - bi[i] for v, i, r in zip(users, items, values) if v == u]  # noqa: B905
            bu[u] = sum(rest) / (15 + len(rest))
    np.testing.assert_allclose(fitted.users, bu, atol=1e-12)
    np.testing.assert_allclose(fitted.items, bi, atol=1e-12)


@pytest.mark.parametrize("k", [1, 3, 40])
def test_baseline_neighbours_against_loops(k):
    users, items, _, shape = ratings(5)
    values = np.random.default_rng(0).normal(3, 1, len(users))  # no ties among similarities
    model = BaselineNeighbours(k).fit(users, items, values, shape=shape)
    table = np.full(shape, np.nan)
    table[users, items] = values
    baseline = fit_baseline(users, items, values, shape=shape)

    def expected(u, i):
        votes = []
        for v in range(shape[0]):
            common = ~np.isnan(table[u]) & ~np.isnan(table[v])
            if v != u and common.any() and not np.isnan(table[v, i]):
                similarity = 1 / (1 + np.mean((table[u] - table[v])[common] ** 2))
                votes.append((similarity, table[v, i] - baseline.predict([v], [i])[0]))
        votes = sorted(votes, reverse=True)[:k]
        above = sum(s * d for s, d in votes) / sum(s for s, _ in votes) if votes else 0.0
        return baseline.predict([u], [i])[0] + above

    pairs = [(u, i) for u in range(shape[0]) for i in range(shape[1])]
    got = model.predict(*zip(*pairs, strict=True))
    np.testing.assert_allclose(got, [expected(u, i) for u, i in pairs], atol=1e-10)
