"""JSON files as tables."""

from __future__ import annotations

import json

import pytest

import mlsd_kit.data as data
from mlsd_kit.data import json_records

ROWS = [{"a": 1, "b": ["x", "é"], "c": None}, {"a": 2, "b": {}, "c": "y", "other": 3}]


@pytest.fixture
def file(tmp_path):
    made = tmp_path / "data.json"
    made.write_text(json.dumps(ROWS), encoding="utf-8")
    return made


def test_objects_become_rows_and_lists_stay_text(file):
    table = json_records.read(file, ["a", "b", "c"])
    assert table["a"].tolist() == [1, 2]
    assert table["b"].tolist() == ['["x", "é"]', "{}"]
    assert table["c"].isna().tolist() == [True, False]


def test_an_object_of_objects(file):
    file.write_text(json.dumps({"k1": ROWS[0], "k2": ROWS[1]}))
    assert json_records.read(file, ["a"])["a"].tolist() == [1, 2]


def test_no_objects_at_all(file):
    file.write_text("[]")
    assert json_records.read(file, ["a"]).shape == (0, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [("[1, 2]", "no JSON array of objects"), ("3", "no JSON array"), ("{", "Expecting")],
)
def test_another_form(file, text, words):
    file.write_text(text)
    with pytest.raises(ValueError, match=words):
        json_records.read(file, ["a"])


def test_a_missing_key_names_the_object(file):
    with pytest.raises(ValueError, match="object 0 has no 'other'"):
        json_records.read(file, ["a", "other"])


def test_a_datasheet_asks_for_it(toy):
    text = json.dumps([{"id": "a", "n": 1}, {"id": "b", "n": 2}])
    schema = '\nid = { dtype = "str" }\nn = { dtype = "int64" }\n'
    toy.with_csv(text, schema=schema)
    sheet = toy.home / "datasets" / "toy" / "datasheet.toml"
    sheet.write_text(sheet.read_text().replace("[schema]", '[reader]\nformat = "json"\n[schema]'))
    assert data.load("toy")["n"].tolist() == [1, 2]
    sheet.write_text(sheet.read_text().replace('"json"', '"parquet"'))
    with pytest.raises(data.SchemaError, match="unknown format 'parquet'"):
        data.load("toy")


def test_semanlink_facts():
    documents, tags = data.load("semanlink_documents"), data.load("semanlink_tags")
    carried = [address for listed in documents["tag"] for address in json.loads(listed)]
    assert len(carried) == 16_769
    assert len(set(carried)) == 4_176
    assert set(carried) <= set(tags["uri"])
    assert (documents["title"] == "").sum() == 61
    assert (documents["comment"] == "").sum() == 5145
    assert (documents["arxiv_summary"] != "").sum() == 314


def test_misspellings_facts():
    table = data.load("misspellings").set_index("wrong")["right"]
    assert table["recieve"] == "receive"
    assert (table.str.contains(",")).sum() > 1000
