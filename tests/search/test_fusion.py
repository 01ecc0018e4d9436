"""Fusion against its formula."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.search import reciprocal_rank_fusion

RANKING = st.lists(st.integers(0, 9), max_size=8, unique=True)


@settings(max_examples=100, deadline=None)
@given(st.lists(RANKING, max_size=4), st.sampled_from([0.0, 60.0]))
def test_against_the_formula(rankings, k):
    documents, scores = reciprocal_rank_fusion(rankings, k=k)
    expected = {
        document: sum(1 / (k + r.index(document) + 1) for r in rankings if document in r)
        for r in rankings
        for document in r
    }
    assert dict(zip(documents.tolist(), scores, strict=True)) == pytest.approx(expected)
    pairs = list(zip(-scores, documents.tolist(), strict=True))
    assert pairs == sorted(pairs)


def test_one_ranking_keeps_its_order():
    assert reciprocal_rank_fusion([[5, 2, 9]])[0].tolist() == [5, 2, 9]


def test_weights_and_agreement():
    assert reciprocal_rank_fusion([[1], [2]], weights=[1, 3])[0].tolist() == [2, 1]
    assert reciprocal_rank_fusion([[1, 3], [2, 3]])[0][0] == 3


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="twice"):
        reciprocal_rank_fusion([[1, 1]])
    with pytest.raises(ValueError, match="2 rankings and 1 weights"):
        reciprocal_rank_fusion([[1], [2]], weights=[1])
