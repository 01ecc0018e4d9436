"""What precision, recall and F1 must be, from simple to subtle."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, same


def oracle(y_true, y_pred, positive=1):
    """Shares of sets of row numbers, in exact fractions."""
    real = {at for at, label in enumerate(y_true) if label == positive}
    flagged = {at for at, label in enumerate(y_pred) if label == positive}
    hits = len(real & flagged)
    both = len(real) + len(flagged)
    exact = [
        Fraction(hits, len(flagged)) if flagged else 0,
        Fraction(hits, len(real)) if real else 0,
        Fraction(2 * hits, both) if both else 0,
    ]
    return tuple(float(value) for value in exact)


def compare(call, given):
    same(call(**given), oracle(**given), what="(precision, recall, f1)")


@st.composite
def rows(draw, labels=((0, 1),), smallest=1, most=10, positives=None):
    """A few rows; hits, false alarms, misses and the rest in every mixture."""
    kinds = draw(st.sampled_from(labels))
    label = st.sampled_from(kinds)
    pairs = draw(st.lists(st.tuples(label, label), min_size=smallest, max_size=most))
    given = {"y_true": [t for t, _ in pairs], "y_pred": [p for _, p in pairs]}
    if positives is None:
        return given
    return {**given, "positive": draw(st.sampled_from([*kinds, *positives]))}


@check(
    rows(smallest=3),
    always=[
        {"y_true": [1, 1, 1, 0, 0, 0], "y_pred": [1, 0, 0, 1, 0, 0]},
        {"y_true": [1, 1, 0, 0, 0, 0, 0, 0], "y_pred": [1, 1, 1, 1, 1, 0, 0, 0]},
        {"y_true": [1, 1, 1, 1, 1, 0, 0], "y_pred": [1, 1, 1, 0, 0, 1, 0]},
        {"y_true": [1, 1, 1, 1, 0], "y_pred": [1, 1, 1, 0, 0]},
    ],
)
def shares_of_the_flagged_and_of_the_positive(call, given):
    """Precision is a share of the rows predicted positive, recall one of the positives, F1 their
    harmonic mean.
    """
    compare(call, given)


@check(
    rows(most=3),
    always=[
        {"y_true": [1, 1, 0], "y_pred": [0, 0, 0]},
        {"y_true": [0, 0, 0], "y_pred": [0, 1, 0]},
        {"y_true": [1, 0], "y_pred": [0, 1]},
        {"y_true": [0, 0], "y_pred": [0, 0]},
        {"y_true": [1], "y_pred": [1]},
        {"y_true": [], "y_pred": []},
    ],
)
def zero_over_zero_is_zero(call, given):
    """0 / 0 is 0.0: nothing flagged, nothing positive, no hit, no rows."""
    compare(call, given)


@check(
    rows(labels=((-1, 1), (1, 2), (0, 1, 2), (3, 5, 7)), positives=[1, 4]),
    always=[
        {"y_true": [1, -1, -1, 1, 1], "y_pred": [1, -1, 1, -1, 1], "positive": 1},
        {"y_true": [1, 2, 2, 1, 2], "y_pred": [2, 2, 1, 1, 2], "positive": 2},
        {"y_true": [0, 1, 1, 0, 0], "y_pred": [0, 0, 1, 0, 1], "positive": 0},
        {"y_true": [0, 1, 2, 2, 1, 0], "y_pred": [2, 1, 2, 1, 1, 0], "positive": 2},
        {"y_true": [1, 2, 2], "y_pred": [2, 2, 2], "positive": 3},
    ],
)
def the_positive_label_is_an_argument(call, given):
    """Only the label given as positive is positive; all others, however many, are negative."""
    compare(call, given)


@check(
    rows(labels=(("ham", "spam"), (False, True), ("", "no", "yes")), positives=["spam"]),
    always=[
        {"y_true": ["spam", "ham", "ham"], "y_pred": ["spam", "spam", "ham"], "positive": "spam"},
        {"y_true": ["spam", "ham", "ham"], "y_pred": ["spam", "spam", "ham"], "positive": "ham"},
        {"y_true": [True, False, True], "y_pred": [True, True, False], "positive": True},
        {"y_true": [True, False, True], "y_pred": [True, True, False]},
        {"y_true": [True, False, False], "y_pred": [False, True, False], "positive": False},
    ],
)
def labels_may_be_text_or_bools(call, given):
    """Labels are compared with the positive one, whatever their type."""
    compare(call, given)


@st.composite
def arrays(draw):
    given = draw(rows(smallest=3, most=40, labels=((0, 1), (0, 1, 2), ("no", "yes")), positives=[]))
    dtypes = ["U3"] if isinstance(given["positive"], str) else ["int8", "uint8", "int64", "float64"]
    dtype = draw(st.sampled_from(dtypes))
    cast = {name: np.array(given[name], dtype=dtype) for name in ("y_true", "y_pred")}
    return {**given, **cast}


@check(
    arrays(),
    always=[
        {
            "y_true": np.array([1, 1, 0] * 150, dtype="uint8"),
            "y_pred": np.array([1, 0, 1] * 150, dtype="uint8"),
        },
        {
            "y_true": np.array([1] * 301 + [0] * 400, dtype="int8"),
            "y_pred": np.array([1] * 300 + [0] * 401, dtype="int8"),
        },
    ],
)
def arrays_of_any_dtype(call, given):
    """Arrays give what lists give, in small integers too, and the scores are not rounded."""
    compare(call, given)


def speed_inputs(rng):
    """Two million transactions, 1 % of them fraud."""
    y_true = (rng.random(2_000_000) < 0.01).astype(np.int8)
    y_pred = np.where(rng.random(2_000_000) < 0.005, 1 - y_true, y_true).astype(np.int8)
    return {"y_true": y_true, "y_pred": y_pred}
