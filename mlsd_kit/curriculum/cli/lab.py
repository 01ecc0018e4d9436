"""``mlsd lab``: JupyterLab on the curriculum, opened on the start page."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import typer

from mlsd_kit import paths


def lab(context: typer.Context) -> None:
    """Open JupyterLab on the start page; further options go to `jupyter lab`.

    Practice notebooks of the coding exercises are laid out in work/practice/ first.
    """
    from mlsd_kit.curriculum.cli import start_page
    from mlsd_kit.curriculum.cli.folders import build_folder
    from mlsd_kit.curriculum.grading import practice

    practice.lay_out()
    page = start_page.write(build_folder(None))
    first = page.relative_to(paths.root()).as_posix() if page else "notebooks"
    options = (
        f"--ServerApp.root_dir={paths.root()}",
        f"--LabApp.default_url=/lab/tree/{first}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    )
    command = [sys.executable, "-m", "jupyter", "lab", *options, *context.args]
    # settings that apply until the user changes them: no question about news, pages rendered
    settings = [str(Path(__file__).parent / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    environment = {
        **os.environ,
        "MLSD_HOME": str(paths.root()),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, settings)),
    }
    with subprocess.Popen(command, env=environment) as server:
        try:
            code = server.wait()
        except KeyboardInterrupt:  # JupyterLab gets Ctrl-C too and asks what to do; SIGTERM not
            server.terminate()
            code = server.wait()
    raise typer.Exit(code)
