"""What a grid search must do, from simple to subtle."""

import numpy as np
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same


@st.composite
def curves(draw, even=False):
    """A few points, a small grid in any order."""
    n_folds = draw(st.integers(2, 4))
    n = n_folds * draw(st.integers(2, 4)) if even else draw(st.integers(2 * n_folds, 14))
    halves = st.lists(st.integers(-4, 4), min_size=n, max_size=n)
    degree = st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True)
    alpha = st.lists(st.sampled_from([0.1, 1.0, 10.0, 50.0]), min_size=1, max_size=3, unique=True)
    return {
        "x": np.array(draw(halves)) / 2,
        "y": np.array(draw(st.lists(st.integers(-9, 9), min_size=n, max_size=n)), dtype=float),
        "degrees": draw(degree),
        "alphas": draw(alpha),
        "n_folds": n_folds,
    }


def oracle(x, y, degrees, alphas, n_folds):
    """Every pair by itself: least squares with the penalty as extra rows."""
    n, table = len(x), np.zeros((len(degrees), len(alphas)))
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    fold_of = sorted(row % n_folds for row in range(n))
    for (i, j), _ in np.ndenumerate(table):
        degree, errors = degrees[i], []
        for fold in range(n_folds):
            tested = [row for row in range(n) if fold_of[row] == fold]
            trained = [row for row in range(n) if fold_of[row] != fold]
            A = [[x[row] ** p for p in range(degree + 1)] for row in trained]
            penalty = np.sqrt(alphas[j]) * np.eye(degree + 1)[1:]
            wanted = np.append([y[row] for row in trained], np.zeros(degree))
            w, *_ = np.linalg.lstsq(np.vstack([A, penalty]), wanted, rcond=None)
            squares = [(y[row] - np.polyval(w[::-1], x[row])) ** 2 for row in tested]
            errors.append(sum(squares) / len(squares))
        table[i, j] = sum(errors) / n_folds
    return table


def _result(call, given):
    got = call(**given)
    require(
        isinstance(got, tuple | list) and len(got) == 3,
        "expected three results (best_degree, best_alpha, table),"
        f" got {'None: did you forget to return?' if got is None else type(got).__name__}",
    )
    return got


def _table_is_right(call, given):
    same(_result(call, given)[2], oracle(**given), what="table", rel=1e-6, abs=1e-9)


def _line(slope):
    x = np.arange(8.0)
    return {"x": x, "y": slope * x, "degrees": [2, 1], "alphas": [1.0, 10.0], "n_folds": 4}


def _given(n, degrees, alphas, n_folds, y=None):
    rng = np.random.default_rng(n)
    x = rng.integers(-4, 5, n) / 2
    y = rng.integers(-9, 10, n) + 5.0 + x**2 if y is None else np.array(y, dtype=float)
    return {"x": x, "y": y, "degrees": degrees, "alphas": alphas, "n_folds": n_folds}


EVEN = [_given(12, [2, 1, 3], [1.0, 10.0], 3), _given(8, [1, 2], [50.0, 0.1, 1.0], 4)]
# 12³ is too much for eight bits
SMALL = {
    "x": np.array([12, -3, 0, 5, 7, -8, 2, 9], dtype="int8"),
    "y": np.array([100, -20, 3, 14, 40, -90, 5, 66], dtype="int8"),
    "degrees": [1, 3],
    "alphas": [1.0, 10.0],
    "n_folds": 4,
}
EVEN.append(SMALL)
UNEVEN = [_given(11, [2, 1], [1.0, 10.0], 3), _given(14, [3], [0.1, 1.0, 10.0], 4),
          _given(5, [1, 2], [1.0], 4)]  # fmt: skip
# y = 0 everywhere: all errors are 0, every pair is tied
TIED = [
    _given(8, [3, 1, 2], [1.0, 10.0, 0.1], 4, y=[0] * 8),
    _given(9, [2, 3], [0.1, 50.0], 2, y=[0] * 9),
    _line(1e-6),  # errors of about 1e-12 are within 1e-9 of each other, though no two are equal
    _line(1e-3),  # errors of about 1e-6 are not
    # the column x is constant, so no model does better than the mean of y
    {**_given(6, [2, 1], [1.0, 10.0], 3), "x": np.zeros(6)},
]


def _far(n):
    """A grid in which the best alpha depends on the degree: chosen alone, each goes wrong."""
    given = _given(n % 15 + 8, [1, 2, 3, 4], [50.0, 0.1, 1.0], 3)
    noise = np.random.default_rng(1000 + n).normal(size=len(given["x"])).round(1)
    return {**given, "y": given["x"] ** 3 - 3 * given["x"] + noise}


# x is 1 or -1, so x³ = x: degree 3 with alpha 2 is degree 1 with alpha 1, here the best of all
SAME = {
    "x": np.array([-1, 1, 1, -1, 1, -1, -1, 1], dtype=float),
    "y": np.array([0, -3, -2, 4, -4, 3, 1, 0], dtype=float),
    "degrees": [3, 1],
    "alphas": [1.0, 2.0],
    "n_folds": 4,
}


@check(curves(even=True), examples=20, always=EVEN)
def the_table_holds_the_mean_test_errors(call, given):
    """table[i, j] is the test error of degrees[i] with alphas[j], averaged over the folds."""
    _table_is_right(call, given)


@check(curves(), examples=20, always=UNEVEN)
def uneven_folds_count_the_same(call, given):
    """The first n % n_folds folds have one row more, and each fold's mean counts the same."""
    _table_is_right(call, given)


@check(curves(), examples=20, always=[*EVEN, _far(10), _far(11)])
def the_best_pair_has_the_lowest_error(call, given):
    """The pair that is returned has the lowest error of the whole table."""
    degree, alpha, _ = _result(call, given)
    table = oracle(**given)
    known = degree in given["degrees"] and alpha in given["alphas"]
    require(known, f"expected a pair of the grid, got degree {degree} and alpha {alpha}")
    found = table[given["degrees"].index(degree), given["alphas"].index(alpha)]
    i, j = np.unravel_index(table.argmin(), table.shape)
    best = f"degree {given['degrees'][i]} and alpha {given['alphas'][j]} have {table[i, j]:.6g}"
    close = found <= table[i, j] * (1 + 1e-6) + 1e-8
    require(close, f"degree {degree} and alpha {alpha} have the error {found:.6g}, but {best}")


@check(always=[*TIED, SAME])
def ties_go_to_the_simplest_model(call, given):
    """Of all pairs within 1e-9 of the lowest error, the lowest degree, then the largest alpha."""
    degree, alpha, _ = _result(call, given)
    table = oracle(**given)
    tied = np.argwhere(table <= table.min() + 1e-9)
    pairs = [(given["degrees"][i], given["alphas"][j]) for i, j in tied]
    expected = min(pairs, key=lambda pair: (pair[0], -pair[1]))
    same([degree, alpha], list(expected), what="degree and alpha")


@check(curves(), examples=10, always=EVEN)
def shifting_the_target_changes_nothing(call, given):
    """The intercept is free: adding 100 to every y leaves all errors as they are."""
    _, _, table = _result(call, {**given, "y": np.asarray(given["y"], dtype=float) + 100})
    same(table, oracle(**given), what="table after adding 100 to y", rel=1e-6, abs=1e-8)


def speed_inputs(rng):
    """5,000 points, eight degrees, twenty penalties, five folds."""
    x = rng.uniform(-1, 1, 5_000)
    return {
        "x": x,
        "y": np.sin(3 * x) + rng.normal(0, 0.1, 5_000),
        "degrees": list(range(1, 9)),
        "alphas": [float(alpha) for alpha in np.logspace(-3, 3, 20)],
        "n_folds": 5,
    }
