"""The designs' classes by name: ``from mlsd_kit.curriculum.drills.designs import SearchFunnel``."""

from __future__ import annotations

from typing import Any

from mlsd_kit.curriculum.drills.drill import load, names


def __getattr__(name: str) -> Any:
    # by the letters alone: where words begin in Fraud50ms, the name does not say
    folders = {each.replace("_", ""): each for each in names()}
    short = None if name.startswith("_") else folders.get(name.lower())
    found = load(short).design if short else None
    if found is None or found.__name__ != name:
        known = ", ".join(load(each).design.__name__ for each in names())
        raise AttributeError(f"there is no design {name!r}: there are {known}")
    return found
