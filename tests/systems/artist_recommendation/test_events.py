"""Lines of JSON become events; what cannot be read is kept apart and counted."""

import json

import pandas as pd
import pytest

from mlsd_kit.data import load
from mlsd_kit.data.simulators.raw_events import json_lines
from mlsd_kit.systems.artist_recommendation.events import FIELDS, deserialise

GOOD = {
    "event": 5,
    "user": 1,
    "artist": "Mad Season",
    "song": -1,
    "kind": "shown",
    "position": 1,
    "session": 9,
    "shuffled": False,
    "time": "2009-01-05T10:00:00Z",
    "ip": "192.0.2.1",
}


def line(**changes):
    return json.dumps({**GOOD, **changes})


def test_only_the_known_fields_are_kept():
    batch = deserialise([line()])
    assert batch.events.columns.tolist() == list(FIELDS)
    assert batch.events.iloc[0].to_dict() == {name: GOOD[name] for name in FIELDS}
    assert batch.dead == [] and batch.repeated == 0


def test_an_event_counts_once_however_often_it_is_delivered():
    batch = deserialise([line(), line(event=6), line(), line()])
    assert batch.events["event"].tolist() == [5, 6] and batch.repeated == 2


@pytest.mark.parametrize(
    "text, reason",
    [
        (line()[:30], "not JSON"),
        ("", "not JSON"),
        ("[1, 2]", "not an object"),
        ("null", "not an object"),
        (line(user="7"), "user is missing or of a wrong type"),
        (line(user=True), "user is missing or of a wrong type"),
        (line(song=1.5), "song is missing or of a wrong type"),
        (line(shuffled=0), "shuffled is missing or of a wrong type"),
        (line(time=None), "time is missing or of a wrong type"),
        (line(kind="hum"), "kind is unknown"),
        (json.dumps({"event": 1}), "user is missing or of a wrong type"),
    ],
)
def test_a_bad_line_is_a_dead_letter_with_its_reason(text, reason):
    batch = deserialise([line(), text, line(event=6)])
    assert batch.events["event"].tolist() == [5, 6]
    assert batch.dead == [(1, reason, text)]
    assert batch.reasons == {reason: 1}


def test_no_lines_are_an_empty_table():
    batch = deserialise([])
    assert batch.events.empty and batch.events.columns.tolist() == list(FIELDS)


def test_the_simulated_lines_are_all_accounted_for():
    events = load("listening").head(20_000)
    lines = json_lines(events, seed=3)
    batch = deserialise(lines)
    assert len(lines) == len(batch.events) + batch.repeated + len(batch.dead)
    assert 0.005 < batch.repeated / len(events) < 0.02
    assert 0 < len(batch.dead) < 0.003 * len(events)
    assert set(batch.events["event"]) <= set(events["event"])
    missing = len(events) - len(batch.events)
    assert len({letter.text for letter in batch.dead}) <= missing <= len(batch.dead)
    assert lines == json_lines(events, seed=3)


def test_the_lines_hold_what_the_table_held():
    events = load("listening").head(500)
    batch = deserialise(json_lines(events)).events
    merged = events.merge(batch, on="event")
    for name in ("user", "song", "position", "session", "shuffled", "kind"):
        assert (merged[f"{name}_x"].astype(object) == merged[f"{name}_y"]).all()
    assert isinstance(batch, pd.DataFrame) and len(merged) > 450
