"""The web service: JSON, a page, and refusals."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from mlsd_kit.systems.web_search.app import make_app


@pytest.fixture
def client(funnel):
    return TestClient(make_app(funnel=funnel))


def test_search_answers_with_documents_and_times(client):
    answer = client.get("/search", params={"q": "knowlege graph", "show": 2}).json()
    assert set(answer["documents"]) == {0, 3}
    assert answer["corrected"] == "knowledge graph"
    assert answer["total"] >= sum(answer["seconds"].values()) > 0


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"q": ""},
        {"q": "x" * 301},
        {"q": "x", "retrieve": 0},
        {"q": "x", "rank": 100_000},
        {"q": "x", "show": "ten"},
        {"q": "x", "show": "NaN"},
        {"q": "x", "rank": "9" * 5000},
    ],
)
def test_bad_requests_are_refused_not_tried(client, params):
    assert client.get("/search", params=params).status_code == 422


@pytest.mark.parametrize("query", ["%00", "%ff%fe", "%F0%9F%98%80" * 300, "NaN", "%22%5Cud800%22"])
def test_a_query_of_odd_bytes_is_answered(client, query):
    for page in ("search", "page"):
        assert client.get(f"/{page}?q={query}").status_code == 200


def test_the_page_is_html_and_escapes_titles_and_queries(client):
    answer = client.get("/page", params={"q": "<script>salt</script> caravans"})
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script" not in answer.text
    assert "&lt;b&gt;" in answer.text
    assert "<b>today" not in answer.text
