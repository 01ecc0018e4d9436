"""Runs targets of the Makefile one after the other, and says about how long is left.

    python .ci/stages.py NAME TARGET ...

Before each target stands a line such as ``2 of 5: unit tests, about 8 min; about 23 min left``,
from what the target took when it last passed here (``build/stages.json``), else from what it took
on two cores. The first target that fails ends it, with its exit code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

RECORD = Path("build") / "stages.json"
USUAL = {
    "check": ("style, types, rules for notebooks", 60),
    "data": ("data sets", 60),
    "fast": ("tests that start no process", 110),
    "template": ("the template notebook", 40),
    "unit": ("unit tests", 480),
    "graders": ("graders", 240),
    "notebooks": ("notebooks against their recorded outputs", 720),
}
"""Of each target: what it does, and seconds on two cores."""


def told(seconds: float) -> str:
    """Seconds in words.

    >>> told(8), told(100), told(1000)
    ('less than a minute', 'about 2 min', 'about 17 min')
    """
    return "less than a minute" if seconds < 45 else f"about {max(1, round(seconds / 60))} min"


def announcements(targets: Sequence[str], took: dict[str, float]) -> list[str]:
    """The line before each target.

    >>> print(*announcements(["unit", "graders"], {"graders": 10.0}), sep="\\n")
    1 of 2: unit tests, about 8 min; about 8 min left in all
    2 of 2: graders, less than a minute
    """
    seconds = [took.get(each, USUAL[each][1]) for each in targets]
    lines = []
    for i, each in enumerate(targets):
        line = f"{i + 1} of {len(targets)}: {USUAL[each][0]}, {told(seconds[i])}"
        more = i + 1 < len(targets)
        lines.append(f"{line}; {told(sum(seconds[i:]))} left in all" if more else line)
    return lines


def recorded() -> dict[str, float]:
    """What each target took when it last passed here; nothing if that cannot be read."""
    try:
        found = json.loads(RECORD.read_text(encoding="utf-8"))
        return {str(name): float(seconds) for name, seconds in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def main(name: str, targets: Sequence[str]) -> int:
    began = time.monotonic()
    for i, target in enumerate(targets):
        took = recorded()  # read again: what this run measured counts at once
        print(f"\n{announcements(targets, took)[i]}", flush=True)
        start = time.monotonic()
        make = [os.environ.get("MAKE", "make"), "--no-print-directory", target]
        code = subprocess.run(make, check=False).returncode
        if code:
            print(f"make {name}: {USUAL[target][0]} failed; alone: make {target}", file=sys.stderr)
            return code
        RECORD.parent.mkdir(exist_ok=True)
        took[target] = round(time.monotonic() - start, 1)
        fresh = RECORD.with_suffix(".new")
        fresh.write_text(json.dumps(took, indent=1, sort_keys=True), encoding="utf-8")
        fresh.replace(RECORD)
    print(f"\nmake {name}: all {len(targets)} passed in {told(time.monotonic() - began)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
