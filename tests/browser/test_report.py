"""The report in a real browser: light, dark, on a phone, all well and with failures."""

import shutil
from dataclasses import replace

import pytest

from mlsd_kit.curriculum.claims import Claim, claims_of
from mlsd_kit.curriculum.run.catalogue import catalogue
from mlsd_kit.curriculum.run.report import write_report
from mlsd_kit.curriculum.run.results import Failure, Result

pytestmark = pytest.mark.browser

SCREENS = {
    "light": {"scheme": "light"},
    "dark": {"scheme": "dark"},
    "phone": {"scheme": "light", "width": 390, "height": 1600},
}
BROKEN = Claim("ROC-AUC on <next> month", 0.81, "at least 0.845", "published: 0.84-0.85", False)
FAILURE = Failure(
    "ROC-AUC on <next> month = 0.81 (cell 44)",
    44,
    "auc = roc_auc_score(y, p)\nclaim('ROC-AUC on <next> month', auc, at_least=0.845, why='…')",
    "ClaimError  Traceback (most recent call last)\n" + "a very long line " * 20,
)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What a run of every notebook would leave; returns its build folder and results."""
    import nbformat

    folder = tmp_path_factory.mktemp("build")
    found = []
    for entry in catalogue():
        if not entry.notebook.is_file():
            continue
        executed = f"notebooks/{entry.id}.ipynb"
        (folder / executed).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(entry.notebook, folder / executed)
        claims = tuple(claims_of(nbformat.read(entry.notebook, as_version=4)))
        seconds = float(entry.seconds)
        found.append(
            Result(entry.id, entry.title, "passed", seconds, "k", {}, claims, executed=executed)
        )
    return folder, found


def failing(results):
    """The same with a failed claim, a time-out, and a notebook that did not start."""
    first, second, third, *rest = results
    late = Failure("the time limit of 600 s ran out in cell 12", 12, "while True:\n    pass")
    lacks = Failure("it needs torch: pip install -c constraints.txt -e '.[deep]'")
    return [
        replace(first, status="claim failed", claims=(*first.claims, BROKEN), failure=FAILURE),
        replace(second, status="timed out", failure=late),
        replace(third, status="not started", claims=(), executed=None, failure=lacks),
        *rest,
    ]


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("outcome", ["passed", "failed"])
def test_the_report(results, visit, screenshot, screen, outcome):
    folder, found = results
    shown = failing(found) if outcome == "failed" else found
    tab = visit(write_report(shown, folder), **SCREENS[screen])
    screenshot(f"report-{outcome}-{screen}", tab)
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    cards = tab.locator("article")
    assert cards.count() == len(found)
    assert ("✗" in cards.first.inner_text()) == (outcome == "failed")
    broken = "[...document.images].filter(each => !each.naturalWidth).length"
    assert tab.evaluate(broken) == 0 and tab.locator("img").count() > len(found) // 2
    if outcome == "failed":
        assert "claim('ROC-AUC on <next> month'" in cards.first.locator("pre").first.inner_text()
        assert tab.locator("article tr.failed").is_visible()


def test_claims_unfold_and_links_lead_to_cards_and_notebooks(results, visit):
    folder, found = results
    tab = visit(write_report(found, folder))
    card = tab.locator("article").first
    assert not card.locator("table").is_visible()
    card.locator("summary").click()
    assert card.locator("table").is_visible()
    link = card.get_by_role("link", name="executed notebook").get_attribute("href")
    assert (folder / "report" / link).is_file()
    tab.get_by_role("link", name=found[-1].title).click()
    assert tab.locator("article:target h3").inner_text() == found[-1].title


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_system_chooses_the_colours(results, visit, scheme):
    folder, found = results
    tab = visit(write_report(found, folder), scheme)
    red = tab.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]")
    assert (int(red) < 128) == (scheme == "dark")
