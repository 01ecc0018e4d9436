"""Layers, gradients, optimisers and the classifier, against differences and scikit-learn's."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import neural_network as peer
from sklearn.datasets import load_digits, make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlsd_kit.linear_model import LogisticRegression
from mlsd_kit.neural_network import (
    SGD,
    Adam,
    MLPClassifier,
    dense_backward,
    dense_forward,
    gradient_check,
    relu,
    relu_grad,
    softmax_cross_entropy,
)


@parametrize_with_checks([MLPClassifier(max_iter=100), MLPClassifier(solver="sgd", max_iter=100)])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def test_relu_gradient_is_zero_at_exactly_zero():
    assert relu_grad([-1.0, -0.0, 0.0, 1e-300, 2.0]).tolist() == [0.0, 0.0, 0.0, 1.0, 1.0]
    assert relu_grad([-1, 0, 3]).tolist() == [0.0, 0.0, 1.0]
    assert relu_grad(np.float32([1.0])).dtype == np.float32
    assert relu([-1.0, 0.0, 2.0]).tolist() == [0.0, 0.0, 2.0]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 5), st.integers(1, 4))
def test_dense_layer_against_finite_differences(seed, n, d_in, d_out):
    random = np.random.RandomState(seed)
    X, W, b = (random.normal(size=s) for s in ((n, d_in), (d_in, d_out), (d_out,)))
    y = random.randint(0, d_out, n)

    def loss(X, W, b):
        return softmax_cross_entropy(dense_forward(X, W, b), y)

    grads = dense_backward(loss(X, W, b)[1], X, W)
    assert gradient_check(lambda v: (loss(v, W, b)[0], grads.X), X) < 1e-7
    assert gradient_check(lambda v: (loss(X, v, b)[0], grads.W), W) < 1e-7
    assert gradient_check(lambda v: (loss(X, W, v)[0], grads.b), b) < 1e-7


def test_gradients_are_averaged_once():
    random = np.random.RandomState(0)
    X, W, b, y = random.normal(size=(6, 3)), random.normal(size=(3, 2)), np.zeros(2), [0, 1] * 3
    once = dense_backward(softmax_cross_entropy(dense_forward(X, W, b), y)[1], X, W)
    X5 = np.tile(X, (5, 1))
    many = dense_backward(softmax_cross_entropy(dense_forward(X5, W, b), y * 5)[1], X5, W)
    assert np.allclose(once.W, many.W)
    assert np.allclose(once.b, many.b)


@pytest.mark.parametrize(
    ("X", "W", "b"),
    [((2, 3), (4, 2), (2,)), ((2, 3), (3, 2), (3,)), ((3,), (3, 2), (2,)), ((2, 3), (3,), (2,))],
)
def test_shapes_that_do_not_fit_are_refused(X, W, b):
    with pytest.raises(ValueError, match="dense_forward needs X"):
        dense_forward(np.ones(X), np.ones(W), np.ones(b))


def test_a_gradient_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"grad must be \(n, d_out\) = \(2, 4\), got \(2, 3\)"):
        dense_backward(np.ones((2, 3)), np.ones((2, 3)), np.ones((3, 4)))
    with pytest.raises(ValueError, match=r"gradient \(1,\) for weights \(2,\)"):
        gradient_check(lambda w: (0.0, w[:1]), [1.0, 2.0])


def test_gradient_check_tells_right_from_wrong():
    def wrong(w):
        return float(np.sum(w**3)), 3.01 * w**2

    assert gradient_check(lambda w: (float(np.sum(w**3)), 3 * w**2), np.ones((2, 2))) < 1e-8
    assert gradient_check(wrong, np.ones((2, 2))) > 1e-3
    start = np.ones(3)
    gradient_check(wrong, start)
    assert np.array_equal(start, np.ones(3))


@pytest.mark.parametrize("hidden", [(), (5,), (6, 4)])
@pytest.mark.parametrize("alpha", [0.0, 2.0])
def test_back_propagation_through_the_whole_network(hidden, alpha):
    random = np.random.RandomState(0)
    X, y = random.normal(size=(20, 3)), random.randint(0, 3, 20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = MLPClassifier(hidden, alpha=alpha, max_iter=1, random_state=0).fit(X, y)
    weights = [*model.coefs_, *model.intercepts_]
    for i, weight in enumerate(weights):

        def loss_and_grad(value, i=i, weight=weight):
            kept = weight.copy()
            weight[...] = value
            loss, grads = model._loss_and_grads(X, y)
            weight[...] = kept
            return loss, grads[i]

        assert gradient_check(loss_and_grad, weight) < 1e-6


@pytest.mark.parametrize("nesterov", [False, True])
def test_optimisers_take_scikit_learns_steps(nesterov):
    from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

    pairs = [
        (SGD(0.1, momentum=0.8, nesterov=nesterov), SGDOptimizer, {"nesterov": nesterov}),
        (Adam(0.1, beta_1=0.8), AdamOptimizer, {"beta_1": 0.8}),
    ]
    for ours, kind, options in pairs:
        if kind is SGDOptimizer:
            options = {**options, "momentum": 0.8}
        mine, yours = [np.array([1.0, -2.0])], [np.array([1.0, -2.0])]
        theirs = kind(yours, learning_rate_init=0.1, **options)
        for t in range(20):
            ours.step(mine, [mine[0] * [1.0, 10.0] + np.sin(t)])
            theirs.update_params(yours, [yours[0] * [1.0, 10.0] + np.sin(t)])
            assert np.allclose(mine[0], yours[0], atol=1e-6)


def test_without_hidden_layers_it_is_logistic_regression():
    X, y = make_moons(300, noise=0.3, random_state=0)
    X = StandardScaler().fit_transform(X)
    # alpha is divided by the batch size, here all rows: the penalty of C = 1 / alpha, which two
    # softmax columns share half and half
    net = MLPClassifier(
        (), alpha=2.0, batch_size=300, learning_rate_init=0.05, max_iter=3000, tol=0.0,
        n_iter_no_change=3000, random_state=0,
    )  # fmt: skip
    with pytest.warns(ConvergenceWarning):
        net.fit(X, y)
    plain = LogisticRegression(C=1.0, tol=1e-8).fit(X, y)
    assert np.allclose(net.coefs_[0][:, 1] - net.coefs_[0][:, 0], plain.coef_[0], atol=1e-3)
    assert np.allclose(net.predict_proba(X), plain.predict_proba(X), atol=1e-3)


@pytest.mark.parametrize(
    "options", [{"learning_rate_init": 0.01}, {"solver": "sgd", "learning_rate_init": 0.1}]
)
def test_learns_what_no_line_separates_as_well_as_scikit_learn(options):
    X, y = make_moons(400, noise=0.1, random_state=0)
    common = {"hidden_layer_sizes": (32,), "max_iter": 300, "random_state": 0, **options}
    ours = MLPClassifier(**common).fit(X[:300], y[:300]).score(X[300:], y[300:])
    theirs = peer.MLPClassifier(**common).fit(X[:300], y[:300]).score(X[300:], y[300:])
    assert ours >= 0.97
    assert ours >= theirs - 0.03
    assert ours >= LogisticRegression().fit(X[:300], y[:300]).score(X[300:], y[300:]) + 0.03


def test_digits_with_early_stopping_keep_the_best_epoch():
    X, y = load_digits(return_X_y=True)
    order = np.random.RandomState(0).permutation(len(y))
    X, y = X[order], y[order]
    model = MLPClassifier(
        (32,), early_stopping=True, learning_rate_init=0.01, n_iter_no_change=5, random_state=0
    ).fit(X[:1200] / 16, y[:1200])
    assert model.score(X[1200:] / 16, y[1200:]) > 0.9
    assert len(model.validation_scores_) == len(model.loss_curve_) == model.n_iter_ < 200
    best = int(np.argmax(model.validation_scores_))
    assert best < model.n_iter_ - 1
    again = MLPClassifier(
        (32,), early_stopping=True, learning_rate_init=0.01, max_iter=best + 1, random_state=0
    )
    with pytest.warns(ConvergenceWarning):
        again.fit(X[:1200] / 16, y[:1200])
    assert np.array_equal(again.coefs_[0], model.coefs_[0])


def test_early_stopping_holds_out_rows_that_training_never_sees(monkeypatch):
    seen = []
    original = MLPClassifier._loss_and_grads
    monkeypatch.setattr(
        MLPClassifier,
        "_loss_and_grads",
        lambda self, X, y: (seen.extend(X[:, 0].tolist()), original(self, X, y))[1],
    )
    X, y = np.arange(40.0)[:, None], np.array([0] * 20 + [1] * 20)
    with pytest.warns(ConvergenceWarning):
        MLPClassifier(
            (2,), early_stopping=True, validation_fraction=0.25, max_iter=2, random_state=0
        ).fit(X, y)
    assert len(seen) == 60
    assert sum(row < 20 for row in set(seen)) == 15
    assert len(set(seen)) == 30


def test_the_best_epoch_is_told():
    X, y = make_moons(80, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        plain = MLPClassifier((4,), max_iter=20, random_state=0).fit(X, y)
        watched = MLPClassifier((4,), max_iter=20, early_stopping=True, random_state=0).fit(X, y)
    assert plain.best_loss_ == min(plain.loss_curve_)
    assert plain.best_validation_score_ is None
    assert watched.best_validation_score_ == max(watched.validation_scores_)
    assert watched.best_loss_ is None


def test_log_probabilities_are_finite_where_probabilities_round_to_zero():
    X, y = make_moons(80, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = MLPClassifier((4,), max_iter=20, random_state=0).fit(X, y)
    assert np.allclose(model.predict_log_proba(X), np.log(model.predict_proba(X)))
    far = np.array([[1e6, -1e6]])
    assert model.predict_proba(far).min() == 0.0
    assert np.isfinite(model.predict_log_proba(far)).all()


def test_early_stopping_with_too_few_rows_is_refused():
    with pytest.raises(ValueError, match="holds out no row"):
        MLPClassifier(early_stopping=True).fit([[0.0], [1.0]], [0, 1])


def test_zero_is_a_seed_and_the_global_generator_is_not_touched():
    X, y = make_moons(60, random_state=0)
    state = np.random.get_state()[1].copy()  # noqa: NPY002

    def weights(seed):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return MLPClassifier((4,), max_iter=3, random_state=seed).fit(X, y).coefs_[0]

    assert np.array_equal(weights(0), weights(0))
    assert not np.array_equal(weights(0), weights(1))
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_rows_stay_in_order_without_shuffling():
    X, y = make_moons(50, random_state=0)
    batches = []
    model = MLPClassifier((2,), shuffle=False, batch_size=20, max_iter=1, random_state=0)
    original = model._loss_and_grads
    model._loss_and_grads = lambda X, y: (batches.append(X), original(X, y))[1]
    with pytest.warns(ConvergenceWarning, match="did not converge in 1 epochs"):
        model.fit(X, y)
    assert [len(batch) for batch in batches] == [20, 20, 10]
    assert np.array_equal(np.vstack(batches), X)


def test_divergence_gets_a_sentence():
    X, y = make_moons(60, random_state=0)
    model = MLPClassifier((4,), solver="sgd", learning_rate_init=1e200, max_iter=50)
    with pytest.raises(ValueError, match="scale the columns"):
        model.fit(X, y)


def test_labels_of_any_kind_and_any_container():
    X, y = make_moons(80, random_state=0)
    X.flags.writeable = False
    options = {"hidden_layer_sizes": 8, "learning_rate_init": 0.05, "random_state": 0}
    want = MLPClassifier(**options).fit(X, y).predict(X)
    names = np.array(["no", "yes"])
    frame = pd.DataFrame(X, columns=["a", "b"])
    model = MLPClassifier(**options).fit(frame, pd.Series(names[y]))
    assert np.array_equal(model.predict(frame), names[want])
    listed = MLPClassifier(**options).fit(X.tolist(), y.astype(bool).tolist())
    assert np.array_equal(listed.predict(X), want.astype(bool))
    assert np.allclose(model.predict_proba(frame).sum(axis=1), 1.0)


@pytest.mark.parametrize(
    "options",
    [{"hidden_layer_sizes": (0,)}, {"solver": "lbfgs"}, {"alpha": -1.0}, {"batch_size": 0}],
)
def test_bad_parameters_get_a_sentence(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        MLPClassifier(**options).fit([[0.0], [1.0]], [0, 1])


def test_a_parameter_that_is_left_out_is_a_type_error():
    with pytest.raises(TypeError, match="activation"):
        MLPClassifier(activation="tanh")
