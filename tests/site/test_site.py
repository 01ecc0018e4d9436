"""The site, on a few of its pages: complete, linked, offline, and strict about warnings."""

import doctest
import importlib
import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from mlsd_kit import paths
from mlsd_kit.curriculum.grading.catalogue import exercises, find
from mlsd_kit.curriculum.run.catalogue import catalogue, select

for needed in ("furo", "latex2mathml", "myst_nb", "sphinx_design"):
    pytest.importorskip(needed, reason="no sphinx: pip install -c constraints.txt -e '.[docs]'")

FOLDER = paths.root() / "docs" / "site"
LOADS = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}
"""Where a page names what the browser fetches by itself."""


def module(name):
    spec = importlib.util.spec_from_file_location(f"site_{name}", FOLDER / f"{name}.py")
    loaded = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


build = module("build")
pages = build.pages


def render(sources, folder):
    """Sphinx in a process of its own; its exit code and what it said."""
    code = f"import sys; sys.path.insert(0, {str(FOLDER)!r}); from pathlib import Path; "
    code += f"import build; sys.exit(build.render(Path({str(sources)!r}), Path({str(folder)!r})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Three notebooks, the whole reference, and all exercises."""
    folder = tmp_path_factory.mktemp("site") / "html"
    entries = select(catalogue(), ["churn", "bagging_vs_boosting", "template"])
    sources = folder.with_name("sources")
    build.assemble(sources, entries)
    code, said = render(sources, folder)
    assert (code, said) == (0, "")

    parsed = {
        file.resolve(): BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        for file in folder.rglob("*.html")
    }

    def page(name):
        return parsed[(folder / f"{name}.html").resolve()]

    return SimpleNamespace(folder=folder, entries=entries, page=page, parsed=parsed)


@pytest.mark.parametrize("name", ["docstrings", "mathml", "pages"])
def test_doctests(name):
    failed, tried = doctest.testmod(module(name))
    assert tried and not failed


def test_the_front_page_has_a_card_for_every_notebook(site):
    cards = site.page("index").find_all(class_="sd-card")
    assert len(cards) == len(site.entries)
    for card, entry in zip(cards, site.entries, strict=True):
        assert entry.title in card.text and entry.question in card.text
        assert f"Asked in interviews as: {'; '.join(entry.asked)}." in card.text
        target = site.folder / card.find("a", class_="sd-stretched-link")["href"]
        assert target.is_file()
    churn = cards[0].img
    assert (site.folder / churn["src"]).stat().st_size > 1000 and len(churn["alt"]) > 5


def test_no_page_loads_anything_from_elsewhere(site):
    assert len(site.parsed) > 60
    for file, page in site.parsed.items():
        for tag, attribute in LOADS.items():
            for each in page.find_all(tag, {attribute: True}):
                address = urlsplit(each[attribute])
                assert address.scheme in ("", "data") and not address.netloc, (file.name, str(each))


def test_every_link_leads_to_a_page_and_a_place(site):
    ids = {
        file: {tag["id"] for tag in page.find_all(id=True)} for file, page in site.parsed.items()
    }
    broken = []
    for file, page in site.parsed.items():
        for link in page.find_all("a"):
            address = urlsplit(link.get("href", ""))
            if address.scheme or not (address.path or address.fragment):
                continue
            target = (file.parent / unquote(address.path)).resolve() if address.path else file
            places = ids.get(target)
            if places is None or (address.fragment and unquote(address.fragment) not in places):
                broken.append(f"{file.name}: {link['href']}")
    assert not broken


def test_a_notebook_is_shown_as_executed(site):
    page = site.page("notebooks/customers/churn")
    claims = [block for block in page.find_all("b") if block.text == "✓ held"]
    committed = json.loads(find_entry("churn").notebook.read_text(encoding="utf-8"))
    outputs = [o for cell in committed["cells"] for o in cell.get("outputs", [])]
    html = ["".join(o.get("data", {}).get("text/html", "")) for o in outputs]
    assert len(claims) == sum(text.count("✓ held") for text in html) > 10
    pngs = sum("image/png" in o.get("data", {}) for o in outputs)
    assert len(page.find_all("img", src=lambda src: "_images" in src)) == pngs
    formulas = site.page("notebooks/foundations/bagging_vs_boosting")
    assert formulas.find("math", display="block") and not formulas.find_all(string="$$")


def find_entry(name):
    (entry,) = select(catalogue(), [name])
    return entry


def test_the_reference_shows_signatures_types_and_doctests(site):
    page = site.page("api/mlsd_kit.metrics")
    entry = page.find(id="mlsd_kit.metrics.ndcg_score").parent
    assert "y_true: ArrayLike" in page.find(id="mlsd_kit.metrics.ndcg_score").text
    assert ">>> " in entry.find(class_="highlight").text


def test_every_public_name_stands_in_the_reference_there_or_where_it_lives(site):
    names = build.imported()
    shown = [name for name, _ in build.public_modules()]
    for name in shown:
        names |= {(name, each) for each in getattr(importlib.import_module(name), "__all__", ())}
    assert len(names) > 300
    missing = []
    for module, name in sorted(names):
        value = getattr(importlib.import_module(module), name) if name else None
        homes = {module, getattr(value, "__module__", module)} & set(shown)
        ids = {home: f"{home}.{name}" if name else f"module-{home}" for home in homes}
        if not any(site.page(f"api/{home}").find(id=at) for home, at in ids.items()):
            missing.append(f"{module}.{name}")
    assert not missing


def test_every_exercise_has_its_statement_and_none_its_solution(site):
    for exercise in exercises():
        shown = site.page(pages.document(exercise)).article.text
        title = exercise.statement.splitlines()[0].removeprefix("# ").strip("`")
        assert title.split("`")[0][:20] in shown
        assert f"mlsd check {exercise.name}" in shown
        text = pages.statement(exercise, {n: n for e in exercises() for n in (e.name, e.id)})
        if exercise.kind == "coding":
            given = exercise.text("exercise.py") + exercise.statement
            own = set(exercise.solution_text.splitlines()) - set(given.splitlines())
            assert not [line for line in own if len(line.strip()) > 25 and line in text]


def test_search_needs_no_server_and_knows_the_exercises(site):
    index = (site.folder / "searchindex.js").read_text(encoding="utf-8")
    assert index.startswith("Search.setIndex(") and "reservoir" in index
    options = (site.folder / "_static" / "documentation_options.js").read_text(encoding="utf-8")
    assert "SHOW_SEARCH_SUMMARY: false" in options  # a summary would be fetched from a page


def test_a_broken_link_breaks_the_build(tmp_path):
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "index.md").write_text("# Front\n\n[nowhere](absent.md)\n")
    code, said = render(sources, tmp_path / "html")
    assert code == 1 and "absent.md" in said


def test_a_second_assembly_touches_only_what_changed(tmp_path):
    entries = select(catalogue(), ["template"])
    build.assemble(tmp_path, entries, [])
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    (tmp_path / "gone.md").write_text("# Gone")
    (tmp_path / "data.md").write_text("# Changed")
    build.assemble(tmp_path, entries, [])
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert after.keys() == before.keys()
    assert {path.name for path in after if after[path] != before[path]} == {"data.md"}


def test_a_notebook_that_was_never_built_is_named(tmp_path):
    (entry,) = select(catalogue(), ["template"])
    with pytest.raises(SystemExit, match="of template: run `mlsd build template`"):
        build.assemble(tmp_path, [replace(entry, source=tmp_path / "template.py")])


def test_cards_without_a_figure_have_none():
    (entry,) = select(catalogue(), ["template"])
    text = pages.Card(entry, None, "").text()
    assert "img-top" not in text and find("mape").title not in text
