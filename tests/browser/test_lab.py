"""JupyterLab in a real browser: open a case study, run all cells, no error.

Opt-in (``make test-browser``): needs the extra ``browser`` and a Chromium. It works on a copy of
the notebooks, so that nothing committed changes. A screenshot is kept under ``build/browser/``.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from mlsd_kit import paths

pytestmark = pytest.mark.browser
TOKEN = "browser-test"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

RUN_ALL = """
path => {
  const run = async () => {
    const app = window.jupyterapp;
    await app.restored;
    const panel = await app.commands.execute('docmanager:open', {path, factory: 'Notebook'});
    await panel.context.ready;
    await panel.sessionContext.ready;
    await app.commands.execute('notebook:clear-all-cell-outputs');
    window.panel = panel;
    await app.commands.execute('notebook:run-all-cells');
  };
  run().catch(error => { window.failure = String(error); });
}
"""
STATE = """
() => {
  if (!window.panel) return {cells: 0, done: 0, errors: window.failure ? [window.failure] : []};
  const cells = window.panel.context.model.toJSON().cells.filter(cell => cell.cell_type === 'code');
  const errors = cells.flatMap(cell => cell.outputs)
    .filter(output => output.output_type === 'error')
    .map(output => `${output.ename}: ${output.evalue}`);
  return {cells: cells.length, done: cells.filter(cell => cell.execution_count).length, errors};
}
"""


@pytest.fixture(scope="module")
def page():
    playwright = pytest.importorskip(
        "playwright.sync_api",
        reason="no playwright: pip install -c constraints.txt -e '.[browser]'",
    )
    found = [path for name in CHROMIUMS if (path := shutil.which(name))]
    if not found:
        pytest.skip("no Chromium on the PATH: install your system's package `chromium`")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path=found[0],
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser.new_page(viewport={"width": 1400, "height": 1000})
        browser.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """``mlsd lab`` on a copy of the curriculum; yields its address."""
    home = tmp_path_factory.mktemp("home")
    for part in ("notebooks", "datasets"):
        shutil.copytree(paths.root() / part, home / part)
    shutil.copy(paths.root() / "constraints.txt", home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (home / "lab.log").open("w")
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "mlsd_kit.cli", "lab", "--no-browser", "--allow-root"),
            *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
            "--LabApp.expose_app_in_browser=True",
        ],
        env={**os.environ, "MLSD_HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config")},
        stdout=log,
        stderr=log,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=5).close()
            break
        except OSError:
            log_text = (home / "lab.log").read_text()
            assert server.poll() is None and time.monotonic() < deadline, log_text
            time.sleep(0.2)
    yield address
    server.terminate()
    server.wait(30)
    log.close()


@pytest.mark.parametrize("notebook", ["template/template", "customers/churn"])
def test_a_case_study_runs_all_its_cells(page, lab, notebook):
    page.goto(f"{lab}/lab?token={TOKEN}&reset")
    page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
    page.evaluate(RUN_ALL, f"notebooks/{notebook}.ipynb")
    deadline = time.monotonic() + 300
    while True:
        state = page.evaluate(STATE)
        assert not state["errors"], state["errors"]
        if state["cells"] and state["done"] == state["cells"]:
            break
        assert time.monotonic() < deadline, state
        time.sleep(1)
    screenshot = paths.root() / "build" / "browser" / f"{Path(notebook).name}.png"
    screenshot.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=screenshot)
