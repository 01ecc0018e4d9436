"""What random over- and under-sampling must do, from simple to subtle."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product

import numpy as np
from hypothesis import strategies as st
from scipy.stats import chi2

from mlsd_kit.curriculum.grading import check, require, same


@st.composite
def tables(draw, strategy=None):
    """Few rows of few different values: rows may be equal, also across classes."""
    names = draw(st.sampled_from([(0, 1, 2), ("ok", "fraud", "void")]))
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))
    labels = [name for name, size in zip(names, sizes, strict=False) for _ in range(size)]
    y = draw(st.permutations(labels))
    row = st.lists(st.integers(0, 9), min_size=2, max_size=2)
    X = draw(st.lists(row, min_size=len(y), max_size=len(y)))
    return {
        "X": np.array(X) * draw(st.sampled_from([1, 0.5])),
        "y": np.array(y),
        "strategy": draw(st.sampled_from(["over", "under"])) if strategy is None else strategy,
        "seed": draw(st.integers(0, 1000)),
    }


def _case(sizes, strategy, seed=0):
    """Rows that are all different: 10, 11, ... of the first class, 20, 21, ... of the second."""
    X = [[10 * c + i, -i] for c, size in enumerate(sizes, start=1) for i in range(size)]
    y = [label for label, size in zip("abc", sizes, strict=False) for _ in range(size)]
    return {"X": np.array(X, dtype=float), "y": np.array(y), "strategy": strategy, "seed": seed}


def _new(call, given):
    """The result as pairs (row, class)."""
    got = call(**given)
    require(got is not None, "expected (X_new, y_new), got None: did you forget to return?")
    require(isinstance(got, tuple | list) and len(got) == 2, "expected two results: X_new, y_new")
    X, y = np.asarray(got[0], dtype=float), np.asarray(got[1])
    d = np.shape(given["X"])[1]
    require(X.ndim == 2 and X.shape[1] == d, f"X_new must have {d} columns, got shape {X.shape}")
    require(y.shape == (len(X),), f"y_new must have {len(X)} classes, as many as X_new has rows,"
                                  f" got shape {y.shape}")  # fmt: skip
    return _pairs(X, y)


def _pairs(X, y):
    rows = (tuple(float(value) for value in row) for row in X)
    return list(zip(rows, np.asarray(y).tolist(), strict=True))


BOTH = [_case([5, 2], "over"), _case([5, 2], "under"), _case([2, 5, 3], "over", 3),
        _case([2, 5, 3], "under", 3), _case([3], "over"), _case([2, 2], "under")]  # fmt: skip
OVER = [_case([6, 3], "over", seed) for seed in range(3)]
UNDER = [_case([8, 6], "under", seed) for seed in range(3)]


@check(tables(), examples=25, always=BOTH)
def every_class_has_as_many_rows(call, given):
    """Every class has as many rows as the largest ("over") or the smallest class ("under") had."""
    before = Counter(np.asarray(given["y"]).tolist())
    size = max(before.values()) if given["strategy"] == "over" else min(before.values())
    after = Counter(label for _, label in _new(call, given))
    for label in sorted(before | after, key=str):
        same(after[label], size if label in before else 0, what=f"rows of class {label!r}")


@check(tables(), examples=25, always=[*BOTH, *OVER])
def rows_are_copies_with_their_own_class(call, given):
    """Every new row is an exact copy of a row of X and has the class of that row."""
    known = set(_pairs(given["X"], given["y"]))
    rows = {row for row, _ in known}
    for row, label in _new(call, given):
        require(row in rows, f"the new row {list(row)} is no row of X")
        own = (row, label) in known
        require(own, f"the row {list(row)} has got the class {label!r} of another row")


@check(tables(strategy="over"), examples=25, always=OVER)
def over_sampling_keeps_every_row(call, given):
    """Over-sampling keeps every original row and only adds copies."""
    left = Counter(_pairs(given["X"], given["y"])) - Counter(_new(call, given))
    for row, label in left:
        require(False, f"the row {list(row)} of class {label!r} is lost")


@check(tables(strategy="under"), examples=25, always=UNDER)
def under_sampling_repeats_no_row(call, given):
    """Under-sampling draws without replacement: no row is there more often than before."""
    more = Counter(_new(call, given)) - Counter(_pairs(given["X"], given["y"]))
    for row, label in more:
        require(False, f"the row {list(row)} of class {label!r} is there more often than in X")


@check(always=[_case([20, 3], "over"), _case([20, 3], "under"), _case([20, 3], "under", 1)])
def the_seed_decides(call, given):
    """The same seed gives the same rows, also seed 0; ten other seeds do not all give these."""
    first = sorted(_new(call, given), key=str)
    require(sorted(_new(call, given), key=str) == first, "the same seed gave two different results")
    others = [sorted(_new(call, {**given, "seed": seed}), key=str) for seed in range(7, 17)]
    differ = any(rows != first for rows in others)
    require(differ, "eleven different seeds gave the same rows: is the seed used?")


RUNS = 300
"""Results that a test of chances looks at."""
RARE = 1e-7
"""P-value below which it rejects: a right solution fails by chance less than once in a million."""


def _seeds(strategy, sizes, X=None):
    case = _case(sizes, strategy)
    case["X"] = case["X"] if X is None else np.array(X, dtype=float)
    # hypothesis tries the simplest input first: without 0 the only one drawn is a random one
    return st.integers(1, 10_000).map(lambda seed: {**case, "seed": seed})


def _first(given, label):
    """The first numbers of the rows of a class."""
    return given["X"][given["y"] == label, 0].tolist()


def _as_likely(call, given, label, chances, what):
    """Over many seeds the rows of a class come in each combination as often as they should."""
    own = _first(given, label) if given["strategy"] == "over" else []
    seen = Counter()
    for more in range(RUNS):
        new = _new(call, {**given, "seed": given["seed"] + more})
        rows = Counter(row[0] for row, name in new if name == label) - Counter(own)
        seen[tuple(sorted(rows.elements()))] += 1
    total = sum(chances.values())
    for rows in seen:
        require(rows in chances, f"{what} were {list(rows)}, which cannot be")
    due = {rows: RUNS * times / total for rows, times in chances.items()}
    statistic = sum((seen[rows] - due[rows]) ** 2 / due[rows] for rows in due)
    odd = max(due, key=lambda rows: abs(seen[rows] - due[rows]))
    require(
        chi2.sf(statistic, len(due) - 1) > RARE,
        f"over {RUNS} seeds {what} began with the numbers {list(odd)} {seen[odd]} ×, expected about"
        f" {due[odd]:.0f} ×",
    )


@check(_seeds("over", [4, 2]), examples=1)
def copies_are_drawn_with_replacement(call, given):
    """Over many seeds two copies of two rows are twice the first in a quarter of the cases, twice
    the second in another, and mixed in half of them.
    """
    rows = _first(given, "b")
    chances = Counter(tuple(sorted(copies)) for copies in product(rows, repeat=2))
    _as_likely(call, given, "b", chances, "the copies of class 'b'")


@check(_seeds("under", [4, 2]), examples=1)
def every_choice_of_rows_is_as_likely(call, given):
    """Over many seeds each pair of rows of the larger class is kept as often as any other."""
    chances = Counter(tuple(sorted(kept)) for kept in combinations(_first(given, "a"), 2))
    _as_likely(call, given, "a", chances, "the rows kept of class 'a'")


EQUAL = [[1, 0], [1, 0], [1, 0], [2, 0], [7, 0], [8, 0]]


@check(_seeds("under", [4, 2], EQUAL), examples=1)
def equal_rows_are_different_rows(call, given):
    """Three equal rows count three times when rows are drawn: a pair of them is often kept."""
    chances = Counter(tuple(sorted(kept)) for kept in combinations(_first(given, "a"), 2))
    _as_likely(call, given, "a", chances, "the rows kept of class 'a'")


def speed_inputs(rng):
    """300,000 payments of ten columns, one in 100 a fraud."""
    y = (rng.random(300_000) < 0.01).astype(int)
    return {"X": rng.normal(size=(300_000, 10)), "y": y, "strategy": "over", "seed": 0}
