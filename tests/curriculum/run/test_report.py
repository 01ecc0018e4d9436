"""The report: everything on one page, failures first, nothing loaded from elsewhere."""

import base64
import io
import json
import math
import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from mlsd_kit.curriculum.claims import Claim
from mlsd_kit.curriculum.run.report import write_report
from mlsd_kit.curriculum.run.results import Failure, Result, ResultStore

HELD = Claim("ROC-AUC", 0.8512, "at least 0.845", "published: 0.84", True)
BROKEN = Claim("<gain>", 12345.0, "at most 5", "a & b", False)
GOOD = Result("demo/good", "A good one", "passed", 12.3, "k", claims=(HELD, HELD))
BAD = Result(
    "demo/bad",
    "A bad one",
    "claim failed",
    4.0,
    "k",
    {"SEED": 3},
    (HELD, BROKEN),
    Failure(
        "<gain> = 12,345 (cell 7)", 7, "if a < b:\n    gain()", "\x1b[31mClaimError\x1b[0m\x07"
    ),
    executed="notebooks/demo/bad@SEED=3.ipynb",
)


@pytest.fixture
def report(home, ok_body):
    """Writes the report of some results; returns the parsed page."""
    for name in ("good", "bad", "other"):
        home.write(name, ok_body)

    def write(*results):
        page = write_report(results, home.build)
        assert page == home.build / "report" / "index.html"
        return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")

    return write


def executed(home, result):
    """Leave an executed copy with one figure."""
    out = io.BytesIO()
    Image.new("RGB", (900, 300), "navy").save(out, "PNG")
    data = {"image/png": base64.b64encode(out.getvalue()).decode()}
    cell = {
        "cell_type": "code",
        "metadata": {},
        "source": ['plot(title="The answer")'],
        "outputs": [{"output_type": "display_data", "data": data}],
    }
    path = home.build / "notebooks" / f"{result.id}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": [cell]}))
    return replace(result, executed=f"notebooks/{result.id}.ipynb")


def test_failures_come_first_with_the_cell_and_its_last_lines(report):
    page = report(GOOD, BAD)
    assert [a.h3.text for a in page.find_all("article")] == ["A bad one", "A good one"]
    assert "1 of 2 passed" in page.header.text and "3 of 4 claims held" in page.header.text
    bad = page.article
    source, last = bad.find_all("pre")
    assert source.text == "if a < b:\n    gain()"
    assert last.text == "ClaimError"  # no colour codes, no control characters
    assert "Cell 7" in bad.text and "SEED = 3" in bad.text and "claim failed" in bad.text
    rows = [row.text for row in page.find("h2", id="overview").parent.tbody.find_all("tr")]
    assert "A bad one" in rows[0] and "1 of 2" in rows[0] and "A good one" in rows[1]


def test_a_claim_shows_value_bound_source_and_whether_it_held(report):
    bad, good = report(GOOD, BAD).find_all("article")
    words = [[cell.get_text(" ") for cell in row.find_all(["th", "td"])] for row in bad("tr")]
    assert words[1] == ["<gain> a & b", "12,345", "at most 5", "✗ no"]  # failures first
    assert words[2] == ["ROC-AUC published: 0.84", "0.8512", "at least 0.845", "✓ yes"]
    assert bad.details.has_attr("open") and not good.details.has_attr("open")


def test_what_is_undecided_comes_after_failures_in_a_colour_and_a_word_of_its_own(report):
    lost = Claim("p99 <ms>", 80.0, "at most 50", "agreed", False, "other work took 41 %")
    page = report(replace(BAD, claims=(HELD, lost, BROKEN)))
    assert "1 of 3 claims held, 1 undecided" in page.header.text
    names = [row.th.contents[0] for row in page.article.table.tbody("tr")]
    assert names == ["<gain>", "p99 <ms>", "ROC-AUC"]
    row = page.article.table.tbody("tr")[1]
    assert row.get("class") is None and row.find(class_="open").text == "? undecided"
    assert "other work took 41 %" in row.text
    assert "undecided" not in report(GOOD).text


def test_a_value_that_is_not_a_number_is_shown(report):
    broken = replace(BROKEN, value=math.nan)
    assert "nan" in report(replace(BAD, claims=(broken,))).article.table.text


def test_what_the_catalogue_says_stands_beside_the_result(report):
    good = report(GOOD).article
    assert "How would you build good?" in good.text
    assert [item.text for item in good.find("ul", class_="asked")("li")] == ["a thing"]


def test_a_result_that_was_taken_over_says_so(report):
    assert "unchanged" in report(replace(GOOD, cached=True)).article.text
    assert "unchanged" not in report(GOOD).article.text


def test_a_notebook_that_never_started_has_a_card(report):
    failure = Failure("it needs torch: pip install …")
    card = report(Result("demo/bad", "Bad", "not started", 0.0, "k", failure=failure)).article
    assert failure.message in card.text and not card("pre") and not card("img")


def test_the_others_are_listed_with_their_last_result(report, home):
    ResultStore(home.build).save(replace(GOOD, id="demo/other"))
    others = report(GOOD).find("h2", string="Not in this run").parent("li")
    words = {item.code.text: item.text.rpartition(": ")[2] for item in others}
    assert words == {"demo/bad": "not run yet", "demo/other": "✓ passed"}
    page = report(GOOD, BAD, replace(GOOD, id="demo/other"))
    assert page.find("h2", string="Not in this run") is None


def test_the_key_figure_is_inside_with_a_text_for_those_who_cannot_see_it(report, home):
    card = report(executed(home, GOOD)).article
    assert card.img["src"].startswith("data:image/webp;base64,")
    assert card.img["alt"] == "Figure: The answer"
    assert (card.img["width"], card.img["height"]) == ("560", "187")


@pytest.mark.parametrize("text", [None, "{", "{}", '{"cells": [{}]}'])
def test_an_executed_copy_that_cannot_be_read_costs_only_its_picture(report, home, text):
    result = executed(home, GOOD)
    path = home.build / result.executed
    path.unlink() if text is None else path.write_text(text)
    assert report(result).article.img is None


def test_links_stay_in_the_folder_and_lead_somewhere(report, home):
    page = report(executed(home, GOOD), BAD)
    ids = {tag["id"] for tag in page.find_all(id=True)}
    targets = {a["href"] for a in page.find_all("a")}
    assert targets >= {"../notebooks/demo/good.ipynb", "../notebooks/demo/bad%40SEED%3D3.ipynb"}
    for target in targets:
        assert target.startswith("../notebooks/") or target.removeprefix("#") in ids, target
    assert len(page.find_all(id=True)) == len(ids), "an id is there twice"


def test_nothing_is_loaded_from_elsewhere(report, home):
    page = report(executed(home, GOOD), BAD)
    loaded = [tag for tag in page.find_all(src=True) if not tag["src"].startswith("data:")]
    loaded += [tag for tag in page.find_all("link") if not tag["href"].startswith("data:")]
    assert not loaded and not page.find_all(["script", "iframe", "object"])
    assert not re.search(r"url\(|@import|https?:", str(page.style))
    assert "default-src 'none'" in page.find("meta", {"http-equiv": True})["content"]


def test_tables_have_headers_and_pictures_have_texts(report, home):
    page = report(executed(home, GOOD), BAD)
    for table in page.find_all("table"):
        assert all(th.get("scope") == "col" for th in table.thead("th"))
        assert all(row.th.get("scope") == "row" for row in table.tbody("tr"))
    assert all(img.get("alt") for img in page.find_all("img"))
    assert page.html["lang"] == "en" and page.title.text


def test_the_same_results_give_the_same_page_apart_from_times(report, home):
    def page(result):
        return re.sub(r"<time>.*?</time>", "", str(report(result, BAD)))

    good = executed(home, GOOD)
    assert page(good) == page(replace(good, seconds=99.9))
    assert page(good) != page(replace(good, claims=(HELD,)))


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["text", "soft", "link", "good", "bad", "open"])
def test_contrast_is_enough_to_read(report, theme, ink):
    style = report(GOOD).style.text
    roots = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w{6})", roots[theme]))
    for paper in ("page", "card", "wash", "code"):
        light, dark = sorted((_luminance(colours[c]) for c in (ink, paper)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


def test_a_run_writes_it(home, ok_body):
    home.write("good", ok_body)
    home.write(
        "bad", '# %%\nfrom mlsd_kit.curriculum import claim\n\nclaim("x", 1, at_most=0, why="w")\n'
    )
    assert home.mlsd("run")[0] == 1
    page = BeautifulSoup((home.build / "report/index.html").read_text(), "html.parser")
    assert [article["class"] for article in page("article")] == [["failed"], ["passed"]]
    assert "claim(" in page.article.pre.text and "✗ no" in page.article.table.text
    for link in page.find_all("a", string="executed notebook"):
        assert (home.build / "report" / link["href"]).is_file()
