"""What a dense layer with ReLU must do, from simple to subtle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same

Given = dict[str, Any]
NAMES = ("out", "grad_X", "grad_W", "grad_b")


def _arrays(X: list, W: list, b: list, grad_out: list) -> Given:
    named = {"X": X, "W": W, "b": b, "grad_out": grad_out}
    return {name: np.array(value, dtype=float) for name, value in named.items()}


@st.composite
def inputs(draw: st.DrawFn) -> Given:
    """Small whole numbers, so that X W + b is often exactly 0."""
    n, d_in, d_out = (draw(st.integers(1, 4)) for _ in range(3))

    def matrix(rows: int, columns: int) -> list[list[int]]:
        row = st.lists(st.integers(-2, 2), min_size=columns, max_size=columns)
        return draw(st.lists(row, min_size=rows, max_size=rows))

    bias = draw(st.lists(st.integers(-2, 2), min_size=d_out, max_size=d_out))
    return _arrays(matrix(n, d_in), matrix(d_in, d_out), bias, matrix(n, d_out))


@st.composite
def smooth_inputs(draw: st.DrawFn) -> Given:
    """Whole numbers and a bias between them: X W + b is at least 0.5 away from 0."""
    given = draw(inputs())
    return {**given, "b": given["b"] + 0.5, "grad_out": given["grad_out"] + 0.25}


def oracle(X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray) -> tuple:
    """The chain rule, one number at a time."""
    out, grad_X, grad_W, grad_b = (np.zeros(np.shape(a)) for a in (grad_out, X, W, b))
    for i, j in np.ndindex(out.shape):
        before = sum(X[i, p] * W[p, j] for p in range(len(W))) + b[j]
        if before > 0:
            out[i, j] = before
            grad_X[i] += grad_out[i, j] * W[:, j]
            grad_W[:, j] += grad_out[i, j] * X[i]
            grad_b[j] += grad_out[i, j]
    return out, grad_X, grad_W, grad_b


def _result(call: Callable, given: Given) -> dict[str, Any]:
    got = call(**given)
    require(
        isinstance(got, tuple | list) and len(got) == 4,
        "expected four results (out, grad_X, grad_W, grad_b),"
        f" got {'None: did you forget to return?' if got is None else type(got).__name__}",
    )
    return dict(zip(NAMES, got, strict=True))


def _compare(call: Callable, given: Given, *names: str) -> None:
    got, expected = _result(call, given), dict(zip(NAMES, oracle(**given), strict=True))
    for name in names:
        same(got[name], expected[name], what=name, rel=1e-7, abs=1e-9)


# two rows, two inputs, three outputs: positive, negative and, in the last column, exactly 0
MIXED = _arrays(
    X=[[1, 2], [3, -1]],
    W=[[2, -1, 1], [1, 1, -1]],
    b=[-5, 1, 1],
    grad_out=[[4, -3, 5], [-2, 7, 6]],
)
# decimals: their products cancel, and in single precision too little would be left
DECIMALS = _arrays(
    X=[[0.1, 0.2, -0.29], [1000.1, -999.9, 0.3]],
    W=[[0.7, 0.1], [0.3, 0.2], [0.4, 0.2]],
    b=[0.001, -0.01],
    grad_out=[[0.1, 1e-3], [1e-5, 0.7]],
)
# just above and just below 0: exactly 0 is neither
NEAR = _arrays(X=[[1], [-1]], W=[[1e-7, -1e-12]], b=[0, 0], grad_out=[[5, 7], [3, 2]])
# whole numbers, whose gradients are none
WHOLE = {
    "X": np.array([[1, 2], [3, 1]]),
    "W": np.array([[1, -1], [1, 0]]),
    "b": np.array([0, 1]),
    "grad_out": np.array([[0.5, 0.25], [0.75, 0.5]]),
}
ALWAYS = [MIXED, DECIMALS, NEAR, WHOLE]


@check(inputs(), examples=25, always=ALWAYS)
def the_output_is_the_positive_part(call: Callable, given: Given) -> None:
    """The output is max(X W + b, 0), elementwise, of shape (n, d_out)."""
    _compare(call, given, "out")


@check(inputs(), examples=25, always=ALWAYS)
def the_bias_gradient_sums_over_the_batch(call: Callable, given: Given) -> None:
    """grad_b sums the gradient by X W + b over the rows: shape (d_out,), no division by n."""
    _compare(call, given, "grad_b")


@check(inputs(), examples=25, always=ALWAYS)
def the_weight_gradient_is_x_transposed_times_the_gradient(call: Callable, given: Given) -> None:
    """grad_W is X transposed times the gradient by X W + b: a sum over the rows."""
    _compare(call, given, "grad_W")


@check(inputs(), examples=25, always=ALWAYS)
def the_input_gradient_goes_back_through_the_weights(call: Callable, given: Given) -> None:
    """grad_X is the gradient by X W + b times W transposed."""
    _compare(call, given, "grad_X")


@check(always=[_arrays([[0, 0], [1, 1]], [[1, 2], [-1, -2]], [0, 0], [[3, 4], [5, 6]])])
def nothing_passes_at_exactly_zero(call: Callable, given: Given) -> None:
    """Where X W + b is exactly 0 the gradient of the ReLU is 0, so here all gradients are 0."""
    _compare(call, given, "grad_b", "grad_W", "grad_X")


@check(smooth_inputs(), examples=10, always=[{**MIXED, "b": MIXED["b"] + 0.5}])
def gradients_agree_with_finite_differences(call: Callable, given: Given) -> None:
    """Moving an entry of X, W or b by h changes the sum of out * grad_out by h * its gradient."""
    got = _result(call, given)
    step = 1e-4  # less than the distance to any kink, and the loss is linear between kinks
    for name in ("X", "W", "b"):
        slopes = np.zeros(given[name].shape)
        for place in np.ndindex(slopes.shape):
            losses = []
            for sign in (1, -1):
                moved = given[name].copy()
                moved[place] += sign * step
                out, *_ = oracle(**{**given, name: moved})
                losses.append((out * given["grad_out"]).sum())
            slopes[place] = (losses[0] - losses[1]) / (2 * step)
        same(got[f"grad_{name}"], slopes, what=f"grad_{name}", rel=1e-6, abs=1e-6)


def speed_inputs(rng: np.random.Generator) -> Given:
    n, d_in, d_out = 4_000, 256, 256
    return {
        "X": rng.normal(size=(n, d_in)),
        "W": rng.normal(size=(d_in, d_out)) / 16,
        "b": rng.normal(size=d_out),
        "grad_out": rng.normal(size=(n, d_out)) / n,
    }
