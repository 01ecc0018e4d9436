"""Spelling: distances against rapidfuzz, candidates against trying every word."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from mlsd_kit.search import SpellingCorrector, edit_distance

WORD = st.text("abcd", min_size=1, max_size=8)


@settings(max_examples=300, deadline=None)
@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_edit_distance_against_rapidfuzz(a, b):
    assert edit_distance(a, b) == OSA.distance(a, b)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(WORD, st.integers(1, 50), max_size=25), WORD)
def test_candidates_against_trying_every_word(counts, typed):
    corrector = SpellingCorrector().fit(counts)
    reach = 1 if len(typed) <= 4 else 2
    expected = {typed: math.log(counts.get(typed, 0.01))}
    for word, count in counts.items():
        distance = OSA.distance(typed, word)
        if word != typed and count >= 2 and distance <= reach:
            expected[word] = math.log(count) + distance * math.log(0.1)
    assert dict(corrector.candidates(typed)) == pytest.approx(expected)


def test_a_common_word_survives_and_a_rare_one_gives_way():
    corrector = SpellingCorrector().fit({"horse": 100, "house": 100, "hosre": 5})
    assert corrector.correct_word("horse") == "horse"
    assert corrector.correct_word("hosre") == "horse"


def test_frequency_decides_between_equals():
    assert SpellingCorrector().fit({"cart": 9, "card": 30}).correct_word("carx") == "card"


@pytest.mark.parametrize("word", ["rdf", "x", "42nd", "ab"])
def test_what_is_left_alone(word):
    counts = {"rd": 900, "y": 900, "42": 900, "abs": 900}
    corrector = SpellingCorrector().fit(counts, trusted=["rdf"])
    assert corrector.correct_word(word) == word


def test_without_trust_the_log_rewrites_the_domains_words():
    counts = {"best": 500, "bert": 1}
    assert SpellingCorrector().fit(counts).correct_word("bert") == "best"
    assert SpellingCorrector().fit(counts, trusted=["bert"]).correct_word("bert") == "bert"


def test_short_words_go_one_step_only():
    corrector = SpellingCorrector().fit({"maps": 900})
    assert corrector.correct_word("mxps") == "maps"
    assert corrector.correct_word("mxpx") == "mxpx"


def test_an_empty_dictionary_and_an_empty_query():
    corrector = SpellingCorrector().fit({})
    assert corrector.correct("anything goes") == "anything goes"
    assert corrector.correct(" ... ") == ""


@pytest.mark.parametrize("options", [{"slip": 0.0}, {"slip": 1.0}, {"max_distance": -1}])
def test_parameters_out_of_range(options):
    with pytest.raises(ValueError, match="slip must lie in"):
        SpellingCorrector(**options).fit({})
