"""Dates and numbers, one text at a time."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.cleaning import parse_dates, parse_numbers
from mlsd_kit.cleaning.numbers import parse_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024.03.05 7:08", "2024-03-05T07:08"),
        ("20240305", "2024-03-05"),
        ("25/12/2024", "2024-12-25"),
        ("12/25/2024", "2024-12-25"),
        ("25.12.24", "2024-12-25"),
        ("25-12-69", "1969-12-25"),
        ("25-12-68", "2068-12-25"),
        ("07/07/2024", "2024-07-07"),
        ("5 Mar 2024", "2024-03-05"),
        ("5-Sept-2024", "2024-09-05"),
        ("1st January 2024", "2024-01-01"),
        ("March 5, 2024 6:30 pm", "2024-03-05T18:30"),
        ("Mar. 5 2024 12:00 AM", "2024-03-05T00:00"),
        ("2024-03-05T18:30:15.25", "2024-03-05T18:30:15.25"),
        ("2024-03-05T18:30:15Z", "2024-03-05T18:30:15"),
        ("2024-03-05T23:30:00-02:00", "2024-03-06T01:30"),
        ("2024-03-05 00:30 +0100", "2024-03-04T23:30"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_formats(text: str, expected: str) -> None:
    assert parse_dates([f"  {text} "])[0] == np.datetime64(expected, "us")


@pytest.mark.parametrize(
    "text",
    [
        *("2023-02-29", "2024-13-01", "32/01/2024", "5 Foo 2024", "tomorrow", "12", "2024-03/05"),
        *("2024-03-05 25:00", "2024-03-05 13:00 pm", "0001-01-01T00:00+02:00", "0000-01-01"),
    ],
)
def test_what_is_no_date_raises_and_is_coerced(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date: .*errors=\"coerce\""):
        parse_dates([text])
    assert np.isnat(parse_dates([text], errors="coerce")).all()


def test_day_and_month_order_is_never_guessed() -> None:
    with pytest.raises(ValueError, match=r"two ways.*dayfirst"):
        parse_dates(["03/04/2024"])
    assert parse_dates(["03/04/2024"], dayfirst=True)[0] == np.datetime64("2024-04-03", "us")
    assert parse_dates(["03/04/2024"], dayfirst=False)[0] == np.datetime64("2024-03-04", "us")


def test_dates_that_are_dates_already() -> None:
    values = [date(2024, 3, 5), datetime(2024, 3, 5), np.datetime64("2024-03-05"), None, " "]
    values += [pd.Timestamp("2024-03-05T01:00+01:00"), pd.NaT]
    out = parse_dates(values)
    assert np.isnat(out).tolist() == [False, False, False, True, True, False, True]
    assert set(out[~np.isnat(out)]) == {np.datetime64("2024-03-05", "us")}
    with pytest.raises(ValueError, match="45000 is not a date"):
        parse_dates([45000])
    assert np.isnat(parse_dates([45000], errors="coerce")).all()
    with pytest.raises(ValueError, match="errors must be"):
        parse_dates([], errors="ignore")


@settings(deadline=None, max_examples=50)
@given(
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2060, 1, 1)),
    st.sampled_from(
        ["%Y-%m-%dT%H:%M:%S.%f", "%d/%m/%Y %H:%M:%S", "%d %B %Y %I:%M %p", "%b %d, %Y", "%d.%m.%y"]
    ),
)
def test_what_strftime_writes_is_read_back(moment: datetime, format_: str) -> None:
    text = moment.strftime(format_)
    assert parse_dates([text], dayfirst=True)[0] == np.datetime64(
        datetime.strptime(text, format_), "us"
    )


def test_numbers() -> None:
    out = parse_numbers(["1,234.50", "€ 3", "-7", "(1,000)", "1e3", ".5", "3,14", "12%", 2, None])
    np.testing.assert_array_equal(out, [1234.5, 3, -7, -1000, 1000, 0.5, np.nan, np.nan, 2, np.nan])
    assert parse_numbers([np.int64(3), "4"]).dtype == np.int64
    assert parse_numbers([1.5, "4"]).tolist() == [1.5, 4.0]


def test_integers_are_never_cut() -> None:
    assert parse_numbers(["9007199254740993"])[0] == 9007199254740993
    assert parse_numbers(["1", "2.5"]).tolist() == [1.0, 2.5]
    with pytest.raises(ValueError, match="more digits than a number of this column keeps"):
        parse_numbers(["1" * 30])
    with pytest.raises(ValueError, match="9007199254740993 has more digits"):
        parse_numbers(["9007199254740993", None])
    assert parse_numbers(["9007199254740992", None])[0] == 2.0**53


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10 20", None),
        ("1 020", 1020),
        ("1 02", None),
        ("1\u202f234,5", None),
        ("1'234'567.5", 1234567.5),
        ("1,234 567", None),
        ("(-12)", None),
        ("(+12)", None),
        ("($12)", -12),
        ("$ (12)", -12),
        ("-$5", -5),
        ("$-5", -5),
        ("$5$", None),
        ("5 $", 5),
        ("1e400", None),
        ("-1e400", None),
        ("9" * 400, None),
        ("9" * 5000, None),
        ("9" * 300, int("9" * 300)),
    ],
    ids=lambda value: str(value)[:12],
)
def test_two_numbers_are_none_and_signs_are_not_guessed(text, number):
    assert parse_number(text) == number


def test_missing_values_of_every_kind():
    nullable = pd.Series([1, None, 3], dtype="Int64")
    np.testing.assert_array_equal(parse_numbers(nullable), [1, np.nan, 3])
    np.testing.assert_array_equal(parse_numbers([pd.NA, np.nan, None, pd.NaT]), [np.nan] * 4)
    assert np.isnat(parse_dates([pd.NA, np.nan, None, pd.NaT])).all()


@pytest.mark.parametrize("offset", ["+00", "-05", "+05:30", "+0530", "Z"])
def test_offsets_of_hours_only_are_read(offset):
    hours = {"+00": 0, "-05": -5, "+05:30": 5.5, "+0530": 5.5, "Z": 0}[offset]
    want = np.datetime64("2024-03-05T18:30", "us") - np.timedelta64(int(hours * 60), "m")
    assert parse_dates([f"2024-03-05 18:30:00{offset}"])[0] == want
