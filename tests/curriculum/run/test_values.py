"""Parameter values on the command line."""

import pytest

from mlsd_kit.curriculum.run.errors import UsageError
from mlsd_kit.curriculum.run.values import Word, typed, value_of, values_of


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3", [3]),
        ("1:50", list(range(1, 51))),
        ("-2:2:2", [-2, 0, 2]),
        ("1,2:3", [1, 2, 3]),
        ("true,null,1e-3", [True, None, 0.001]),
        ("0,false,1,true", [0, False, 1, True]),
        ("'a,b'", ["a,b"]),
        ("{a: 1}", [{"a": 1}]),
        ("[NO, 2024_01, 1e3, off, 2024-01-01]", [["NO", "2024_01", 1000.0, "off", "2024-01-01"]]),
    ],
)
def test_values(text, values):
    found = [value_of(word) if isinstance(word, Word) else word for word in values_of(text)]
    assert [repr(value) for value in found] == [repr(value) for value in values]


@pytest.mark.parametrize("text", ["5:1", "1:9:0"])
def test_an_empty_range(text):
    with pytest.raises(UsageError, match="empty range"):
        values_of(text)


@pytest.mark.parametrize("word", ["1:50", "0:9:3"])
def test_a_range_is_no_value(word):
    with pytest.raises(UsageError, match=f"{word} is a range: `mlsd sweep`"):
        value_of(word)
    with pytest.raises(UsageError, match=f"{word} is a range: `mlsd sweep`"):
        typed("seed", word, 0)


def test_what_is_no_value():
    with pytest.raises(UsageError, match="is not a value"):
        value_of("[1, 2")


@pytest.mark.parametrize(
    ("text", "default", "value"),
    [
        ("2024_01", "x", "2024_01"),
        ("NO", "x", "NO"),
        ("1e3", "x", "1e3"),
        ("3", "x", "3"),
        ("null", "x", "null"),
        ("true", "x", "true"),
        ("'3'", "x", "3"),
        ("1e3", 5, 1000),
        ("-3", 5, -3),
        ("0.5", 5, 0.5),
        ("3", 0.5, 3.0),
        ("007", 5, 7),
        ("null", 5, None),
        ("true", False, True),
        ("0", True, False),
        ("[1, NO]", [2], [1, "NO"]),
        ("NO", None, "NO"),
    ],
)
def test_the_default_decides_what_a_word_is(text, default, value):
    assert repr(typed("p", text, default)) == repr(value)


@pytest.mark.parametrize("text", ["2024_01", "NO", "x", "nan", "inf", "1e400", "0x10"])
@pytest.mark.parametrize("default", [5, 0.5])
def test_what_is_no_number_is_told_with_the_parameter(text, default):
    with pytest.raises(UsageError, match=rf"seed is a number; got '{text}'"):
        typed("seed", text, default)


def test_what_is_no_truth_value_is_told():
    with pytest.raises(UsageError, match="FAST is true or false; got 'maybe'"):
        typed("FAST", "maybe", True)
