"""The file that a learner starts from, written from the declaration of the drill."""

from __future__ import annotations

import textwrap

from mlsd_kit.curriculum.drills.drill import Drill


def stub(drill: Drill) -> str:
    """Every knob open, with what it sets and its plausible values."""
    name = drill.design.__name__
    lines = [
        f'"""Set every knob, then `mlsd check {drill.id}`; the file is read, not run."""',
        "",
        f"from mlsd_kit.curriculum.drills.designs import {name}",
        "",
        f"design = {name}(",
    ]
    for knob_name, knob in drill.design.knobs().items():
        told = textwrap.wrap(f"{knob.text}: {knob.range}", 92)
        lines += [*(f"    # {line}" for line in told), f"    {knob_name}=...,"]
    return "\n".join([*lines, ")", ""])
