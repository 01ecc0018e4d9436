"""What a line of an interview means: which question it asks, which number it gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mlsd_kit.curriculum.drills.drill import Estimation, Question

FACTORS = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}
NUMBER = re.compile(r"(?<![a-z\d.,^])(\d[\d,]*\.?\d*(?:e[+-]?\d+)?)\s*([kmgt]?)(?![a-z\d])")
POWER = re.compile(r"(\d)\s*[x×*·]\s*10\s*(?:\^|\*\*)\s*(\d+)")


def understood(line: str, questions: Sequence[Question]) -> list[int]:
    """Which of ``questions`` a line asks: for each part up to a ``?`` the one that fits best.

    A question fits by the letters of its words that begin a word of the line.

    >>> asked = [
    ...     Question("How long does one take?", "1 s", ("one take", "long")),
    ...     Question("How long may it take?", "9 s", ("long may", "wait")),
    ... ]
    >>> understood("how long may it take? and how long does one take?", asked)
    [1, 0]
    >>> understood("what is the colour?", asked)
    []
    """
    found: list[int] = []
    for part in line.lower().split("?"):
        fits = [
            sum(len(word) for word in each.words if re.search(rf"\b{re.escape(word)}", part))
            for each in questions
        ]
        best = fits.index(max(fits)) if any(fits) else -1
        if best >= 0 and best not in found:
            found.append(best)
    return found


def number(line: str) -> float | None:
    """The number that ``line`` ends in, or the one after ``=``, with a prefix if it has one.

    >>> number("about 1.2k"), number("745,600 users"), number("3e9"), number("many")
    (1200.0, 745600.0, 3000000000.0, None)
    >>> number("12 s of cold start, 1.6 a second: = 19 requests in 12 s"), number("2.4 * 10^3")
    (19.0, 2400.0)
    """
    plain = POWER.sub(r"\1e\2", line.lower())
    _, equals, result = plain.rpartition("=")
    after = NUMBER.search(result) if equals else None
    found = after or next(reversed(list(NUMBER.finditer(plain))), None)
    if found is None:
        return None
    return float(found[1].replace(",", "")) * FACTORS.get(found[2], 1.0)


def right(each: Estimation, value: float, world: Any) -> bool:
    """True if the estimate is within what its nature allows."""
    return 1 / each.within <= value / each.answer(world) <= each.within


def off(each: Estimation, value: float, world: Any) -> str:
    """How far off an estimate is, and what that looks like."""
    known = {1000: "a prefix", 86_400: "days and seconds"}
    known |= {8: "bits for bytes"} if each.unit.endswith("B") else {}
    ratio = value / each.answer(world)
    away = max(ratio, 1 / ratio) if ratio > 0 else float("inf")
    like = next((f": {words}?" for x, words in known.items() if 0.9 < away / x < 1.1), ".")
    return f"{value:,g} {each.unit}: off by × {away:,.3g}{like}"


def judged(each: Estimation, value: float | None, world: Any) -> str:
    """What to say of an estimate in the end: right, or how far off, and the figure."""
    truth = f"{each.answer(world):,.4g}"
    if value is None:
        return f"**not given**: it is {truth} {each.unit}."
    if right(each, value, world):
        return f"{value:,g} {each.unit}: right ({truth})."
    return f"{off(each, value, world)} It is {truth}."
