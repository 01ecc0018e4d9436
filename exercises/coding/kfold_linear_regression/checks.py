"""What the errors of a cross-validation must be, from simple to subtle."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same


def oracle(X, y, k):
    """Fold sizes by dealing out the rows; each fit by QR of the training rows."""
    sizes = [0] * k
    for row in range(len(y)):
        sizes[row % k] += 1
    scores, start = [], 0
    for size in sizes:
        test = [start <= row < start + size for row in range(len(y))]
        train = np.logical_not(test)
        Q, R = np.linalg.qr(np.column_stack([X[train], np.ones(train.sum())]))
        *slope, intercept = np.linalg.solve(R, Q.T @ y[train])
        errors = X[test] @ slope + intercept - y[test]
        scores.append(np.mean(errors**2))
        start += size
    return np.array(scores)


def compare(call, given):
    same(call(**given), oracle(**given), what="the folds' errors", rel=1e-6, abs=1e-9)


def data(seed, n, d, k, far=0.0):
    """Rows with a drift, so that their order matters, and noise, so that no fit is perfect."""
    rng = np.random.default_rng(seed)
    drift = np.linspace(0.0, 2.0, n)
    X = np.round(rng.normal(size=(n, d)) + 0.5 * drift[:, None], 3) + far
    weights = np.round(rng.normal(size=d), 1)
    y = np.round((X - far) @ weights + drift**2 + rng.normal(size=n), 3) + 3.0 + far
    return {"X": X, "y": y, "k": k}


@st.composite
def problems(draw, remainder=None, far=0.0, folds=(2, 5)):
    """Folds of any sizes; at least three training rows more than there are weights."""
    k, d = draw(st.integers(*folds)), draw(st.integers(1, 3))
    least = -(-(d + 4) * k // (k - 1)) + 1
    n = draw(st.integers(least, least + 8))
    if remainder is not None:
        n += (k - n % k) % k + (draw(st.integers(1, k - 1)) if remainder else 0)
    return data(draw(st.integers(0, 10**6)), n, d, k, far)


@check(
    problems(remainder=False),
    always=[data(1, 12, 1, 3), data(2, 20, 2, 4), data(3, 16, 3, 2)],
)
def each_fold_is_tested_on_a_model_of_the_others(call, given):
    """The error of a fold is the mean squared error of a line fitted to all other folds."""
    compare(call, given)


@check(problems(far=50.0), examples=15, always=[data(4, 15, 1, 3, 100.0), data(5, 24, 2, 4, -30.0)])
def the_model_has_an_intercept(call, given):
    """Moving all features and targets by a constant changes nothing: the intercept takes it up."""
    compare(call, given)


@check(
    problems(remainder=True),
    always=[data(6, 10, 1, 4), data(7, 11, 2, 4), data(8, 17, 1, 3), data(9, 19, 2, 5)],
)
def the_first_folds_take_the_remainder(call, given):
    """Every row is tested once; the first n mod k folds have one row more."""
    compare(call, given)


@st.composite
def leave_one_out(draw):
    n, d = draw(st.integers(6, 10)), draw(st.integers(1, 2))
    return data(draw(st.integers(0, 10**6)), n, d, n)


@check(leave_one_out(), examples=10, always=[data(10, 7, 1, 7), data(11, 9, 2, 9)])
def one_row_a_fold(call, given):
    """With k = n each row is left out once."""
    compare(call, given)


@check(problems(), examples=15, always=[data(12, 13, 1, 3)])
def a_fold_does_not_move_its_own_model(call, given):
    """A target moved by 100 moves the error of its own fold as if the model had not noticed."""
    compare(call, given)
    last = len(given["y"]) - 1
    moved = given["y"].copy()
    moved[last] += 100.0
    got, wanted = call(**{**given, "y": moved}), oracle(**{**given, "y": moved})
    same(got, wanted, what="the folds' errors with the last target moved", rel=1e-6, abs=1e-9)


@check(problems(), examples=15, always=[data(13, 14, 2, 4)])
def scale_of_the_target(call, given):
    """Targets in cents instead of euros give errors 10,000 times as large."""
    once = np.asarray(call(**given), dtype=float)
    compare(call, given)
    cents = np.asarray(call(**{**given, "y": given["y"] * 100}), dtype=float)
    require(
        np.allclose(cents, once * 10_000, rtol=1e-6),
        "100 × the targets must give 10,000 × the errors",
    )


def speed_inputs(rng):
    """Twenty thousand rows, ten columns, ten folds."""
    X = rng.normal(size=(20_000, 10))
    return {"X": X, "y": X @ rng.normal(size=10) + rng.normal(size=20_000), "k": 10}
