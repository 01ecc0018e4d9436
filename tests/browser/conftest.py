"""A browser, and JupyterLab on a copy of the curriculum, so that nothing committed changes."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from mlsd_kit import paths

TOKEN = "browser-test"
PATIENCE = 180_000
"""Milliseconds that a page may take for what a test waits for; on a busy machine it needs more."""
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api",
        reason="no playwright: pip install -c constraints.txt -e '.[browser]'",
    )
    found = [path for name in CHROMIUMS if (path := shutil.which(name))]
    if not found:
        pytest.skip("no Chromium on the PATH: install your system's package `chromium`")
    with playwright.sync_playwright() as engine:
        launched = engine.chromium.launch(
            executable_path=found[0],
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def page(browser):
    """One tab for JupyterLab, which takes long to open."""
    tab = browser.new_page(viewport={"width": 1400, "height": 1000})
    tab.set_default_timeout(PATIENCE)
    return tab


@pytest.fixture
def visit(browser):
    """Opens a file in a tab of its own; in the end nothing was complained of or asked outside."""
    tabs, complaints, outside = [], [], []

    def open_(path, scheme="light", width=1280, height=1200):
        tab = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        tabs.append(tab)
        tab.set_default_timeout(PATIENCE)
        tab.on("console", lambda line: complaints.append(f"{line.type}: {line.text}"))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: outside.append(request.url))
        tab.goto(path.resolve().as_uri())
        return tab

    yield open_
    for tab in tabs:
        tab.close()
    assert not complaints
    assert not [url for url in outside if not url.startswith(("file:", "data:"))]


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """``mlsd lab``; yields its address with a token."""
    home = tmp_path_factory.mktemp("home")
    for part in ("notebooks", "datasets", "exercises"):
        shutil.copytree(paths.root() / part, home / part)
    shutil.copy(paths.root() / "constraints.txt", home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "MLSD_HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config")}
    environment.pop("MLSD_WORK", None)
    log = (home / "lab.log").open("w")
    server = subprocess.Popen(
        [
            *(
                sys.executable,
                "-m",
                "mlsd_kit.curriculum.cli",
                "lab",
                "--no-browser",
                "--allow-root",
            ),
            *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
            "--LabApp.expose_app_in_browser=True",
        ],
        env=environment,
        stdout=log,
        stderr=log,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=5).close()
            break
        except OSError:
            log_text = (home / "lab.log").read_text()
            assert server.poll() is None and time.monotonic() < deadline, log_text
            time.sleep(0.2)
    yield f"{address}/lab?token={TOKEN}&reset"
    server.terminate()
    server.wait(30)
    log.close()


@pytest.fixture
def screenshot(request):
    """Keep what is seen under ``build/browser/``."""

    def take(name, tab=None):
        path = paths.root() / "build" / "browser" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        (tab or request.getfixturevalue("page")).screenshot(path=path)

    return take
