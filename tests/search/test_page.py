"""The page: strangers write its texts."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from mlsd_kit.search import Result, results_page
from mlsd_kit.search.page import snippet

NASTY = "<script>alert('x')</script> \" onmouseover=\"y"


class Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_nothing_that_a_stranger_wrote_becomes_markup():
    result = Result(NASTY, f"https://x.org/{NASTY}", NASTY, NASTY, (NASTY,))
    read = Reader(results_page(NASTY, [result], corrected=NASTY + "!", note=NASTY))
    allowed = {"div", "p", "b", "span", "ol", "li", "a", "br", "small", "mark"}
    assert {tag for tag, _ in read.tags} <= allowed
    assert all(set(attrs) <= {"style", "href", "rel"} for _, attrs in read.tags)
    assert read.text.count("<script>") >= 5


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:/etc", ""])
def test_only_web_addresses_become_links(address):
    page = results_page("q", [Result("title", address)])
    assert "href" not in page
    assert "title" in page


def test_wanted_words_are_marked_by_stem_and_nothing_else():
    page = results_page("graphs", [Result("Graph theory, graphics", "https://x.org")])
    assert "<mark>Graph</mark> theory, graphics" in page


def test_a_correction_is_shown_with_what_was_typed():
    read = Reader(results_page("grpah", [], corrected="graph"))
    assert "Results for graph" in read.text
    assert "typed: grpah" in read.text
    assert "Nothing found" in read.text


def test_a_result_without_title_shows_its_address():
    assert ">https://x.org/a</a>" in results_page("q", [Result("", "https://x.org/a")])


def test_the_snippet_is_where_the_words_are():
    text = " ".join([*["filler"] * 50, "knowledge", "graph", *["filler"] * 50])
    cut = snippet(text, {"knowledge", "graph"}, width=8)
    assert "knowledge graph" in cut
    assert cut.startswith("… ")
    assert cut.endswith(" …")
    assert len(cut.split()) == 10
    assert snippet("short text", {"x"}) == "short text"
    assert snippet("", {"x"}) == ""
