"""Names in one spelling, moments on one clock."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsd_kit.data.simulators import artist_graph
from mlsd_kit.data.simulators.raw_events import SPELLINGS
from mlsd_kit.systems.artist_recommendation.clean import (
    artist_numbers,
    match,
    normalise,
    parse_times,
)


@pytest.mark.parametrize(
    "spelt, tidy",
    [
        ("AC/DC", "acdc"),
        ("  the   CURE ", "the cure"),
        ("Sigur Rós", "sigur rós"),
        ("Ｕ２", "u2"),  # full-width letters
        ("Straße", "strasse"),
        ("!!!", "!!!"),
        ("", ""),
    ],
)
def test_names_are_normalised(spelt, tidy):
    assert normalise(spelt) == tidy


@given(st.text())
def test_normalising_twice_changes_nothing_more(name):
    once = normalise(name)
    assert normalise(once) == once == once.strip()
    assert "  " not in once


def test_every_spelling_of_every_real_artist_is_matched():
    names = artist_graph.artists()["name"]
    numbers = artist_numbers(names)
    own = match(names, numbers).to_numpy()
    for spell in SPELLINGS:
        np.testing.assert_array_equal(match(names.map(spell), numbers), own)
    twins = {(int(i), int(own[i])) for i in np.flatnonzero(own != np.arange(len(names)))}
    assert twins == {(1177, 898)}  # U2 and u2


def test_an_unknown_name_has_no_number():
    assert match(pd.Series(["The Beatles", "Nobody"]), {"the beatles": 4}).tolist() == [4, -1]


def test_a_name_of_punctuation_alone_is_matched_with_a_full_stop_behind_it():
    assert match(pd.Series(["!!!", "!!!."]), artist_numbers(["!!!"])).tolist() == [0, 0]


@given(st.datetimes(pd.Timestamp("1990-01-01"), pd.Timestamp("2030-01-01")), st.integers(-12, 14))
def test_every_format_of_a_moment_is_the_same_moment(moment, zone):
    moment = moment.replace(microsecond=0)
    local = moment + pd.Timedelta(hours=zone)
    spelt = [
        int(pd.Timestamp(moment).timestamp()),
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        local.strftime("%Y-%m-%dT%H:%M:%S") + f"{zone:+03d}:00",
    ]
    assert parse_times(pd.Series(spelt, dtype=object)).tolist() == [pd.Timestamp(moment)] * 3


def test_what_is_no_moment_is_missing():
    found = parse_times(pd.Series(["soon", "2009-13-01T00:00:00Z", 0], dtype=object))
    assert found.isna().tolist() == [True, True, False]
    assert found.dtype == "datetime64[s]"
