"""Names in queries: the longest first, none twice."""

from __future__ import annotations

from mlsd_kit.search import Gazetteer

NAMES = [("graph", 1), ("knowledge graph", 2), ("KG", 2), ("knowledge graph embedding", 3)]


def found(text):
    return [tuple(mention) for mention in Gazetteer().fit(NAMES).find(text)]


def test_the_longest_match_wins_and_nothing_overlaps():
    assert found("Knowledge Graph Embeddings") == [(3, 0, 3)]
    assert found("a knowledge graph of graphs") == [(2, 1, 3), (1, 4, 5)]


def test_synonyms_lead_to_the_same_entity():
    assert [entity for entity, *_ in found("kg and knowledge-graphs")] == [2, 2]


def test_a_prefix_alone_is_no_mention():
    assert found("knowledge is power") == []


def test_an_entity_whose_id_is_zero_or_empty():
    assert [m.entity for m in Gazetteer().fit([("a", 0), ("b", "")]).find("a b")] == [0, ""]


def test_nothing():
    assert found("") == []
    assert Gazetteer().fit([]).find("graph") == []
    assert Gazetteer().fit([("!!", 1)]).find("!!") == []


def test_the_first_owner_keeps_a_name():
    assert Gazetteer().fit([("ml", "A"), ("ML", "B")]).find("ml")[0].entity == "A"
