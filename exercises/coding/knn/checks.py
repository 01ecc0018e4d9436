"""What a nearest-neighbour classifier must do, from simple to subtle."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same


def oracle(X_train, y_train, X, k):
    """One query at a time, in whole numbers: nothing can be rounded."""
    labels = np.asarray(y_train).tolist()
    known = [[int(v) for v in row] for row in np.asarray(X_train).tolist()]
    answer = []
    for query in np.asarray(X).tolist():
        pairs = [
            (sum((int(a) - b) ** 2 for a, b in zip(query, r, strict=True)), i)
            for i, r in enumerate(known)
        ]
        votes = [labels[at] for _, at in sorted(pairs)[:k]]
        answer.append(max(sorted(set(votes)), key=votes.count))  # max keeps the first of equals
    return answer


LABELS = ([3, 7, 10], [-1, 1], ["leave", "stay"], ["b", "B", "a", "10", "9"])


@st.composite
def data(draw, origin=0, most=8, d_most=3, spread=3, smallest=1, labels=LABELS, k_most=9):
    """Few rows of small whole numbers: distances and votes tie often."""
    n, q, d = (
        draw(st.integers(smallest, most)),
        draw(st.integers(1, 4)),
        draw(st.integers(1, d_most)),
    )
    numbers = st.integers(-spread, spread)
    y = st.sampled_from(draw(st.sampled_from(labels)))

    def rows(count):
        row = st.lists(numbers, min_size=d, max_size=d)
        values = draw(st.lists(row, min_size=count, max_size=count))
        return np.array(values, dtype=float) + origin

    known, queries = rows(n), rows(q)
    labels = np.array(draw(st.lists(y, min_size=n, max_size=n)))
    return {
        "X_train": known,
        "y_train": labels,
        "X": queries,
        "k": draw(st.integers(1, min(n, k_most))),
    }


def given_of(known, labels, queries, k, origin=0.0):
    X_train, X = np.array(known, dtype=float) + origin, np.array(queries, dtype=float) + origin
    return {"X_train": X_train, "y_train": np.array(labels), "X": X, "k": k}


FIVE = [[0, 0], [1, 0], [0, 2], [3, 3], [5, 4]]
WORDS = ["stay", "leave", "leave", "stay", "stay"]


@check(
    data(labels=LABELS[:2], most=6),
    always=[
        given_of(FIVE, [7, 3, 3, 7, 7], [[0, 1], [5, 5], [1, 1]], 3),
        given_of(FIVE, [3, 7, 10, 10, 7], [[0, 0], [4, 4], [9, 0]], 1),
        given_of([[0], [4], [6]], [7, 3, 3], [[1]], 3),
        given_of([[0, 0], [3, 0], [2, 2]], [3, 7, 10], [[0, 0], [5, 0], [3, 3]], 1),
        given_of([[0, 3], [2, 2]], [3, 7], [[0, 0]], 1),
        given_of([[0, 10], [1, 0], [0, -30]], [3, 7, 10], [[0, 0], [0, 6]], 1),
    ],
)
def the_majority_of_the_nearest_wins(call, given):
    """Each query gets the most frequent label among its k nearest training rows."""
    same(call(**given), oracle(**given), what="labels")


@check(
    data(labels=LABELS[2:]),
    always=[
        given_of(FIVE, WORDS, [[0, 1], [5, 5]], 3),
        given_of([[0], [1], [2]], ["10", "9", "B"], [[0], [2]], 1),
        given_of(FIVE, ["no", "perhaps", "perhaps", "no", "no"], [[0, 1], [5, 5]], 3),
    ],
)
def labels_may_be_text(call, given):
    """Labels are any integers or any strings, and come back as they were."""
    same(call(**given), oracle(**given), what="labels")


@check(
    data(smallest=2, k_most=4),
    examples=40,
    always=[
        given_of([[0], [1]], [10, 3], [[0]], 2),
        given_of([[0], [1]], [3, 10], [[0]], 2),
        given_of([[0], [1], [2], [3]], ["b", "a", "a", "b"], [[0], [1], [3]], 4),
        given_of([[0], [3], [4]], [10, 7, 3], [[1], [3]], 3),
    ],
)
def a_tied_vote_goes_to_the_lowest_label(call, given):
    """Of equally many votes the lowest label wins, wherever its voters stand."""
    same(call(**given), oracle(**given), what="labels")


@check(
    data(smallest=3, spread=1, d_most=2),
    examples=40,
    always=[
        given_of([[1], [-1], [3]], [7, 3, 3], [[0]], 1),
        given_of([[1], [-1], [3]], [3, 7, 7], [[0]], 1),
        given_of(
            [[2, 0], [0, 2], [-2, 0], [0, -2]], ["stay", "leave", "stay", "leave"], [[0, 0]], 3
        ),
        given_of([[0, 0]] * 20 + [[1, 1]], [7] * 3 + [3] * 17 + [10], [[0, 0]], 3),
    ],
)
def a_tied_distance_goes_to_the_first_row(call, given):
    """Of rows at the same distance the one that comes first in X_train is the nearer one."""
    same(call(**given), oracle(**given), what="labels")


@st.composite
def many_voters(draw):
    given = draw(data(most=5))
    return {**given, "k": len(given["X_train"]) + draw(st.integers(1, 5))}


@check(many_voters(), examples=10, always=[given_of(FIVE, WORDS, [[0, 0], [9, 9]], 7)])
def all_rows_vote_if_k_exceeds_their_number(call, given):
    """With k above n every row votes."""
    same(call(**given), oracle(**given), what="labels")


@check(
    data(origin=1e8, smallest=2),
    always=[
        given_of([[0, 0], [1, 0], [0, 2]], [10, 7, 3], [[0, 0], [1, 0], [0, 2]], 1, 1e8),
        given_of([[0, 0], [2, 0], [1e8, 0]], [10, 7, 3], [[0, 0], [2, 0]], 1),
        given_of([[3, 2], [0, 0], [1, 3], [2, 2]], [3, 7, 10, 3], [[1, 2], [3, 3], [0, 1]], 1, 1e8),
    ],
)
def exact_far_from_the_origin(call, given):
    """Around 1e8, and beside an outlier there, the same neighbours are found."""
    same(call(**given), oracle(**given), what="labels")


MANY = [[i % 7, i % 5] for i in range(300)]


@check(
    data(),
    examples=15,
    always=[
        given_of(FIVE, WORDS, [[0, 1], [5, 5], [2, 2]], 2),
        given_of(FIVE, WORDS, np.empty((0, 2)), 3),
        given_of(FIVE, WORDS, MANY, 3),
    ],
)
def each_query_stands_alone(call, given):
    """A query's label does not depend on the other queries, few, many or none, nor on the
    origin.
    """
    got = np.asarray(call(**given))
    same(got, oracle(**given), what="labels")
    moved = {**given, "X_train": given["X_train"] - 5.0, "X": given["X"][::-1] - 5.0}
    again = np.asarray(call(**moved))
    require(
        again[::-1].tolist() == got.tolist(),
        "another order of the queries, or another origin, gives other labels",
    )


def speed_inputs(rng):
    """Two thousand known customers, five hundred queries."""
    X_train, X = (
        rng.integers(0, 100, (2000, 16)).astype(float),
        rng.integers(0, 100, (500, 16)).astype(float),
    )
    return {"X_train": X_train, "y_train": rng.integers(0, 5, 2000), "X": X, "k": 7}
