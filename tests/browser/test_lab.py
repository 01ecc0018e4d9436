"""JupyterLab in a real browser (``make test-browser``): case studies run, exercises are judged."""

import time
from pathlib import Path

import pytest

from mlsd_kit.grading import stub
from mlsd_kit.grading.catalogue import find

pytestmark = pytest.mark.browser

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
  run().catch(error => { window.failure = String(error); });
}
"""
STATE = """
() => {
  if (!window.panel) return {cells: 0, done: 0, errors: window.failure ? [window.failure] : []};
  const cells = window.panel.context.model.toJSON().cells.filter(cell => cell.cell_type === 'code');
  const outputs = cells.flatMap(cell => cell.outputs);
  const errors = outputs.filter(output => output.output_type === 'error')
    .map(output => `${output.ename}: ${output.evalue}`);
  const html = outputs.map(output => String((output.data || {})['text/html'] || '')).join('');
  const done = cells.filter(cell => cell.execution_count).length;
  return {cells: cells.length, done, errors, html};
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
THEME = "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})"


def open_notebook(page, lab, path):
    page.goto(lab)
    page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
    page.evaluate(OPEN, path)


def run_all(page):
    """Run every cell; the notebook's HTML outputs, once all are done without an error."""
    page.evaluate(RUN_ALL)
    deadline = time.monotonic() + 300
    while True:
        state = page.evaluate(STATE)
        assert not state["errors"], state["errors"]
        if state["cells"] and state["done"] == state["cells"]:
            return state["html"]
        assert time.monotonic() < deadline, state
        time.sleep(1)


@pytest.mark.parametrize("notebook", ["template/template", "customers/churn"])
def test_a_case_study_runs_all_its_cells(page, lab, screenshot, notebook):
    open_notebook(page, lab, f"notebooks/{notebook}.ipynb")
    run_all(page)
    screenshot(Path(notebook).name)


def test_an_exercise_goes_from_stub_to_solution_in_both_themes(page, lab, screenshot):
    exercise = find("mape")
    open_notebook(page, lab, "work/practice/mape.ipynb")
    assert "not started" in run_all(page)
    page.evaluate(WRITE, BY_THE_FORECAST)
    assert "mape: wrong" in run_all(page)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate(THEME, theme)
        time.sleep(2)
        screenshot(f"mape-wrong-{theme.split()[1].lower()}")
    page.evaluate(WRITE, stub.solved(exercise.text("reference.py")))
    assert "mape: passed" in run_all(page)
    screenshot("mape-passed-dark")
    page.evaluate(THEME, "JupyterLab Light")


def test_a_design_is_simulated_and_drawn_in_both_themes(page, lab, screenshot):
    text = find("search_funnel").text("reference.py")
    open_notebook(page, lab, "work/practice/search_funnel.ipynb")
    assert "not started" in run_all(page)
    page.evaluate(WRITE, text.replace("batch=2", "batch=256").replace("_ms=2", "_ms=100"))
    shown = run_all(page)
    assert "search_funnel: wrong" in shown and "batch_waits" in shown and "<svg" in shown
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate(THEME, theme)
        time.sleep(2)
        page.evaluate("document.querySelector('.jp-OutputArea svg').scrollIntoView(false)")
        screenshot(f"design-wrong-{theme.split()[1].lower()}")
    page.evaluate(WRITE, text)
    assert "search_funnel: passed" in run_all(page)
    page.evaluate(THEME, "JupyterLab Light")
    time.sleep(2)
    page.evaluate("document.querySelector('.jp-OutputArea svg').scrollIntoView(false)")
    screenshot("design-passed-light")
