"""The component diagram: nothing overlaps, nothing is lost, and it says so in words, too."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.plots import NOT_BUILT, Arrow, Box, diagram
from mlsd_kit.plots.components import KINDS, WHEN
from mlsd_kit.plots.layered import Rectangle, layout

SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 14))
    pairs = [(a, b) for a in range(count) for b in range(count) if a != b]
    arrows = draw(st.lists(st.sampled_from(pairs), max_size=20)) if pairs else []
    # 26 px: the narrowest box whose side has room for the arrows' ends
    sizes = draw(
        st.lists(
            st.tuples(st.integers(26, 240), st.integers(20, 110)), min_size=count, max_size=count
        )
    )
    labels = [draw(st.tuples(st.integers(8, 170), st.integers(8, 40))) for _ in arrows]
    return sizes, arrows, labels


def stretches(route):
    """The straight parts of an arrow, as rectangles without a width."""
    for (x0, y0), (x1, y1) in pairwise(route):
        assert x0 == x1 or y0 == y1
        yield Rectangle(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))


def runs_through(stretch, box):
    """Whether a stretch passes the inside of a box (its edge may be touched)."""
    return (
        (
            stretch.x < box.x + box.wide
            and box.x < stretch.x + stretch.wide
            and stretch.y < box.y + box.high
            and box.y < stretch.y + stretch.high
        )
        or (
            stretch.wide == 0
            and box.x < stretch.x < box.x + box.wide
            and stretch.y < box.y + box.high
            and box.y < stretch.y + stretch.high
        )
        or (
            stretch.high == 0
            and box.y < stretch.y < box.y + box.high
            and stretch.x < box.x + box.wide
            and box.x < stretch.x + stretch.wide
        )
    )


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_no_box_overlaps_another_no_arrow_runs_through_one_and_no_label_meets_anything(graph):
    sizes, arrows, labels = graph
    placed = layout(sizes, arrows, labels)
    for i, box in enumerate(placed.boxes):
        assert box.wide == sizes[i][0] and box.high >= sizes[i][1]
        assert not any(box.overlaps(other) for other in placed.boxes[:i])
        assert not any(box.overlaps(label) for label in placed.labels)
        for route in placed.routes:
            assert not any(runs_through(stretch, box) for stretch in stretches(route))
    for i, label in enumerate(placed.labels):
        assert (label.wide, label.high) == labels[i]
        assert not any(label.overlaps(other) for other in placed.labels[:i])
    for each in (*placed.boxes, *placed.labels):
        assert each.x >= 0 and each.y >= 0
        assert each.x + each.wide <= placed.wide and each.y + each.high <= placed.high


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_every_arrow_goes_from_the_edge_of_its_first_box_to_the_edge_of_its_last(graph):
    sizes, arrows, labels = graph
    placed = layout(sizes, arrows, labels)
    for (start, end), route in zip(arrows, placed.routes, strict=True):
        for (x, y), box in ((route[0], placed.boxes[start]), (route[-1], placed.boxes[end])):
            assert box.x < x < box.x + box.wide
            assert y in (box.y, box.y + box.high)
    assert layout(sizes, arrows, labels) == placed


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_a_label_lies_on_its_own_arrow(graph):
    placed = layout(*graph)
    for route, label in zip(placed.routes, placed.labels, strict=True):
        near = Rectangle(label.x - 1, label.y, label.wide + 2, label.high)
        assert any(runs_through(stretch, near) for stretch in stretches(route))


def spam():
    boxes = [
        Box("phone", "client", NOT_BUILT),
        Box("filter service", "API", 5),
        Box("decisions", "queue", 5, "message, score, version"),
        Box("messages", "store", 2, "30 days of text & labels"),
        Box("trainer", "job", "section 3, last cell"),
        Box("model", "model", 3),
        Box("reviewer", "person", NOT_BUILT),
    ]
    arrows = [
        Arrow("phone", "filter service", "message"),
        Arrow("filter service", "model", "text"),
        Arrow("model", "filter service", "score"),
        Arrow("filter service", "decisions", "decision", "offline"),
        Arrow("decisions", "messages", "decision", "offline"),
        Arrow("reviewer", "messages", "labels", "offline"),
        Arrow("messages", "trainer", "a month", "offline"),
        Arrow("trainer", "model", "a version < 7 days old", "offline"),
    ]
    return boxes, arrows


def test_the_words_name_every_box_with_its_kind_and_section_and_every_arrow():
    boxes, arrows = spam()
    picture = diagram("Spam filter", boxes, arrows)
    page = picture._repr_html_()
    for words in (
        str(picture),
        re.sub("&gt;", ">", page).replace("&lt;", "<").replace("&amp;", "&"),
    ):
        assert "phone (client, not built here)" in words
        assert "decisions (queue, section 5): message, score, version" in words
        assert "messages (store, section 2): 30 days of text & labels" in words
        assert "trainer (job, section 3, last cell)" in words
        assert "trainer -> model: a version < 7 days old (offline)" in words
        assert "model -> filter service: score (online)" in words
    assert repr(picture) == str(picture) and len(str(picture).splitlines()) == 1 + 7 + 8
    assert 'alt="Component diagram: Spam filter."' in page


def drawing(picture):
    source = re.search(r'src="data:image/svg\+xml,([^"]*)"', picture._repr_html_())
    assert unquote(source[1]) == picture.svg()
    return ET.fromstring(picture.svg())


def test_the_drawing_is_wellformed_says_every_word_and_has_whole_numbers_alone():
    boxes, arrows = spam()
    picture = diagram("Spam filter", boxes, arrows)
    root = drawing(picture)
    shown = " ".join("".join(text.itertext()) for text in root.iter(SVG + "text"))
    for words in [*(b.name for b in boxes), *(b.where for b in boxes), *KINDS]:
        assert words in shown
    assert all(word in shown for arrow in arrows for word in arrow.flows.split())
    assert root.find("{*}title").text == "Spam filter"
    assert root.find("{*}desc").text == str(picture)
    places = [
        v
        for e in root.iter()
        for k, v in e.attrib.items()
        if k in ("x", "y", "cx", "cy", "d", "points", "width", "height")
    ]
    assert places and not any("." in place for place in places)


def test_online_and_offline_differ_by_dash_as_well_as_colour_and_kinds_by_shape():
    boxes, arrows = spam()
    root = drawing(diagram("Spam filter", boxes, arrows))
    lines = list(root.iter(SVG + "polyline"))
    assert {("stroke-dasharray" in line.attrib, line.get("stroke")) for line in lines} == {
        (False, WHEN["online"]),
        (True, WHEN["offline"]),
    }

    def outline(kind):
        svg = diagram("One", [Box("b", kind, 1)], []).svg().replace(f">{kind}<", "><")
        svg = re.sub("<desc>.*</desc>", "", svg)
        return re.sub("|".join(KINDS.values()), "fill", svg)

    assert len({outline(kind) for kind in KINDS}) == len(KINDS)
    built, drawn = (diagram("One", [Box("b", "job", s)], []).svg() for s in (5, NOT_BUILT))
    assert drawn.count("stroke-dasharray='3 3'") > built.count("stroke-dasharray='3 3'")


def test_text_fits_its_box_in_the_widest_font_that_it_may_get():
    """DejaVu Sans comes with matplotlib and is the widest of the fonts that the drawing names."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    words = ["recommendation MAMMOTH", "Wöchentliche MMM jobs", "score, version, 30 days", "lists"]
    for word in words:
        root = drawing(diagram("t", [Box(word, "job", 5, holds=word)], []))
        box = root.find("{*}g/{*}rect")
        for size, weight in ((13, "bold"), (11, "normal")):
            font = FontProperties(family="DejaVu Sans", weight=weight)
            drawn = TextPath((0, 0), word, size=size, prop=font).get_extents().width
            assert drawn <= int(box.get("width")) - 12


A = [Box("a", "job", 1), Box("b", "job", 2)]


@pytest.mark.parametrize(
    ("boxes", "arrows", "says"),
    [
        ([*A, Box("a", "store", 3)], [], "Two boxes are called 'a'"),
        ([Box(" ", "job", 1)], [], "needs a name"),
        ([Box("a", "disk", 1)], [], "of kind 'disk': use one of client, API, queue"),
        ([Box("a", "job")], [], "'a' names no section: give the one that runs it, or 'not built"),
        (A, [Arrow("a", "c", "x")], "names 'c', which is no box: a, b"),
        (A, [Arrow("c", "a", "x")], "names 'c', which is no box: a, b"),
        (A, [Arrow("a", "a", "x")], "from 'a' to itself"),
        (A, [Arrow("a", "b", "x", "nightly")], "'nightly': say online or offline"),
        (A, [Arrow("a", "b", " ")], "What flows from 'a' to 'b'"),
    ],
)
def test_a_declaration_that_cannot_be_drawn_is_told_in_one_sentence(boxes, arrows, says):
    with pytest.raises(ValueError, match=re.escape(says)) as told:
        diagram("A", boxes, arrows)
    assert str(told.value).count("\n") == 0


def test_an_empty_declaration_draws_an_empty_panel():
    assert (
        ET.fromstring(diagram("Nothing yet", [], []).svg()).find("{*}title").text == "Nothing yet"
    )
