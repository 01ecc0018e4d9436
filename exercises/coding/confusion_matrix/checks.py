"""What a confusion matrix must do, from simple to subtle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same

Given = dict[str, Any]

NUMBERS = (0, 1, 2, 10, -1)
TEXTS = ("ham", "spam", "promo", "Ham")


@st.composite
def pairs(draw: st.DrawFn) -> Given:
    known = draw(st.sampled_from([NUMBERS, TEXTS]))
    allowed = draw(st.lists(st.sampled_from(known), min_size=1, max_size=4, unique=True))
    n = draw(st.integers(1, 12))
    label = st.sampled_from(allowed)
    y_true = draw(st.lists(label, min_size=n, max_size=n))
    y_pred = draw(st.lists(label, min_size=n, max_size=n))
    as_array = draw(st.booleans())
    keep = np.array if as_array else list
    return {"y_true": keep(y_true), "y_pred": keep(y_pred)}


@st.composite
def pairs_and_labels(draw: st.DrawFn) -> Given:
    given = draw(pairs())
    known = TEXTS if isinstance(given["y_true"][0], str) else NUMBERS
    labels = draw(st.lists(st.sampled_from(known), min_size=1, max_size=4, unique=True))
    return {**given, "labels": labels}


def oracle(
    y_true: Any, y_pred: Any, labels: list | None = None, normalize: bool = False
) -> np.ndarray:
    """Go through all samples for each cell."""
    samples = list(zip(list(y_true), list(y_pred), strict=True))
    shown = sorted({label for pair in samples for label in pair}) if labels is None else labels
    rows = [[sum(pair == (t, p) for pair in samples) for p in shown] for t in shown]
    if normalize:
        rows = [[count / sum(row) if sum(row) else 0.0 for count in row] for row in rows]
    return np.array(rows)


# 2 and 10 sort differently as text; 2 is first to appear; 1 is only predicted; (2, 10) is repeated
NUMBERS_ONCE = {"y_true": np.array([2, 10, 2, 2, 0]), "y_pred": np.array([10, 10, 10, 2, 1])}
TEXTS_ONCE = {
    "y_true": ["spam", "spam", "ham", "spam", "spam", "ham"],
    "y_pred": ["ham", "spam", "promo", "spam", "ham", "ham"],
}
# Python sorts capitals before small letters
CAPITALS = {"y_true": ["ham", "Spam", "Spam"], "y_pred": ["Spam", "apple", "Spam"]}
PLAIN = [NUMBERS_ONCE, TEXTS_ONCE, CAPITALS]
LISTED = [
    {**NUMBERS_ONCE, "labels": [10, 2]},
    {**NUMBERS_ONCE, "labels": [10, 7, 2]},
    {**TEXTS_ONCE, "labels": ["spam", "ham"]},
]


@check(pairs(), examples=25, always=PLAIN)
def the_matrix_is_square_over_all_labels(call: Callable, given: Given) -> None:
    """The matrix has a row and a column for every label that occurs in y_true or y_pred."""
    got = call(**given)
    require(got is not None, "expected a matrix, got None: did you forget to return?")
    same(np.shape(got), oracle(**given).shape, what="shape of the matrix")


@check(pairs(), examples=25, always=PLAIN)
def cells_count_true_label_by_predicted_label(call: Callable, given: Given) -> None:
    """Cell [i, j] counts the samples with true label i and predicted label j, labels ascending."""
    same(call(**given), oracle(**given), what="counts")


@check(pairs_and_labels(), examples=25, always=LISTED)
def labels_choose_rows_and_their_order(call: Callable, given: Given) -> None:
    """With `labels`, rows and columns follow its order; samples with other labels are left out."""
    same(call(**given), oracle(**given), what="counts")


@check(pairs(), examples=25, always=PLAIN)
def rows_of_shares_sum_to_one_or_zero(call: Callable, given: Given) -> None:
    """With normalize=True each row is divided by its sum, and a row without samples stays 0."""
    given = {**given, "normalize": True}
    same(call(**given), oracle(**given), what="shares")


@check(pairs_and_labels(), examples=25, always=LISTED)
def shares_are_of_the_samples_shown(call: Callable, given: Given) -> None:
    """With `labels` and normalize=True the row sums are those of the matrix that is returned."""
    given = {**given, "normalize": True}
    same(call(**given), oracle(**given), what="shares")


@check(always=[{"y_true": [1] * 300 + [0], "y_pred": [1] * 300 + [1], "normalize": False}])
def counts_do_not_overflow(call: Callable, given: Given) -> None:
    """Counts above 255 are exact: small integer types wrap around."""
    same(call(**given), oracle(**given), what="counts")


def speed_inputs(rng: np.random.Generator) -> Given:
    y_true = rng.integers(0, 50, size=300_000)
    wrong = rng.random(300_000) < 0.2
    return {"y_true": y_true, "y_pred": np.where(wrong, rng.integers(0, 50, 300_000), y_true)}
