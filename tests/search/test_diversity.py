"""Diversity against the greedy definition, spelt out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.search import freshness, maximal_marginal_relevance


def slow(relevance, similarity, k, trade_off):
    chosen = []
    while len(chosen) < min(k, len(relevance)):
        best, value = -1, -np.inf
        for i in range(len(relevance)):
            nearest = max((similarity[i][j] for j in chosen), default=0.0)
            score = trade_off * relevance[i] - (1 - trade_off) * nearest
            if i not in chosen and score > value:
                best, value = i, score
        chosen.append(best)
    return chosen


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 12), st.integers(1, 6), st.floats(0, 1), st.integers(0, 10_000))
def test_against_the_definition(n, k, trade_off, seed):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    relevance, similarity = rng.random(n), vectors @ vectors.T
    chosen = maximal_marginal_relevance(relevance, similarity, k=k, trade_off=trade_off)
    assert chosen.tolist() == slow(relevance, similarity, k, trade_off)


def test_relevance_alone_is_a_sort():
    relevance = [0.2, 0.9, 0.2, 0.5]
    chosen = maximal_marginal_relevance(relevance, np.eye(4), k=4, trade_off=1.0)
    assert chosen.tolist() == [1, 3, 0, 2]


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="for 2 documents"):
        maximal_marginal_relevance([1, 2], np.eye(3), k=1)
    with pytest.raises(ValueError, match="trade_off"):
        maximal_marginal_relevance([1], np.eye(1), k=1, trade_off=2)


def test_freshness():
    assert freshness([-5, 0, 10], half_life=10).tolist() == [1.0, 1.0, 0.5]
    with pytest.raises(ValueError, match="half_life"):
        freshness([1], half_life=0)
