"""JupyterLab in a real browser (``make test-browser``): case studies run, exercises are judged."""

import time
from pathlib import Path

import pytest

from mlsd_kit.curriculum.grading import stub
from mlsd_kit.curriculum.grading.catalogue import find
from mlsd_kit.curriculum.run.catalogue import catalogue

pytestmark = pytest.mark.browser

ENTRIES = catalogue()
RUN = ("customers", "template")
"""Themes whose notebooks are run in the browser; the headless run sees to all of them."""

OPEN = """
async path => {
  const app = window.jupyterapp;
  await app.restored;
  const panel = await app.commands.execute('docmanager:open', {path, factory: 'Notebook'});
  await panel.context.ready;
  await panel.sessionContext.ready;
  window.panel = panel;
}
"""
RUN_ALL = """
() => {
  const run = async () => {
    const app = window.jupyterapp;
    await app.commands.execute('notebook:clear-all-cell-outputs');
    await app.commands.execute('notebook:run-all-cells');
  };
  window.ended = false;
  run().catch(error => { window.failure = String(error); }).finally(() => { window.ended = true; });
}
"""
STATE = """
() => {
  const cells = window.panel.context.model.toJSON().cells.filter(cell => cell.cell_type === 'code');
  const outputs = cells.flatMap(cell => cell.outputs);
  const errors = outputs.filter(output => output.output_type === 'error')
    .map(output => `${output.ename}: ${output.evalue}`);
  const html = outputs.map(output => String((output.data || {})['text/html'] || '')).join('');
  const done = cells.filter(cell => cell.execution_count).length;
  if (window.failure) errors.push(window.failure);
  return {cells: cells.length, done, errors, html, ended: window.ended};
}
"""
WRITE = """
source => {
  const cell = [...window.panel.context.model.cells].filter(cell => cell.type === 'code')[0];
  cell.sharedModel.setSource(source);
}
"""
BY_THE_FORECAST = """
import numpy as np

def mape(y_true, y_pred):
    y_true, y_pred = np.asarray(y_true, float), np.asarray(y_pred, float)
    return 100 * np.mean(np.abs((y_true - y_pred) / y_pred))
"""
CONTRAST = """
() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ratios = [];
  for (const block of document.querySelectorAll('.jp-OutputArea-output [role=status]')) {
    for (const each of [block, ...block.querySelectorAll('*:not(svg, svg *)')]) {
      const words = [...each.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
      if (!words) continue;
      let paper = each, opacity = 1;
      while (getComputedStyle(paper).backgroundColor.endsWith(', 0)')) {
        opacity *= Number(getComputedStyle(paper).opacity);
        paper = paper.parentElement;
      }
      const behind = parse(getComputedStyle(paper).backgroundColor);
      const ink = parse(getComputedStyle(each).color)
        .map((c, i) => opacity * c + (1 - opacity) * behind[i]);
      const [dark, bright] = [light(ink), light(behind)].sort((a, b) => a - b);
      ratios.push((bright + 0.05) / (dark + 0.05));
    }
  }
  return ratios;
}
"""
THEME = "name => { window.jupyterapp.commands.execute('apputils:change-theme', {theme: name}); }"
DRESSED = "name => document.body.dataset.jpThemeName === name"
"""JupyterLab sets this once the theme's style sheet is there."""
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def open_notebook(page, lab, path):
    page.goto(lab)
    page.wait_for_function("window.jupyterapp !== undefined")
    page.evaluate(OPEN, path)


def run_all(page):
    """Run every cell; the notebook's HTML outputs, once JupyterLab says that all have run."""
    page.evaluate(RUN_ALL)
    deadline = time.monotonic() + 600
    while not (state := page.evaluate(STATE))["ended"]:
        assert not state["errors"], state["errors"]
        assert time.monotonic() < deadline, state
        time.sleep(0.5)
    # the kernel's last messages may still be on their way when the command ends
    while state["done"] < state["cells"] and not state["errors"]:
        assert time.monotonic() < deadline, state
        time.sleep(0.5)
        state = page.evaluate(STATE)
    assert not state["errors"], state["errors"]
    return state["html"]


def dress(page, theme):
    """Change the theme, and wait until the page is drawn in it."""
    page.evaluate(THEME, theme)
    page.wait_for_function(DRESSED, arg=theme)
    page.evaluate(DRAWN)


def open_lab(page, lab):
    """JupyterLab as ``mlsd lab`` opens it, with the start page in front."""
    page.goto(lab.replace("/lab?", "/?").removesuffix("&reset"))
    page.wait_for_function("window.jupyterapp !== undefined")
    page.evaluate("async () => { await window.jupyterapp.restored; }")
    start = page.locator(".jp-MarkdownViewer")
    start.get_by_role("heading", name="Start here").wait_for()
    return start


def test_it_opens_on_the_path_through_the_curriculum(page, lab, screenshot):
    start = open_lab(page, lab)
    assert start.get_by_role("link", name=ENTRIES[0].title).count() == 1
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        dress(page, theme)
        screenshot(f"start-{theme.split()[1].lower()}")
    dress(page, "JupyterLab Light")
    assert page.locator(".Toastify__toast").count() == 0, "a pop-up asks something"


@pytest.mark.parametrize("kind", ["notebook", "practice", "statement"])
def test_its_links_open_what_they_name(page, lab, kind):
    titles = {
        "notebook": (ENTRIES[0].title, ".jp-NotebookPanel"),
        "practice": (find("mape").title, ".jp-NotebookPanel"),
        "statement": (find("average_qps").title, ".jp-MarkdownViewer h1"),
    }
    title, opened = titles[kind]
    start = open_lab(page, lab)
    before = page.locator(opened).count()
    start.get_by_role("link", name=title, exact=True).first.click()
    page.locator(opened).nth(before).wait_for()


@pytest.mark.parametrize("notebook", [entry.id for entry in ENTRIES if entry.theme in RUN])
def test_a_case_study_runs_all_its_cells(page, lab, screenshot, notebook):
    open_notebook(page, lab, f"notebooks/{notebook}.ipynb")
    run_all(page)
    screenshot(Path(notebook).name)


def test_an_exercise_goes_from_stub_to_solution_in_both_themes(page, lab, screenshot):
    exercise = find("mape")
    open_notebook(page, lab, "work/practice/mape.ipynb")
    shown = run_all(page)
    assert "not started" in shown and "once mape is passed" in shown
    page.evaluate(WRITE, BY_THE_FORECAST)
    assert "mape: wrong" in run_all(page)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        dress(page, theme)
        screenshot(f"mape-wrong-{theme.split()[1].lower()}")
        ratios = page.evaluate(CONTRAST)
        assert len(ratios) > 10 and min(ratios) >= 3, "a verdict is hard to read"
    page.evaluate(WRITE, stub.solved(exercise.text("reference.py")))
    shown = run_all(page)
    assert "mape: passed" in shown and "Reference solution of mape" in shown
    screenshot("mape-passed-dark")
    dress(page, "JupyterLab Light")


def test_a_design_is_simulated_and_drawn_in_both_themes(page, lab, screenshot):
    text = find("search_funnel").text("reference.py")
    open_notebook(page, lab, "work/practice/search_funnel.ipynb")
    assert "not started" in run_all(page)
    page.evaluate(WRITE, text.replace("batch=2", "batch=256").replace("_ms=2", "_ms=100"))
    shown = run_all(page)
    assert "search_funnel: wrong" in shown and "batch_waits" in shown and "<svg" in shown
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        dress(page, theme)
        page.evaluate("document.querySelector('.jp-OutputArea svg').scrollIntoView(false)")
        screenshot(f"design-wrong-{theme.split()[1].lower()}")
    page.evaluate(WRITE, text)
    assert "search_funnel: passed" in run_all(page)
    dress(page, "JupyterLab Light")
    page.evaluate("document.querySelector('.jp-OutputArea svg').scrollIntoView(false)")
    screenshot("design-passed-light")
