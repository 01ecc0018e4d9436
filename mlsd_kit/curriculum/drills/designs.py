"""The designs' classes by name: ``from mlsd_kit.curriculum.drills.designs import SearchFunnel``."""

from __future__ import annotations

import re
from typing import Any

from mlsd_kit.curriculum.drills.drill import load, names


def __getattr__(name: str) -> Any:
    short = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    found = load(short).design if not name.startswith("_") and short in names() else None
    if found is None or found.__name__ != name:
        known = ", ".join(load(each).design.__name__ for each in names())
        raise AttributeError(f"there is no design {name!r}: there are {known}")
    return found
