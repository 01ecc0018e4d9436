"""The index against scanning all documents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.search import InvertedIndex

DOCUMENTS = st.lists(st.lists(st.sampled_from("abcde"), max_size=8), max_size=12)


@settings(max_examples=80, deadline=None)
@given(DOCUMENTS, st.lists(st.sampled_from("abcdef"), max_size=3))
def test_against_a_scan(documents, query):
    index = InvertedIndex().fit(documents)
    for term in "abcdef":
        found, counts = index.postings(term)
        assert found.tolist() == [i for i, words in enumerate(documents) if term in words]
        assert counts.tolist() == [words.count(term) for words in documents if term in words]
        assert index.document_frequency(term) == len(found)
    both = [i for i, words in enumerate(documents) if set(query) <= set(words)]
    assert index.holding_all(query).tolist() == both
    assert index.lengths_.tolist() == [len(words) for words in documents]


def test_documents_may_come_from_a_generator_once():
    index = InvertedIndex().fit(iter([["a"], [], ["a", "a"]]))
    assert index.postings("a")[0].tolist() == [0, 2]
    assert index.lengths_.tolist() == [1, 0, 2]


@pytest.mark.parametrize("documents", [[], [[]], [[], []]])
def test_nothing_to_index(documents):
    index = InvertedIndex().fit(documents)
    assert index.vocabulary_ == {}
    assert len(index.postings("a")[0]) == 0
    assert len(index.holding_all(["a"])) == 0
    assert np.array_equal(index.holding_all([]), np.arange(len(documents)))
