"""Datasheets: parsed strictly, and every mistake named."""

from __future__ import annotations

import pytest

import mlsd_kit.data as data
from mlsd_kit.data.errors import DatasheetError, UnknownDatasetError


def test_what_a_datasheet_holds(toy):
    assert data.names() == ["toy"]
    sheet = data.datasheet("toy")
    assert (sheet.title, sheet.rows, sheet.columns, sheet.committed) == ("Toy", 2, 6, False)
    assert sheet.schema[2].max == 9
    assert sheet.sources[0].package == "toy"


def test_an_unknown_name_offers_the_nearest(toy):
    with pytest.raises(UnknownDatasetError, match="did you mean 'toy'"):
        data.load("tyo")
    with pytest.raises(UnknownDatasetError, match=r"there are: toy\."):
        data.load("../../etc")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "Toy"\n', "", "lacks title"),
        ('title = "Toy"\n', "title = Toy\n", "cannot be read as TOML"),
        ('title = "Toy"', "title = 3", "title must be of type str"),
        ("rows = 2", "rows = 2.5", "rows must be of type int"),
        ("rows = 2", "rows = true", "rows must be of type int"),
        ("rows = 2", "rows = 0", "rows must be positive"),
        ("rows = 2", "rows = 2\nrow_count = 2", "unknown key 'row_count'"),
        ("rows = 2", 'rows = 2\ntarget = "z"', "target 'z' is not in the schema"),
        ("rows = 2", 'rows = 2\ntraps = "none"', "traps must be a list"),
        ("rows = 2", 'rows = 2\nsimulator = "m:f"', "not both"),
        ('file = "data.csv"\n', "", "give a file"),
        ('file = "data.csv"', 'file = "../data.csv"', "plain file name"),
        ('file = "data.csv"', 'file = ".."', "plain file name"),
        ('file = "data.csv"', "file = 'a\\b'", "plain file name"),
        ("[[source]]", "[source]", r"write source as \[\[source\]\]"),
        ('package = "toy"', 'package = "--target=x"', "not a package's name"),
        ('version = "1.0"', 'version = ">=1.0"', "version must be exact"),
        ('version = "1.0"', 'version = "1.*"', "version must be exact"),
        ('member = "toy/data.csv"', 'member = "../data.csv"', "relative path without"),
        ('member = "toy/data.csv"', 'member = "/data.csv"', "relative path without"),
        ('member = "toy/data.csv"', 'member = ""', "relative path without"),
        ('licence = "CC0"\n[schema]', "[schema]", "source 1 lacks licence"),
        ('"int64"', '"int32"', "schema.n: dtype must be one of"),
        ("min = 0, max = 9", "min = 9, max = 0", "schema.n: min is above max"),
        ("min = 0, max = 9", 'min = "0"', "schema.n: min and max must be numbers"),
        ("min = 2020-01-01", "min = 3", "schema.day: min and max must be numbers"),
        ('format = "%Y-%m-%d", ', "", "schema.day: a datetime64 column"),
        ("unique = true", "unique = 1", "unique must be of type bool"),
        ("unique = true", "min = 1", "schema.id: min and max"),
        ('ok = { dtype = "bool" }', 'ok = "bool"', "schema.ok must be a table"),
    ],
)
def test_a_mistake_is_named(toy, old, new, words):
    sheet = toy.sheet()
    text = sheet.read_text()
    assert old in text
    sheet.write_text(text.replace(old, new, 1))
    with pytest.raises(DatasheetError, match=words) as raised:
        data.datasheet("toy")
    assert str(sheet) in str(raised.value)


@pytest.mark.parametrize("which", ["file_sha", "wheel_sha"])
@pytest.mark.parametrize("value", ["abc", "G" * 64, ""])
def test_a_hash_that_is_none(toy, which, value):
    toy.sheet(**{which: value})
    with pytest.raises(DatasheetError, match="64 lower-case hexadecimal digits"):
        data.datasheet("toy")


def test_no_schema(toy):
    sheet = toy.sheet(schema="")
    with pytest.raises(DatasheetError, match="describe every column"):
        data.datasheet("toy")
    sheet.write_text(sheet.read_text().replace("[schema]", "schema = 3"))
    with pytest.raises(DatasheetError):
        data.datasheet("toy")


def test_a_simulator_must_name_a_function(toy):
    text = toy.sheet().read_text()
    head = text[: text.index("file =")]
    toy.sheet(name="sim", text=f'{head}simulator = "module"\n[schema]\nx = {{ dtype = "str" }}\n')
    with pytest.raises(DatasheetError, match="module:function"):
        data.datasheet("sim")


def test_the_folders_name_must_be_a_word(toy):
    toy.sheet(name="two words")
    with pytest.raises(DatasheetError, match="is not a word"):
        data.datasheet("two words")
