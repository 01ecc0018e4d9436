"""What random over- and under-sampling must do, from simple to subtle."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import strategies as st

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


def _seeds(lowest):
    return st.builds(lambda seed: _case([4, 2], "over", seed), st.integers(lowest, 10_000))


@check(_seeds(0), examples=2)
def copies_are_drawn_with_replacement(call, given):
    """Over many seeds, two copies of two rows are twice the first, twice the second, or mixed."""
    seen = set()
    for more in range(100):  # a fair draw misses one of the three about once in 1e12 runs
        new = _new(call, {**given, "seed": given["seed"] + more})
        seen.add(sum(row == (20.0, 0.0) for row, _ in new) - 1)
    told = "100 seeds never copied the {} row of class 'b' twice: draw each copy from all its rows"
    require(2 in seen, told.format("first"))
    require(0 in seen, told.format("second"))
    require(1 in seen, "100 seeds never copied each row of class 'b' once")


@check(_seeds(0), examples=2)
def every_row_may_be_dropped(call, given):
    """Over many seeds every row of the larger class is kept some time and dropped some time."""
    given = {**given, "strategy": "under"}
    kept = Counter()
    for more in range(100):  # a fair draw keeps or drops a row 100 times about once in 1e30 runs
        kept.update(row[0] for row, _ in _new(call, {**given, "seed": given["seed"] + more}))
    for i in range(4):
        told = f"of 100 seeds, {kept[10.0 + i]} kept the row {[10 + i, -i]}: choose rows at random"
        require(0 < kept[10.0 + i] < 100, told)


def speed_inputs(rng):
    """300,000 payments of ten columns, one in 100 a fraud."""
    y = (rng.random(300_000) < 0.01).astype(int)
    return {"X": rng.normal(size=(300_000, 10)), "y": y, "strategy": "over", "seed": 0}
