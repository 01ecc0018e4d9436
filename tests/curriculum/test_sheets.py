"""What every case study shows: capacity table, contract, defence."""

import json
import re
import sqlite3
import subprocess
import sys
from dataclasses import dataclass

import duckdb
import pytest
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel

from mlsd_kit.curriculum import capacity_table, contract, defence
from mlsd_kit.curriculum.answer_sheet import lost_links
from mlsd_kit.curriculum.run.catalogue import catalogue
from mlsd_kit.curriculum.sheets import Sheet, Table
from mlsd_kit.plots import Arrow, Box, diagram
from mlsd_kit.services.contracts import Keys, StoredTable, Topic


def rows(sheet, table=0):
    return list(sheet.tables[table].rows)


# the page itself


def test_a_sheet_escapes_what_it_is_given_and_keeps_links():
    sheet = Sheet("a < b", (Table("", ("x",), (("<script> [why](#1-Why)",),)),))
    page = sheet._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page and "a &lt; b" in page
    assert '<a href="#1-Why">why</a>' in page
    assert "<script> why" in str(sheet) and "#1-Why" not in str(sheet)


def test_importing_claims_loads_none_of_what_only_some_notebooks_use():
    code = "import sys, mlsd_kit.curriculum as c; print([m for m in sys.modules if m in "
    code += "('fastapi', 'duckdb', 'matplotlib', 'mlsd_kit.curriculum.contracts')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# capacity


def test_capacity_shows_unit_estimate_measured_and_their_ratio_in_the_given_order():
    table = capacity_table(
        {"b [s]": 4, "a rows [MB]": 1234567.0}, {"a rows [MB]": 617283.5, "b [s]": 9}
    )
    assert rows(table) == [
        ("b", "s", "4", "9", "2.25"),
        ("a rows", "MB", "1,230,000", "617,000", "0.5"),
    ]
    assert "2.25" in str(table) and "<td" in table._repr_html_()


@pytest.mark.parametrize(
    ("estimated", "measured", "says"),
    [
        ({"a [s]": 1}, {}, "'a [s]' was estimated, but not measured"),
        ({}, {"a [s]": 1}, "'a [s]' was measured, but not estimated"),
        ({"a": 1}, {"a": 1}, "'a' has no unit"),
        ({"a [s]": 0}, {"a [s]": 1}, "have no ratio"),
        ({"a [s]": 1}, {"a [s]": float("nan")}, "have no ratio"),
        ({"a [s]": float("inf")}, {"a [s]": 1}, "have no ratio"),
    ],
)
def test_capacity_refuses_what_it_cannot_compare(estimated, measured, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        capacity_table(estimated, measured)


# contract: a service


class Purchase(BaseModel):
    customer: int
    dollars: float
    note: str | None = None


class Answer(BaseModel):
    customers: list[int]


def service():
    app = FastAPI()

    @app.get("/list", responses={503: {"description": "the list is not there yet"}})
    def listed(night: str, k: int = Query(10, ge=1, le=100)) -> Answer:
        raise HTTPException(503)

    @app.post("/purchases", status_code=201)
    def bought(purchase: Purchase) -> dict[str, int]:
        return {"id": 1}

    @app.delete("/list/{night}", status_code=204)
    def removed(night: str) -> None:
        pass

    return app


def test_a_service_shows_parameters_fields_types_limits_and_every_code():
    sheet = contract(service())
    assert [table.heading for table in sheet.tables] == [
        "GET /list",
        "POST /purchases",
        "DELETE /list/{night}",
    ]
    get = rows(sheet)
    assert ("in: query", "night", "string", "required") in get
    assert ("in: query", "k", "integer, at most 100, at least 1, default 10", "optional") in get
    assert ("out: 200", "customers", "list of integer", "required") in get
    assert ("out: 503", "", "", "the list is not there yet") in get
    assert ("out: 422", "", "", "Validation Error") in get
    post = rows(sheet, 1)
    assert ("in: body", "dollars", "number", "required") in post
    assert ("in: body", "note", "string or null", "optional") in post
    assert any(row[0] == "out: 201" for row in post)
    assert any(row[0] == "out: 204" for row in rows(sheet, 2))


# contract: topics


@dataclass
class Click:
    user: int
    tags: list[str]


def test_a_topic_shows_its_events_with_key_partitions_and_how_long_they_are_kept():
    sheet = contract(Topic("clicks", Click, key="user", partitions=1, kept="7 days"))
    assert sheet.tables[0].heading == "topic clicks: partition by user (1 partition), kept 7 days"
    assert rows(sheet) == [("user", "int", "key"), ("tags", "list[str]", "")]


def test_a_topic_whose_key_is_no_field_is_refused():
    with pytest.raises(
        ValueError, match="has the key 'card', which is no field of its events: user"
    ):
        Topic("clicks", {"user": int}, key="card", partitions=1, kept="7 days")


# contract: tables

DDL = """CREATE TABLE lists (
    quarter VARCHAR NOT NULL, customer INTEGER NOT NULL, score DOUBLE, place INTEGER NOT NULL,
    PRIMARY KEY (quarter, customer))"""
ROLES = {"quarter": "key", "customer": "key", "score": "may be empty", "place": ""}


def sources():
    yield "text", DDL
    database = sqlite3.connect(":memory:")
    database.execute(DDL)
    yield "sqlite3", database
    duck = duckdb.connect()
    duck.execute(DDL)
    yield "duckdb", duck


@pytest.mark.parametrize(
    ("kind", "source"), sources(), ids=lambda x: x if isinstance(x, str) else ""
)
def test_a_table_is_described_by_its_database_or_its_text(kind, source):
    sheet = contract(StoredTable("lists", source, kept="two quarters"))
    assert sheet.tables[0].heading == "table lists: kept two quarters"
    assert {name: role for name, _, role in rows(sheet)} == ROLES
    assert rows(sheet)[0][1] == "VARCHAR"


def test_a_table_of_postgres_is_described_by_postgres():
    import psycopg

    from mlsd_kit.services import postgres

    with postgres() as address, psycopg.connect(address) as connection:
        connection.execute(DDL.replace("DOUBLE", "DOUBLE PRECISION"))
        sheet = contract(StoredTable("lists", connection, kept="two quarters"))
    assert {name: role for name, _, role in rows(sheet)} == ROLES


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("CREATE TABLE lists (a INT DEFAULT now())", "is not understood"),
        ("CREATE TABLE other (a INT)", "has no table 'lists'"),
    ],
)
def test_a_table_that_cannot_be_described_is_told(source, says):
    with pytest.raises(ValueError, match=says):
        contract(StoredTable("lists", source, kept="a day"))


# contract: keys


class Store:
    def __init__(self, **left):
        self.left = left

    def ttl(self, key):
        return self.left.get(key, -2)


def test_keys_show_layout_and_time_to_live_and_are_checked_against_the_store():
    keys = Keys("list:{user}", "artists of a user, best first", kept=86_400)
    store = Store(**{"list:7": 80_000, "list:8": -1, "list:9": 90_000})
    assert contract(keys.checked(store, "list:7")).tables[0].heading == (
        "keys list:{user}: kept for 86,400 s"
    )
    for example, says in {
        "list:8": "expires in -1 s",
        "list:9": "expires in 90000 s",
        "list:6": "is not in the store",
        "row:7": "is no key of the kind",
    }.items():
        with pytest.raises(ValueError, match=says):
            keys.checked(store, example)
    assert Keys("list:{user}", "x", kept=None).checked(store, "list:8")


def test_a_contract_of_nothing_or_of_something_else_is_refused():
    with pytest.raises(ValueError, match="needs a service, a topic"):
        contract()
    with pytest.raises(TypeError, match="A dict is no part of a contract"):
        contract({"a": 1})


# the defence


def filled(**changes):
    picture = diagram("Mail", [Box("a", "job", 5), Box("b", "store", 5)], [Arrow("a", "b", "list")])
    sheet = {
        "goal": "profit of a mailing [$]",
        "numbers": {"customers": "23,570"},
        "picture": picture,
        "trade_offs": [("a rule", "loses 1 $"), ("a batch", "a day late"), ("one table", "2 s")],
        "breaks_first": "the log",
        "at_100x": "the group-by moves into the database",
        "questions": [(f"why {i}?", "4 Evaluate, in dollars") for i in range(5)],
        "exercise": "coding/psi",
        "drill": "design/ab_sizing",
        "write_ups": [("a shop", 2020 + i, "12 %", "a report") for i in range(3)],
    }
    return sheet | changes


def test_the_defence_is_one_page_with_picture_links_exercise_and_sources():
    sheet = defence(**filled())
    page, words = sheet._repr_html_(), str(sheet)
    assert '<img alt="Component diagram: Mail."' in page
    assert '<a href="#4-Evaluate,-in-dollars">4 Evaluate, in dollars</a>' in page
    assert 'href="../../exercises/coding/psi/task.md"' in page
    for part in ("profit of a mailing [$]", "23,570", "loses 1 $", "the log", "2021", "a report"):
        assert part in page and part in words


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"goal": " "}, "needs goal"),
        ({"numbers": {}}, "needs the numbers"),
        ({"trade_offs": [("a", "b")]}, "needs 3 trade-offs, and has 1"),
        ({"questions": [("a", "b")] * 4}, "needs 5 questions, and has 4"),
        ({"questions": [("a", "4 Evaluate (again)")] * 5}, "it has brackets"),
        ({"write_ups": []}, "needs 3 to 5 write-ups, and has 0"),
        ({"write_ups": [("a", 2020, "", "c")] * 3}, "has an empty cell"),
        ({"exercise": "coding/nothing"}, "'coding/nothing', which is no exercise"),
    ],
)
def test_a_defence_with_a_gap_is_told(changes, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        defence(**filled(**changes))


def test_links_that_no_heading_answers_are_found_in_text_and_in_outputs():
    page = defence(**filled())._repr_html_()
    shown = {"cell_type": "code", "source": [], "outputs": [{"data": {"text/html": [page]}}]}
    text = {"cell_type": "markdown", "source": ["## 4 `Evaluate`, in dollars\n", "[x](#5-Deploy)"]}
    assert lost_links({"cells": [shown, text]}) == ["5-Deploy"]
    assert lost_links({"cells": [shown]}) == ["4-Evaluate,-in-dollars"]


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.id)
def test_every_link_within_a_notebook_leads_to_one_of_its_headings(entry):
    assert lost_links(json.loads(entry.notebook.read_text(encoding="utf-8"))) == []
