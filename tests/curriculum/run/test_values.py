"""Parameter values on the command line."""

import pytest

from mlsd_kit.curriculum.run.errors import UsageError
from mlsd_kit.curriculum.run.values import value_of, values_of


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3", [3]),
        ("1:50", list(range(1, 51))),
        ("-2:2:2", [-2, 0, 2]),
        ("1,1,2:3,3", [1, 2, 3]),
        ("true,null,1e-3", [True, None, 0.001]),
        ("0,false,1,true", [0, False, 1, True]),
        ("'a,b'", ["a,b"]),
        ("{a: 1}", [{"a": 1}]),
    ],
)
def test_values(text, values):
    assert [repr(value) for value in values_of(text)] == [repr(value) for value in values]


@pytest.mark.parametrize("text", ["5:1", "1:9:0"])
def test_an_empty_range(text):
    with pytest.raises(UsageError, match="empty range"):
        values_of(text)


@pytest.mark.parametrize("word", ["1:50", "0:9:3"])
def test_a_range_is_no_value(word):
    with pytest.raises(UsageError, match=f"{word} is a range: `mlsd sweep`"):
        value_of(word)


def test_what_is_no_value():
    with pytest.raises(UsageError, match="is not a value"):
        value_of("[1, 2")
