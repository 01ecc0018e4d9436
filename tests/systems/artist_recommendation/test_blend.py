"""The nightly list and the session's clicks, against a slow sum."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsd_kit.systems.artist_recommendation.blend import (
    FADE,
    LAST,
    SESSION,
    Catalogue,
    blend,
    nearest,
    read,
    save,
)

ARTISTS = 12
RNG = np.random.default_rng(0)
CATALOGUE = Catalogue(RNG.permutation(ARTISTS), *nearest(RNG.random((ARTISTS, ARTISTS)), 3))

artist = st.integers(0, ARTISTS - 1)
lists = st.dictionaries(artist, st.floats(-1, 1), max_size=8).map(lambda d: list(d.items()))


def slow(nightly, clicks, k):
    score = dict(nightly)
    for age, clicked in enumerate(clicks[::-1][:LAST]):
        most = CATALOGUE.similarity[clicked].max()
        for other, weight in zip(
            CATALOGUE.neighbours[clicked], CATALOGUE.similarity[clicked], strict=True
        ):
            score[other] = score.get(other, 0) + SESSION * FADE**age * weight / most
    ranked = sorted(set(score) - set(clicks), key=lambda a: (-score[a], a))
    rest = [a for a in CATALOGUE.popular if a not in ranked and a not in clicks]
    return [*ranked, *rest][:k]


@given(lists, st.lists(artist, max_size=8), st.integers(1, ARTISTS))
def test_it_is_the_slow_sum(nightly, clicks, k):
    assert blend(nightly, clicks, CATALOGUE, k) == slow(nightly, clicks, k)


@given(lists, st.lists(artist, max_size=8), st.integers(1, ARTISTS))
def test_answers_are_distinct_plain_numbers_and_never_what_was_clicked(nightly, clicks, k):
    answer = blend(nightly, clicks, CATALOGUE, k)
    assert len(answer) == len(set(answer)) == min(k, ARTISTS - len(set(clicks)))
    assert not set(answer) & set(clicks)
    assert all(type(a) is int for a in answer)


def test_without_a_list_and_without_clicks_it_is_popularity():
    assert blend([], [], CATALOGUE, 4) == CATALOGUE.popular[:4].tolist()


def test_a_click_brings_its_neighbour_forward(catalogue):
    nightly = [(5, 0.6), (6, 0.5), (2, 0.1)]
    assert blend(nightly, [], catalogue, 2) == [5, 6]
    assert blend(nightly, [1], catalogue, 2) == [2, 5]


def test_an_artist_that_resembles_nothing_changes_nothing():
    lonely = Catalogue(np.arange(3), np.array([[1], [0], [0]]), np.zeros((3, 1)))
    assert blend([(2, 0.5)], [0], lonely, 2) == [2, 1]


def test_nearest_leaves_out_the_artist_itself_and_sorts():
    similarity = np.array([[9.0, 0.2, 0.7], [0.2, 9.0, 0.1], [0.7, 0.1, 9.0]])
    before = similarity.copy()
    numbers, values = nearest(similarity, 2)
    assert numbers.tolist() == [[2, 1], [0, 2], [0, 1]]
    assert values.tolist() == [[0.7, 0.2], [0.2, 0.1], [0.7, 0.1]]
    np.testing.assert_array_equal(similarity, before)


def test_a_catalogue_is_read_as_it_was_saved(tmp_path, catalogue):
    found = read(save(catalogue, tmp_path / "catalogue.npz"))
    for one, other in zip(found, catalogue, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_file_of_pickles_is_refused(tmp_path):
    with (tmp_path / "bad.npz").open("wb") as opened:
        np.savez(opened, popular=np.array([{}], dtype=object), neighbours=[], similarity=[])
    with pytest.raises(ValueError, match="allow_pickle"):
        read(tmp_path / "bad.npz")
