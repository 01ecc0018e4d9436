"""BM25 against its formula, and against bm25s."""

from __future__ import annotations

import math

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.search import BM25, InvertedIndex
from mlsd_kit.search.bm25 import top

DOCUMENTS = st.lists(st.lists(st.sampled_from("abcde"), min_size=1, max_size=8), min_size=1)


def fitted(documents, **options) -> BM25:
    return BM25(**options).fit(InvertedIndex().fit(documents))


def by_formula(documents, query, k1, b):
    mean = sum(map(len, documents)) / len(documents)
    scores = []
    for words in documents:
        total = 0.0
        for term in query:
            df = sum(term in other for other in documents)
            idf = math.log(1 + (len(documents) - df + 0.5) / (df + 0.5))
            tf = words.count(term)
            total += idf * tf / (tf + k1 * (1 - b + b * len(words) / mean)) if tf else 0.0
        scores.append(total)
    return scores


@settings(max_examples=60, deadline=None)
@given(
    DOCUMENTS,
    st.lists(st.sampled_from("abcdef"), max_size=4),
    st.sampled_from([0.0, 1.2, 1.5]),
    st.sampled_from([0.0, 0.75, 1.0]),
)
def test_against_the_formula(documents, query, k1, b):
    scores = fitted(documents, k1=k1, b=b).score(query)
    np.testing.assert_allclose(scores, by_formula(documents, query, k1, b), rtol=1e-5, atol=1e-6)


def test_equal_to_bm25s_in_scores_and_ranking():
    rng = np.random.default_rng(0)
    names = [f"w{i}" for i in range(200)]
    chances = 1 / np.arange(1, 201)
    chances /= chances.sum()
    documents = [list(rng.choice(names, rng.integers(3, 40), p=chances)) for _ in range(500)]
    theirs = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    theirs.index(documents, show_progress=False)
    mine = fitted(documents)
    for _ in range(40):
        query = list(rng.choice(names, 3, p=chances))
        expected = theirs.get_scores(query)
        np.testing.assert_allclose(mine.score(query), expected, rtol=1e-5, atol=1e-6)
        found, scores = mine.search(query, k=10)
        order = np.argsort(-expected.round(5), kind="stable")[:10]
        assert found.tolist() == order[expected[order] > 0].tolist()
        assert np.all(np.diff(scores) <= 0)


def test_weights_of_terms():
    model = fitted([["a", "b"], ["b", "c"]])
    twice, mapped = model.score(["a", "a"]), model.score({"a": 2.0})
    np.testing.assert_allclose(twice, mapped)
    np.testing.assert_allclose(model.score({"a": 0.5}), model.score(["a"]) / 2)


def test_rare_words_count_more_and_long_documents_less():
    model = fitted([["rare"], ["common"], ["common"], ["common", "x", "x", "x"]])
    assert model.score(["rare"])[0] > model.score(["common"])[1]
    assert model.score(["common"])[1] > model.score(["common"])[3]


@pytest.mark.parametrize("options", [{"k1": -1}, {"b": 1.5}, {"b": -0.1}])
def test_parameters_out_of_range(options):
    with pytest.raises(ValueError, match="k1 must be >= 0 and b in"):
        fitted([["a"]], **options)


def test_an_empty_collection_and_an_unknown_word():
    assert fitted([]).search(["a"], k=3)[0].tolist() == []
    assert fitted([["a"]]).search(["z"], k=3)[0].tolist() == []
    assert fitted([[], []]).search(["z"], k=3)[0].tolist() == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=30), st.integers(1, 8))
def test_top_is_a_stable_sort_cut_off(scores, k):
    values = np.asarray(scores, dtype=float)
    order = [i for i in np.argsort(-values, kind="stable") if values[i] > 0][:k]
    assert top(values, k)[0].tolist() == order
