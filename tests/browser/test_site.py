"""The site in a real browser, from the file system: light, dark, on a phone, and its search."""

import subprocess
import sys

import pytest

from mlsd_kit import paths
from mlsd_kit.curriculum.grading.catalogue import find
from mlsd_kit.curriculum.run.catalogue import catalogue

pytestmark = pytest.mark.browser

PAGES = {
    "front": "index",
    "notebook": "notebooks/customers/churn",
    "reference": "api/mlsd_kit.metrics",
    "exercise": "exercises/coding/knn/task",
    "drill": "exercises/design/search_funnel/task",
    "data": "data",
}


@pytest.fixture(scope="module")
def site():
    """``make site``: without a warning."""
    for needed in ("furo", "latex2mathml", "myst_nb", "sphinx_design"):
        pytest.importorskip(needed, reason="pip install -c constraints.txt -e '.[docs]'")
    script = paths.root() / "docs" / "site" / "build.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return paths.root() / "build" / "site"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page(site, visit, screenshot, name, scheme):
    tab = visit(site / f"{PAGES[name]}.html", scheme)
    assert tab.locator("h1").is_visible()
    red = tab.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]")
    assert (int(red) < 128) == (scheme == "dark")
    screenshot(f"site-{name}-{scheme}", tab)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_on_a_phone(site, visit, screenshot, name):
    tab = visit(site / f"{PAGES[name]}.html", width=390, height=1200)
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(f"site-{name}-phone", tab)


def test_a_card_leads_to_its_notebook(site, visit):
    entry = next(entry for entry in catalogue() if entry.theme == "customers")
    tab = visit(site / "index.html")
    tab.locator(".sd-card", has_text=entry.title).first.click()
    tab.wait_for_url(f"**/notebooks/{entry.id}.html")
    answer = tab.locator("article details").first
    answer.wait_for()
    assert answer.get_attribute("open") is None
    answer.locator("summary").click()
    answer.locator("p").first.wait_for(state="visible")


def test_a_formula_is_drawn(site, visit):
    tab = visit(site / "notebooks/foundations/bagging_vs_boosting.html")
    box = tab.locator("math[display=block]").first.bounding_box()
    assert box["width"] > 150 and 20 < box["height"] < 150


def test_search_works_from_the_file_system(site, visit, screenshot):
    tab = visit(site / "index.html", "dark")
    tab.locator("input[name=q]").first.fill("reservoir")
    tab.keyboard.press("Enter")
    title = find("reservoir").title
    found = tab.locator("#search-results").get_by_role("link", name=title)
    found.first.wait_for()
    screenshot("site-search-dark", tab)
    found.first.click()
    tab.locator("h1", has_text=title[:15]).wait_for()
