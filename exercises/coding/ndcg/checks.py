"""What NDCG@k must do, from simple to subtle."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, same


@st.composite
def rankings(draw, tied=True, most=5, lowest=0):
    """Few documents and few different values: ties and queries without relevant documents."""
    q, n = draw(st.integers(1, 3)), draw(st.integers(1, most))
    grades = st.lists(st.integers(lowest, 3), min_size=n, max_size=n)
    values = st.integers(0, 2) if tied else st.integers(-20, 20)
    scores = st.lists(values, min_size=n, max_size=n, unique=not tied)
    return {
        "relevance": np.array(draw(st.lists(grades, min_size=q, max_size=q))),
        "scores": np.array(draw(st.lists(scores, min_size=q, max_size=q))) / 2,
        "k": draw(st.integers(1, n + 1)),
    }


def oracle(relevance, scores, k):
    """The formula, document by document."""
    values = []
    for gains, row in zip(np.asarray(relevance).tolist(), np.asarray(scores).tolist(), strict=True):
        found = 0.0
        for score in row:
            higher, tied = sum(other > score for other in row), row.count(score)
            mean_gain = sum(g for g, s in zip(gains, row, strict=True) if s == score) / tied
            # the document is equally likely at each place of its tie
            places = range(higher + 1, higher + tied + 1)
            found += sum(mean_gain / math.log2(i + 1) for i in places if i <= k) / tied
        ideal = sorted(gains, reverse=True)[:k]
        best = sum(gain / math.log2(i + 2) for i, gain in enumerate(ideal))
        values.append(found / best if best > 0 else 0.0)
    return sum(values) / len(values)


def _case(relevance, scores, k):
    return {"relevance": np.array(relevance), "scores": np.array(scores, dtype=float), "k": k}


UNTIED = [
    _case([[3, 0, 2]], [[0.2, 0.9, 0.5]], 2),
    _case([[1, 0, 3, 2, 1]], [[5, 4, 3, 2, 1]], 3),
    _case([[1, 0, 3, 2, 1], [0, 3, 0, 0, 1]], [[5, 4, 3, 2, 1], [1, 2, 3, 4, 5]], 4),
]
# relevance is a number, not a grade
PARTS = [
    _case([[0.5, 2, 0]], [[3, 1, 2]], 2),
    _case([[0.5, 0.25, 0]], [[1, 2, 3]], 3),
    _case([[0.9, 0.2], [0.1, 0.4]], [[1, 2], [1, 2]], 1),
]
LONG = [_case([[1, 2, 3]], [[3, 2, 1]], 7), _case([[0, 2]], [[2, 1]], 5), _case([[2]], [[1]], 1)]
TIED = [
    _case([[0, 3, 1, 0]], [[1, 1, 1, 1]], 2),
    _case([[0, 3, 1, 2]], [[2, 1, 1, 0]], 2),
    _case([[2, 0, 1]], [[1, 1, 1]], 3),
]
# scores that are nearly equal are not
NEAR = [_case([[0, 1]], [[1.0, 1.0 + 1e-9]], 1), _case([[1, 0, 2]], [[0.1, 0.1004, 0.1001]], 2)]
EMPTY = [_case([[0, 0]], [[2, 1]], 2), _case([[0, 2], [0, 0]], [[2, 1], [2, 1]], 2)]


@check(rankings(tied=False, lowest=1), examples=25, always=[*UNTIED, *PARTS])
def gains_are_discounted_and_normalised(call, given):
    """Without ties, NDCG@k is the sum of rel / log2(rank + 1) over that of the best order."""
    same(call(**given), oracle(**given), what="NDCG")


@check(rankings(tied=False, lowest=1, most=3), examples=15, always=LONG)
def k_may_exceed_the_list(call, given):
    """With k beyond the number of documents, all documents count."""
    given = {**given, "k": given["relevance"].shape[1] + 3}
    same(call(**given), oracle(**given), what="NDCG")


@check(rankings(lowest=1), examples=25, always=[*TIED, *NEAR])
def tied_documents_share_their_gain(call, given):
    """Documents of equal score, and no others, count with the mean relevance of that score."""
    same(call(**given), oracle(**given), what="NDCG")


@check(rankings(lowest=1), examples=15, always=TIED)
def the_order_of_the_input_does_not_matter(call, given):
    """Listing the same documents in reverse changes nothing."""
    reverse = {name: given[name][:, ::-1].copy() for name in ("relevance", "scores")}
    same(call(**{**given, **reverse}), call(**given), what="NDCG of the reversed lists")


@check(rankings(), examples=25, always=EMPTY)
def queries_without_relevant_documents_score_zero(call, given):
    """A query whose relevances are all 0 scores 0 and stays in the mean."""
    same(call(**given), oracle(**given), what="NDCG")


@check(rankings(tied=False, lowest=0), examples=15, always=UNTIED)
def the_best_order_scores_one(call, given):
    """Scores equal to the relevance give 1 for every query with a relevant document."""
    some = (given["relevance"] > 0).any(axis=1).mean()
    got = call(**{**given, "scores": given["relevance"].astype(float)})
    same(got, float(some), what="NDCG of the best order")


def speed_inputs(rng):
    """1,000 queries with 300 documents each, graded 0 to 4, scores with ties."""
    relevance = rng.integers(0, 5, size=(1_000, 300))
    scores = np.round(relevance + rng.normal(size=relevance.shape), 1)
    return {"relevance": relevance, "scores": scores, "k": 10}
