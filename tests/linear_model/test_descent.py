"""Gradient descent and the losses it is given."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad
from scipy.special import expit, log_softmax
from scipy.special import softmax as scipy_softmax

from mlsd_kit.linear_model import (
    binary_cross_entropy,
    gradient_descent,
    logistic_loss_and_grad,
    sigmoid,
    softmax,
    softmax_cross_entropy,
    squared_loss_and_grad,
)

VALLEY = np.array([1.0, 100.0])


def valley(w):
    return 0.5 * float(np.sum(VALLEY * w * w)), VALLEY * w


def regression(n=300):
    random = np.random.RandomState(0)
    X = random.normal(size=(n, 3))
    return X, X @ [1.0, -2.0, 0.5]


def test_path_is_the_textbook_loop():
    w, path = np.array([3.0, -1.0]), []
    for _ in range(5):
        path.append(w)
        w = w - 0.01 * VALLEY * w
    result = gradient_descent(valley, [3.0, -1.0], step=0.01, max_iter=5)
    assert np.allclose(result.path, [*path, w])
    assert np.allclose(result.losses, [valley(p)[0] for p in path])
    assert result.n_iter == 5
    assert not result.converged
    assert np.array_equal(result.w, result.path[-1])


def test_nesterov_needs_far_fewer_steps_on_a_narrow_valley():
    options = {"step": 1 / 100.0, "max_iter": 10_000, "tol": 1e-8}
    plain = gradient_descent(valley, [1.0, 1.0], **options)
    fast = gradient_descent(valley, [1.0, 1.0], nesterov=True, **options)
    assert plain.converged
    assert fast.converged
    assert fast.n_iter * 4 < plain.n_iter
    assert np.abs(fast.w).max() < 1e-6


def test_start_is_not_written_to_and_shape_is_kept():
    start = np.ones((2, 3))
    start.flags.writeable = False
    result = gradient_descent(lambda w: (float(np.sum(w * w)), 2 * w), start, step=0.1, max_iter=4)
    assert result.w.shape == (2, 3)
    assert result.path.shape == (5, 2, 3)
    assert np.array_equal(start, np.ones((2, 3)))


def test_integer_start_does_not_truncate():
    assert gradient_descent(valley, [1, 1], step=0.005, max_iter=1).w == pytest.approx([0.995, 0.5])


def test_path_is_left_out_on_request():
    result = gradient_descent(valley, [1.0, 1.0], step=0.01, max_iter=3, keep_path=False)
    assert result.path.shape == (0, 2)


def test_a_step_above_2_over_l_diverges_with_a_sentence_and_without_warnings():
    with (
        warnings.catch_warnings(),
        pytest.raises(FloatingPointError, match="take a step below 2 / L"),
    ):
        warnings.simplefilter("error")
        gradient_descent(valley, [1.0, 1.0], step=0.03, max_iter=10_000)
    assert gradient_descent(valley, [1.0, 1.0], step=0.0199, max_iter=10_000).converged


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_a_loss_that_is_not_a_number_is_divergence(loss):
    with pytest.raises(FloatingPointError, match="diverged after 1 steps"):
        gradient_descent(lambda w: (loss, w), [1.0], step=0.1)
    with pytest.raises(FloatingPointError, match="diverged"):
        gradient_descent(lambda w, r: (loss, w), [1.0], step=0.1, batch_size=1, n_samples=2)


def test_mini_batch_sees_every_row_once_an_epoch_and_takes_its_seed():
    seen = []

    def spy(w, rows):
        seen.append(rows.copy())
        return 1.0, np.ones_like(w)

    def orders(seed):
        seen.clear()
        gradient_descent(
            spy, [0.0], step=0.1, batch_size=4, n_samples=10, max_iter=2, random_state=seed
        )
        return [rows.tolist() for rows in seen]

    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first = orders(0)
    assert [len(rows) for rows in first] == [4, 4, 2, 4, 4, 2]
    assert sorted(row for rows in first[:3] for row in rows) == list(range(10))
    assert sorted(row for rows in first[3:] for row in rows) == list(range(10))
    assert first[:3] != first[3:]
    assert orders(0) == first
    assert orders(1) != first
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_mini_batch_reaches_least_squares():
    X, y = regression()
    result = gradient_descent(
        lambda w, rows: squared_loss_and_grad(w, X[rows], y[rows]),
        np.zeros(3),
        step=lambda t: 0.2 / (1.0 + t / 200.0),
        batch_size=16,
        n_samples=len(X),
        max_iter=200,
        tol=1e-7,
        random_state=0,
    )
    assert result.converged
    assert np.allclose(result.w, [1.0, -2.0, 0.5], atol=1e-4)
    assert result.path.shape == (result.n_iter + 1, 3)
    assert result.losses[-1] < 1e-6 < result.losses[0]


def test_batch_of_all_rows_is_the_full_batch():
    X, y = regression(20)
    full = gradient_descent(lambda w: squared_loss_and_grad(w, X, y), np.zeros(3), step=0.1)
    batch = gradient_descent(
        lambda w, rows: squared_loss_and_grad(w, X[rows], y[rows]),
        np.zeros(3),
        step=0.1,
        batch_size=20,
        n_samples=20,
    )
    assert np.allclose(full.w, batch.w)


def test_proximal_step_finds_the_lasso():
    X, y = regression()
    l1 = 0.7

    def shrink(w, step):
        return np.sign(w) * np.maximum(np.abs(w) - step * l1, 0.0)

    for nesterov in (False, True):
        w = gradient_descent(
            lambda w: squared_loss_and_grad(w, X, y),
            np.zeros(3),
            step=0.5,
            max_iter=2000,
            tol=1e-10,
            prox=shrink,
            nesterov=nesterov,
        ).w
        grad = squared_loss_and_grad(w, X, y)[1]
        assert w[2] == 0.0
        assert abs(grad[2]) <= l1
        assert np.allclose(grad[:2], -l1 * np.sign(w[:2]), atol=1e-8)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"step": 0.0}, "step must be a positive"),
        ({"step": np.nan}, "step must be a positive"),
        ({"step": lambda t: -1.0}, "step must be a positive"),
        ({"max_iter": 0}, "max_iter must be at least 1"),
        ({"tol": -1.0}, "tol not negative"),
        ({"w0": []}, "w0 must hold"),
        ({"w0": [np.nan]}, "w0 must hold"),
        ({"batch_size": 0, "n_samples": 5}, "batch_size and n_samples"),
        ({"batch_size": 2}, "batch_size and n_samples"),
        ({"batch_size": 2, "n_samples": 5, "nesterov": True}, "nesterov needs full batches"),
    ],
)
def test_bad_arguments_get_a_sentence(change, sentence):
    options = {"w0": [1.0], "step": 0.1, **change}
    with pytest.raises(ValueError, match=sentence):
        gradient_descent(lambda w, rows=None: (1.0, w), **options)


def test_a_gradient_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"gradient \(1, 2\) for weights \(2,\)"):
        gradient_descent(lambda w: (1.0, w[None]), [1.0, 2.0], step=0.1)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=20))
def test_sigmoid_and_softmax_equal_scipy_and_never_overflow(z):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # below the smallest normal number scipy's result is 0
        assert np.allclose(sigmoid(z), expit(z), rtol=1e-14, atol=1e-307)
        assert np.allclose(softmax([z]), scipy_softmax([z], axis=1), rtol=1e-12, atol=1e-300)
        assert np.isfinite(binary_cross_entropy(z, np.zeros(len(z)))[0])


def test_sigmoid_of_integers_and_of_float32():
    assert sigmoid([0, 1000, -1000]).tolist() == [0.5, 1.0, 0.0]
    assert sigmoid(np.float32([0.3])).dtype == np.float32


def test_binary_is_the_two_class_softmax():
    random = np.random.RandomState(0)
    z, y, weight = random.normal(size=50) * 5, random.randint(0, 2, 50), random.uniform(size=50)
    for w in (None, weight):
        loss, grad = binary_cross_entropy(z, y, w)
        loss2, grad2 = softmax_cross_entropy(np.column_stack([0 * z, z]), y, w)
        assert loss == pytest.approx(loss2)
        assert np.allclose(grad, grad2[:, 1])


def test_softmax_cross_entropy_equals_scipy_and_its_gradient_is_averaged_once():
    random = np.random.RandomState(0)
    z, y = random.normal(size=(40, 3)), random.randint(0, 3, 40)
    loss, grad = softmax_cross_entropy(z, y)
    assert loss == pytest.approx(-log_softmax(z, axis=1)[np.arange(40), y].mean())
    twice = softmax_cross_entropy(np.vstack([z, z]), np.tile(y, 2))
    assert twice[0] == pytest.approx(loss)
    assert np.allclose(twice[1][:40] * 2, grad)
    assert np.allclose(grad.sum(axis=1), 0)


@pytest.mark.parametrize(
    ("z", "y"),
    [([[0.0, 1.0]], [2]), ([[0.0, 1.0]], [-1]), ([[0.0, 1.0]], [0.5]), ([0.0], [0]), ([[0.0]], [])],
)
def test_softmax_cross_entropy_refuses_what_is_not_a_class_number(z, y):
    with pytest.raises(ValueError, match=r"class numbers|needs z"):
        softmax_cross_entropy(z, y)


@pytest.mark.parametrize("loss", [squared_loss_and_grad, logistic_loss_and_grad])
def test_gradients_equal_finite_differences_with_penalty(loss):
    random = np.random.RandomState(0)
    X, y = random.normal(size=(30, 4)), random.randint(0, 2, 30)
    for l2 in (0.0, 3.0):
        error = check_grad(
            lambda w, l2=l2: loss(w, X, y, l2=l2)[0],
            lambda w, l2=l2: loss(w, X, y, l2=l2)[1],
            random.normal(size=4),
        )
        assert error < 1e-6


def test_losses_are_means_over_rows():
    X, y = np.array([[1.0], [2.0]]), np.array([0, 1])
    for loss in (squared_loss_and_grad, logistic_loss_and_grad):
        once = loss([0.3], X, y)
        many = loss([0.3], np.vstack([X] * 5), np.tile(y, 5))
        assert once[0] == pytest.approx(many[0])
        assert np.allclose(once[1], many[1])
