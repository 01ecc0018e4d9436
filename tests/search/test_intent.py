"""Intent: what a log says about itself."""

from __future__ import annotations

import pytest

from mlsd_kit.search import NavigationalIntent
from mlsd_kit.search.intent import address_name

LOG = ["bank of america", "bankofamerica", "qvc com denim", "www hsn", "cheap shoes", "a b", "ab"]


@pytest.mark.parametrize(
    ("query", "navigational"),
    [
        ("Bank of America", True),
        ("bankofamerica", True),
        ("qvc", True),
        ("hsn", True),
        ("anything.com", True),
        ("www.new.org", True),
        ("cheap shoes", False),
        ("cheapshoes", False),
        ("a b", False),
        ("", False),
        ("com", False),
    ],
)
def test_is_navigational(query, navigational):
    assert NavigationalIntent().fit(LOG).is_navigational(query) is navigational


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("disney channel com games", "disneychannel"),
        ("www", ""),
        ("com", ""),
        ("www com", "com"),
        ("one two three four com", ""),
        ("http www hsn com", "hsn"),
    ],
)
def test_address_name(typed, name):
    assert address_name(typed.split()) == name


def test_a_log_without_addresses():
    intent = NavigationalIntent().fit([])
    assert not intent.is_navigational("ebay")
