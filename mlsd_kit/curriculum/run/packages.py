"""The packages that are installed, against what is required and pinned."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

DISTRIBUTION = "mlsd-kit"


def installed(name: str) -> str | None:
    """The installed version of a distribution, None if it is absent."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def required(extras: Iterable[str] = ()) -> list[Requirement]:
    """What the kit needs, with the given extras (the base set comes always)."""
    chosen = ["", *extras]
    requirements = [Requirement(line) for line in metadata.requires(DISTRIBUTION) or []]
    return [
        requirement
        for requirement in requirements
        if requirement.marker is None
        or any(requirement.marker.evaluate({"extra": extra}) for extra in chosen)
    ]


def missing_for_extras(extras: Iterable[str]) -> list[str]:
    """Names of the packages that the extras need and that are absent or too old."""
    return [] if not (chosen := list(extras)) else missing(required(chosen))


def missing(requirements: Iterable[Requirement]) -> list[str]:
    """Names of the requirements that are not met."""
    absent = []
    for requirement in requirements:
        version = installed(requirement.name)
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            absent.append(str(requirement.name))
    return absent


def pins(file: Path) -> dict[str, str]:
    """``name -> version`` of a constraints file.

    Raises
    ------
    ValueError
        If a line is not an exact pin.
    """
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text:
            name, exact, version = text.partition("==")
            if not exact:
                raise ValueError(f"{file.name}: {text!r} is not an exact pin (name==version).")
            found[name.strip()] = version.strip()
    return found


def off_the_pins(file: Path) -> list[str]:
    """``name installed (pinned version)`` for every installed package that differs from its pin."""
    return [
        f"{name} {version} (pinned {pin})"
        for name, pin in pins(file).items()
        if (version := installed(name)) not in (None, pin)
    ]
