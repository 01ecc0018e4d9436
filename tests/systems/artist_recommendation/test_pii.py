"""Masking keeps joins and loses people; the scan finds what was left."""

import hashlib

import pandas as pd
import pytest

from mlsd_kit.systems.artist_recommendation import pii

KEY = b"a key of sixteen bytes or more"
TODAY = pd.Timestamp("2009-03-30")


def test_a_token_is_the_same_for_the_same_value_and_key_only():
    one, again, other = pii.token([7, "7", 8], KEY)
    assert one == again != other
    assert pii.token([7], b"another key, also long enough") != [one]
    assert len(one) == pii.TOKEN and not set(one) - set("0123456789abcdef")


def test_a_token_is_no_plain_hash():
    (token,) = pii.token(["u1@example.org"], KEY)
    plain = hashlib.sha256(b"u1@example.org").hexdigest()
    with_key_in_front = hashlib.sha256(KEY + b"u1@example.org").hexdigest()
    assert token not in plain and token not in with_key_in_front


def test_thousands_of_people_have_different_tokens():
    assert len(set(pii.token(range(50_000), KEY))) == 50_000


def test_a_key_that_can_be_guessed_is_refused():
    with pytest.raises(ValueError, match="at least 16 bytes, got 3"):
        pii.token([1], b"abc")


@pytest.mark.parametrize(
    "born, group",
    [
        ("1984-03-31", "under 25"),  # turns 25 tomorrow
        ("1984-03-30", "25-34"),  # today
        ("1974-03-31", "25-34"),
        ("1974-03-30", "35-49"),
        ("1959-03-31", "35-49"),
        ("1959-03-30", "50 and over"),
        ("2009-03-30", "under 25"),
    ],
)
def test_age_groups_change_on_the_birthday(born, group):
    assert pii.age_group(pd.Series([pd.Timestamp(born)]), TODAY).tolist() == [group]


def test_masked_accounts_hold_nothing_personal_and_still_join(people):
    masked = pii.mask(people, KEY, TODAY).drop(columns=["latitude", "longitude"])
    assert pii.scan(masked, people, KEY) == []
    assert masked["age_group"].tolist() == ["under 25", "35-49", "50 and over"]
    assert masked["user"].tolist() == pii.token([1, 2, 3], KEY)
    assert masked["email"][1] == pii.token(["u2@example.org"], KEY)[0]  # case means nothing


def test_the_scan_finds_everything_in_the_raw_accounts(people):
    assert pii.scan(people, people, KEY) == [
        "birth_date: birth date",
        "email: e-mail",
        "latitude: coordinate",
        "longitude: coordinate",
        "user: user number",
    ]


def leak(people, **columns):
    """A clean table of three rows with one more column."""
    return pd.DataFrame({"user": pii.token(people["user"], KEY), "plays": [1, 2, 3], **columns})


def test_user_numbers_beside_the_tokens_are_found_and_mere_numbers_are_not(people):
    many = pd.concat([leak(people)] * 40, ignore_index=True)
    many["plays"] = [(7 * i) % 11 for i in range(len(many))]
    assert pii.scan(many, people, KEY) == []
    many["n"] = [1, 2, 3] * 40
    assert pii.scan(many, people, KEY) == ["n: user number"]


@pytest.mark.parametrize(
    "note, what",
    [
        ("write to jane.roe+x@mail.example.org now", "e-mail"),
        ("from 192.0.2.77", "network address"),
        ("party on 1970-06-15", "birth date"),
        ('{"at": [34.0412, -118.2513]}', "coordinate"),
    ],
)
def test_personal_data_inside_longer_texts_are_found(people, note, what):
    table = leak(people, note=["", note, ""]).drop(columns="plays")
    assert pii.scan(table, people, KEY) == [f"note: {what}"]


def test_dates_of_birth_are_found_as_dates_too_and_other_dates_are_not(people):
    when = pd.to_datetime(["2009-01-01", "1970-06-15", "2009-01-02"])
    assert pii.scan(leak(people, when=when)[["user", "when"]], people, KEY) == ["when: birth date"]
    others = leak(people, when=pd.to_datetime(["2009-01-01"] * 3))[["user", "when"]]
    assert pii.scan(others, people, KEY) == []


def test_city_centres_and_scores_are_no_coordinates(people):
    table = leak(people, score=[0.1, -0.25, 1.0], latitude=[40.71, 34.05, 41.88])
    assert pii.scan(table.drop(columns="plays"), people, KEY) == []


def test_missing_values_do_not_stop_the_scan(people):
    table = pd.DataFrame({"a": [None, "x"], "b": [float("nan"), 1.0], "c": [pd.NaT, pd.NaT]})
    assert pii.scan(table, people, KEY) == []
