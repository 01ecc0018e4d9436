"""Words and stems: the same on both sides of the index."""

from __future__ import annotations

import pytest

from mlsd_kit.search import stem, terms, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  --  ", []),
        ("Ærø", ["r"]),  # letters without a plain form are lost, and that is known
        ("Espèces MENACÉES", ["especes", "menacees"]),
        ("don't", ["don", "t"]),
        ("C++ / c# / C", ["c++", "c#", "c"]),
        ("[1805.04174] x", ["1805", "04174", "x"]),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("ontologies", "ontology"),
        ("databases", "database"),
        ("classes", "classe"),  # only its own singular is missed: an S-stemmer is crude
        ("bus", "bus"),
        ("virus", "virus"),
        ("access", "access"),
        ("gas", "gas"),
        ("rss", "rss"),
        ("goes", "goe"),
    ],
)
def test_stem(plural, singular):
    assert stem(plural) == singular


def test_a_stem_is_its_own_stem_for_plurals_of_common_words():
    for word in ("graphs", "queries", "tags", "embeddings", "vectors"):
        assert stem(stem(word)) == stem(word)


def test_terms_join_both():
    assert terms("Knowledge Graphs") == terms("knowledge graph")
