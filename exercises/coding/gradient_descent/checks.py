"""What gradient descent must do, from simple to subtle."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same

CLOSE = {"rel": 1e-7, "abs": 1e-9}


def oracle(X, y, learning_rate, n_steps):
    """Each weight by its own derivative, written out row by row."""
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, d = X.shape
    w = np.zeros(d)
    losses = []
    for step in range(n_steps + 1):
        errors = [sum(X[i, j] * w[j] for j in range(d)) - y[i] for i in range(n)]
        losses.append(sum(e * e for e in errors) / n)
        if step < n_steps:
            slopes = [sum(2 * errors[i] * X[i, j] for i in range(n)) / n for j in range(d)]
            w = np.array([w[j] - learning_rate * slopes[j] for j in range(d)])
    return w, losses


def answer(call, given):
    """The learner's weights and losses, once they are two things of the right lengths."""
    got = call(**given)
    hint = ": did you forget to return?" if got is None else ""
    pair = isinstance(got, tuple | list) and len(got) == 2
    require(pair, f"expected the pair (weights, losses), got {type(got).__name__}{hint}")
    return got


def compare_weights(got, given):
    same(got[0], oracle(**given)[0], what="weights", **CLOSE)


def compare_losses(got, given):
    same(got[1], np.array(oracle(**given)[1]), what="losses", **CLOSE)


@st.composite
def problems(draw, steps=(0, 5), rates=(0.01, 0.05, 0.1), d_most=3, whole=False, smallest=1):
    """A few rows of small whole numbers; columns may be constant or repeat."""
    n, d = draw(st.integers(smallest, 6)), draw(st.integers(1, d_most))
    number = st.integers(-3, 3)
    X = draw(st.lists(st.lists(number, min_size=d, max_size=d), min_size=n, max_size=n))
    y = draw(st.lists(st.integers(-9, 9), min_size=n, max_size=n))
    dtype = int if whole else float
    return {
        "X": np.array(X, dtype=dtype),
        "y": np.array(y, dtype=dtype),
        "learning_rate": draw(st.sampled_from(rates)),
        "n_steps": draw(st.integers(*steps)),
    }


def given_of(X, y, learning_rate, n_steps):
    arrays = {"X": np.array(X, dtype=float), "y": np.array(y, dtype=float)}
    return {**arrays, "learning_rate": learning_rate, "n_steps": n_steps}


TWO = [[1, 2], [3, -1], [2, 2], [-1, 1], [0, 3]]


@check(
    problems(steps=(0, 0)),
    examples=10,
    always=[given_of([[1], [2]], [2, 4], 0.1, 0), given_of(TWO, [1, 2, 3, 4, -5], 0.1, 0)],
)
def it_starts_at_zero(call, given):
    """With no step the weights are 0, and the only loss is the mean of y²."""
    got = answer(call, given)
    same(got[0], np.zeros(given["X"].shape[1]), what="weights", **CLOSE)
    compare_losses(got, given)


@check(
    problems(steps=(1, 1), smallest=2),
    always=[
        given_of([[1], [2]], [2, 4], 0.1, 1),
        given_of(TWO, [1, 2, 3, 4, -5], 0.05, 1),
        given_of([[2, 1, 0], [1, 3, 1]], [1, -1], 0.1, 1),
    ],
)
def one_step_against_the_gradient(call, given):
    """One step subtracts learning_rate · 2/n · Xᵀ(Xw - y), all weights at once."""
    compare_weights(answer(call, given), given)


@check(
    problems(steps=(2, 6), smallest=2),
    always=[
        given_of([[1], [2]], [2, 4], 0.1, 2),
        given_of(TWO, [1, 2, 3, 4, -5], 0.05, 4),
        given_of(TWO, [1, 2, 3, 4, -5], 0.01, 6),
    ],
)
def the_weights_after_all_steps(call, given):
    """The weights are those after exactly n_steps steps, each with the residual of its moment."""
    compare_weights(answer(call, given), given)


@check(
    problems(),
    always=[
        given_of([[1], [2]], [2, 4], 0.1, 2),
        given_of(TWO, [1, 2, 3, 4, -5], 0.05, 3),
        given_of([[1], [1]], [3, 3], 0.1, 1),
    ],
)
def the_history_of_the_loss(call, given):
    """losses holds the mean squared error at the start and after each step, n_steps + 1 numbers."""
    compare_losses(answer(call, given), given)


@check(
    problems(steps=(1, 5), rates=(0.7, 1.0)),
    examples=15,
    always=[given_of([[2], [3]], [1, 5], 0.5, 4), given_of(TWO, [1, 2, 3, 4, -5], 1.0, 3)],
)
def a_long_step_may_grow_the_loss(call, given):
    """A learning rate that is too long is followed too: every step is taken."""
    got = answer(call, given)
    compare_losses(got, given)
    compare_weights(got, given)


def _small(dtype):
    """Numbers whose products do not fit into their own type, in X, in y and in both."""
    most = np.iinfo(dtype).max
    X = np.array([[most, 1], [most // 2, 2], [3, most - 1]], dtype)
    y = np.array([most, 5, most // 3], dtype)
    return {"X": X, "y": y, "learning_rate": 0.1 / float(most) ** 2, "n_steps": 3}


@check(
    problems(whole=True, steps=(1, 4)),
    examples=15,
    always=[
        {"X": np.array([[1], [2]]), "y": np.array([3, 4]), "learning_rate": 0.05, "n_steps": 3},
        {
            "X": np.array([[1, 0]], "int8"),
            "y": np.array([100], "int8"),
            "learning_rate": 0.1,
            "n_steps": 1,
        },
        *[_small(dtype) for dtype in ("int8", "uint8", "int16", "uint16")],
    ],
)
def integers_give_float_weights(call, given):
    """Integer input is not a reason to cut the weights to whole numbers, or to overflow."""
    got = answer(call, given)
    compare_weights(got, given)
    compare_losses(got, given)


@check(problems(steps=(1, 4)), examples=15, always=[given_of(TWO, [1, 2, 3, 4, -5], 0.05, 3)])
def twice_the_rows_is_the_same_walk(call, given):
    """The loss is a mean: with every row repeated, and in another order, the walk is the same."""
    once = answer(call, given)
    compare_weights(once, given)
    twice = {n: np.concatenate([given[n][::-1], given[n]]) for n in ("X", "y")}
    same(answer(call, {**given, **twice})[0], once[0], what="weights with each row twice", **CLOSE)


def speed_inputs(rng):
    """Twenty thousand rows, fifty columns, fifty steps."""
    X = rng.normal(size=(20_000, 50))
    return {"X": X, "y": X @ rng.normal(size=50), "learning_rate": 0.1, "n_steps": 50}
