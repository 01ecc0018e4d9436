"""What a principal component analysis must do, from simple to subtle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same

Given = dict[str, Any]


def _table(rows: list[list[float]], k: int) -> Given:
    return {"X": np.array(rows, dtype=float), "k": k}


# off the origin, three different variances, no axis-parallel direction
TILTED = [[4, 1, 7], [6, 2, 7], [5, 4, 9], [9, 3, 4], [8, 7, 8], [4, 2, 3]]
WIDE = [[1, 2, 3, 4, 9], [2, 2, 1, 4, 7], [5, 2, 0, 4, 8]]


@st.composite
def inputs(draw: st.DrawFn) -> Given:
    n = draw(st.integers(2, 8))
    d = draw(st.integers(1, 5))
    whole = st.integers(-3, 3)
    rows = draw(st.lists(st.lists(whole, min_size=d, max_size=d), min_size=n, max_size=n))
    shift = draw(st.sampled_from([0, 2, 10]))
    X = np.array(rows) + shift
    if draw(st.booleans()):
        X = X / 4
    return {"X": X, "k": draw(st.integers(1, min(n, d)))}


def oracle(X: np.ndarray) -> np.ndarray:
    """Covariance of the columns, (d, d), summed row by row."""
    X = np.asarray(X, dtype=float)
    centred = X - X.mean(axis=0)
    return sum(np.outer(row, row) for row in centred) / (len(X) - 1)


def _numbers(value: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        require(False, f"{what} must be an array of numbers, got {type(value).__name__}")
    require(found.shape == shape, f"{what} must have the shape {shape}, got {found.shape}")
    require(bool(np.isfinite(found).all()), f"{what} must be finite, got NaN or infinity")
    return found


def _result(call: Callable, given: Given) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    got = call(**given)
    require(
        isinstance(got, tuple | list) and len(got) == 3,
        "expected three results (scores, components, variances),"
        f" got {'None: did you forget to return?' if got is None else type(got).__name__}",
    )
    (n, d), k = np.shape(given["X"]), given["k"]
    scores = _numbers(got[0], (n, k), "scores")
    return scores, _numbers(got[1], (k, d), "components"), _numbers(got[2], (k,), "variances")


ALWAYS = [_table(TILTED, 1), _table(TILTED, 2), _table(TILTED, 3), _table(WIDE, 3)]


@check(inputs(), examples=25, always=ALWAYS)
def the_results_have_the_right_shapes(call: Callable, given: Given) -> None:
    """pca returns scores (n, k), components (k, d) and variances (k,), in this order."""
    _result(call, given)


@check(inputs(), examples=25, always=ALWAYS)
def variances_are_the_largest_eigenvalues_of_the_covariance(call: Callable, given: Given) -> None:
    """The variances are the k largest eigenvalues of the covariance (n - 1), largest first."""
    _, _, variances = _result(call, given)
    expected = np.sort(np.linalg.eigvalsh(oracle(given["X"])))[::-1][: given["k"]]
    same(variances, expected, what="variances", rel=1e-7, abs=1e-7 * max(expected[0], 1e-3))


@check(inputs(), examples=25, always=ALWAYS)
def components_are_orthonormal_rows(call: Callable, given: Given) -> None:
    """Every row of components has length 1 and is perpendicular to the others."""
    _, components, _ = _result(call, given)
    products = components @ components.T
    for i, length in enumerate(np.sqrt(np.diag(products))):
        require(abs(length - 1) < 1e-7, f"components[{i}] must have length 1, got {length:.6g}")
    off = np.argwhere(np.abs(products - np.eye(given["k"])) > 1e-7)
    if len(off):
        i, j = off[0]
        require(False, f"components[{i}] and components[{j}] must be perpendicular: their dot"
                       f" product is {products[i, j]:.6g}")  # fmt: skip


@check(inputs(), examples=25, always=ALWAYS)
def components_point_along_the_variance(call: Callable, given: Given) -> None:
    """Covariance times a component is the component times its variance; its sign is free."""
    _, components, variances = _result(call, given)
    covariance = oracle(given["X"])
    tolerance = 1e-7 * max(np.trace(covariance), 1e-3)
    for i, (direction, variance) in enumerate(zip(components, variances, strict=True)):
        along = float(direction @ covariance @ direction)
        error = np.abs(covariance @ direction - variance * direction).max()
        require(
            error <= tolerance,
            f"components[{i}] is no direction of largest variation: the rows have variance"
            f" {along:.6g} along it, and {variance:.6g} was returned",
        )


@check(inputs(), examples=25, always=ALWAYS)
def scores_are_the_centred_rows_on_the_components(call: Callable, given: Given) -> None:
    """Each score is the dot product of a centred row with a component, so scores sum to 0."""
    scores, components, _ = _result(call, given)
    X = np.asarray(given["X"], dtype=float)
    expected = (X - X.mean(axis=0)) @ components.T
    largest = np.abs(expected).max()
    same(scores, expected, what="scores", rel=1e-7, abs=1e-7 * max(largest, 1e-3))


@check(inputs(), examples=25, always=ALWAYS)
def moving_all_rows_changes_nothing(call: Callable, given: Given) -> None:
    """Adding the same row to every row changes neither the variances nor the spread of scores."""
    scores, _, variances = _result(call, given)
    move = 10.0 * np.arange(1, np.shape(given["X"])[1] + 1)
    moved_scores, _, moved = _result(call, {**given, "X": given["X"] + move})
    scale = max(variances[0], 1e-3)
    same(moved, variances, what="variances after moving all rows", rel=1e-7, abs=1e-7 * scale)
    # distances between rows do not depend on the signs; with all components of different variance
    # they are unique too
    same(
        np.sort(np.square(moved_scores).sum(axis=0))[::-1],
        np.sort(np.square(scores).sum(axis=0))[::-1],
        what="squared lengths of the columns of scores after moving all rows",
        rel=1e-7,
        abs=1e-6 * scale * len(scores),
    )


def speed_inputs(rng: np.random.Generator) -> Given:
    hidden = rng.normal(size=(20_000, 8)) * np.arange(8, 0, -1)
    return {"X": hidden @ rng.normal(size=(8, 60)) + rng.normal(size=(20_000, 60)) + 3.0, "k": 5}
