"""The funnel: each stage does its part, and what went wrong before stays where it was."""

from __future__ import annotations

import numpy as np
import pytest

from mlsd_kit.systems.web_search.features import NAMES
from mlsd_kit.systems.web_search.funnel import STAGES, Widths


class ByColumn:
    """A ranker that sorts by one feature."""

    def __init__(self, name, sign=1.0):
        self.column, self.sign = NAMES.index(name), sign

    def predict(self, rows):
        return self.sign * rows[:, self.column]


def test_a_query_finds_its_documents_and_every_stage_is_timed(funnel):
    answer = funnel.search("knowledge graphs", Widths(show=2))
    assert set(answer.documents) == {0, 3}
    assert answer.entities == ["kg"]
    assert answer.corrected is None
    assert list(answer.seconds) == list(STAGES)
    assert all(value >= 0 for value in answer.seconds.values())


def test_a_slip_is_corrected_and_a_known_word_is_not(funnel):
    assert funnel.search("knowlege graphs").corrected == "knowledge graphs"
    assert funnel.search("Salt, today").corrected is None
    assert funnel.search("zzzzzzz").corrected is None


def test_a_synonym_finds_what_the_word_does_not(funnel):
    assert funnel.words.text.search(["kg"], k=2)[0].tolist() == []
    query = funnel.expanded(["kg"], ["kg"])
    assert set(funnel.words.text.search(query, k=2)[0]) == {0, 3}
    assert funnel.expanded(["kg"], ["kg"]) == {"kg": 1.0, "knowledge": 0.3, "graph": 0.3}


def test_the_ranker_decides_the_order(funnel):
    funnel.ranker = ByColumn("age (years)")
    oldest = funnel.search("sahara salt history").documents
    funnel.ranker = ByColumn("age (years)", -1)
    newest = funnel.search("sahara salt history").documents
    assert oldest == newest[::-1]


def test_widths_are_kept(funnel):
    assert len(funnel.search("graph", Widths(retrieve=2, rank=2)).documents) <= 4
    assert len(funnel.search("history of the sahara", Widths(show=3)).documents) == 3
    wide = funnel.candidates("graph", [], 8)[0]
    assert len(wide) == len(set(wide)) == 8


def test_features_are_as_named(funnel):
    found, facts = funnel.candidates("history of salt", [], 8)
    salt = facts[list(found).index(5)]
    named = dict(zip(NAMES, salt, strict=True))
    assert facts.shape == (8, len(NAMES))
    assert named["share of query in title"] == named["share of query in text"] == 1
    assert named["share of title in query"] == pytest.approx(3 / 4)
    assert named["words of the query"] == 3
    assert named["age (years)"] == pytest.approx(2 * 365 / 365.25)
    assert named["cosine"] == pytest.approx(
        funnel.vectors[5] @ funnel.encoder.encode(["history of salt"])[0]
    )


@pytest.mark.parametrize("query", ["", "   ", "!!!", "qqqq wwww", "a" * 300])
def test_odd_queries_are_answered(funnel, query):
    answer = funnel.search(query, Widths(relevance=0.5, fresh=0.5))
    assert len(answer.documents) == len(set(answer.documents)) == len(answer.scores)


def test_the_same_query_gives_the_same_answer(funnel):
    first, second = (funnel.search("sahara history", Widths(relevance=0.6)) for _ in range(2))
    assert first.documents == second.documents
    assert first.scores == second.scores


def test_freshness_prefers_the_new(funnel):
    found, scores = np.array([0, 3, 6]), np.array([1.0, 0.99, 0.98])
    plain = funnel.spread(found, scores, Widths(show=3))
    fresh = funnel.spread(found, scores, Widths(show=3, fresh=5.0))
    assert plain.tolist() == [0, 1, 2]
    assert fresh[0] == 2


def test_spreading_by_names_parts_two_of_a_kind(funnel):
    found, scores = np.array([0, 3, 5]), np.array([1.0, 0.9, 0.5])  # two on knowledge graphs
    assert funnel.spread(found, scores, Widths(show=3, relevance=0.5)).tolist() == [0, 2, 1]
    funnel.likeness = "vectors"
    assert len(funnel.spread(found, scores, Widths(show=2, relevance=0.5))) == 2


def test_a_navigational_query_is_not_spread(funnel):
    assert funnel.search("home depot").navigational
    wide = Widths(relevance=0.1, fresh=3.0)
    assert funnel.search("home depot", wide).documents == funnel.search("home depot").documents


def test_vectors_come_from_the_cache_the_second_time(collection, tags, encoder, funnel):
    from mlsd_kit.systems.web_search.funnel import Funnel

    calls = encoder.calls
    again = Funnel(collection, tags, [], encoder=encoder, neighbours=0)
    assert encoder.calls == calls
    np.testing.assert_array_equal(again.vectors, funnel.vectors)


def test_a_slip_that_the_collection_holds_once_is_corrected_too(collection):
    from mlsd_kit.systems.web_search.funnel import _learn

    collection.texts.extend(["knowlege of salt", *["knowledge of salt"] * 12])
    spelling, _ = _learn(collection, [])
    assert spelling.correct("knowlege") == "knowledge"
    assert spelling.correct("salt") == "salt"
