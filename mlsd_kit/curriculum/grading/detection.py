"""How surely is a wrong solution rejected, and by what? Counted over seeds, input by input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlsd_kit.curriculum.grading.bench import Bench
from mlsd_kit.curriculum.grading.catalogue import Exercise
from mlsd_kit.curriculum.grading.declare import Check
from mlsd_kit.curriculum.grading.errors import PASSED, Failed
from mlsd_kit.curriculum.grading.process import Program

Functions = Mapping[str, Callable[..., Any]]
FEW = range(3)
"""Seeds in each of which drawn inputs must reject a solution to be counted on for it."""


@dataclass(frozen=True)
class Part:
    """What a check tries: one of its fixed inputs, or the inputs that it draws."""

    check: Check
    """The check with nothing but this part."""
    number: int
    """The check's place: drawn inputs depend on it."""
    fixed: int | None = None
    """The place among the check's fixed inputs; None for what is drawn."""

    def __str__(self) -> str:
        return f"fixed input {self.fixed + 1}" if self.fixed is not None else "drawn inputs"

    def rejects(self, function: Callable[..., Any], seed: int) -> bool:
        """True if this part alone fails the function, as a run with ``seed`` would."""
        from mlsd_kit.curriculum.grading.judge import Judge

        child = Bench({"f": function}).child(Program("f", "", "wrong.py"))
        try:
            return Judge(self.check, child, "f").run(seed + self.number, 0.0).status != PASSED
        except Failed:
            return True


def parts(exercise: Exercise) -> list[Part]:
    """Every part of every check: the fixed inputs first, which are the same in every run."""
    fixed, drawn = [], []
    for number, check in enumerate(exercise.judged_by.checks):
        for at, given in enumerate(check.always):
            alone = replace(check, inputs=None, always=(given,))
            fixed.append(Part(alone, number, at))
        if check.inputs is not None:
            drawn.append(Part(replace(check, always=()), number))
    return [*fixed, *drawn]


def wrong_solutions(exercise: Exercise) -> dict[str, Callable[..., Any]]:
    """The misconceptions, the wrong solutions without a name, and the broken code of a debug."""
    found: dict[str, Callable[..., Any]] = {**exercise.misconceptions, **exercise.wrong}
    if exercise.kind == "debug":
        found["broken"] = getattr(exercise.module("broken"), exercise.judged_by.function)
    return found


def detection(exercise: Exercise, wrong: Functions, seeds: Sequence[int]) -> dict[str, int]:
    """In how many of the runs each wrong solution is rejected.

    Parameters
    ----------
    exercise : Exercise
        Whose checks.
    wrong : mapping of str to callable
        The solutions, by name.
    seeds : sequence of int
        One run each.

    Returns
    -------
    dict of str to int
        As many as there are seeds for a solution that is always found out.
    """
    every = parts(exercise)
    found = {}
    for name, function in wrong.items():
        order = list(every)
        found[name] = 0
        for seed in seeds:
            for at, part in enumerate(order):
                if part.rejects(function, seed):
                    found[name] += 1
                    order.insert(0, order.pop(at))  # what found it once is likely to find it again
                    break
    return found


def spare(exercise: Exercise, wrong: Functions, seeds: Sequence[int] = FEW) -> list[str]:
    """What could be left out of the checks without any of the wrong solutions passing.

    Mutation of the checks: each is left out alone, then each fixed input and the drawn inputs of
    those that cannot be spared. Drawn inputs count for a solution that they reject in every run.

    Returns
    -------
    list of str
        «the check X» or «fixed input 2 of the check X», in the order of the checks. Checks go from
        simple to subtle, so a later one may include what an earlier one asks: that one is spare
        too, but it is what a learner reads first, and how often it is stands beside it.
    """
    every = parts(exercise)
    rejecting = {
        name: {at for at, part in enumerate(every) if _always(part, function, seeds)}
        for name, function in wrong.items()
    }
    return list(_spare(every, list(rejecting.values())))


def _always(part: Part, function: Callable[..., Any], seeds: Sequence[int]) -> bool:
    return all(
        part.rejects(function, seed) for seed in (seeds if part.fixed is None else seeds[:1])
    )


def _spare(every: list[Part], rejecting: list[set[int]]) -> Iterator[str]:
    """``rejecting`` holds, for each wrong solution, the places of the parts that reject it."""
    told = [min(every[at].number for at in by) for by in rejecting if by]
    for number in sorted({part.number for part in every}):
        own = [at for at, part in enumerate(every) if part.number == number]
        if all(by - set(own) or not by for by in rejecting):
            first = told.count(number)
            but = f", though the first to reject {first} of them" if first else ""
            yield f"the check «{every[own[0]].check.name}»{but}"
        elif len(own) > 1:
            for at in own:
                if all(by - {at} or not by for by in rejecting):
                    yield f"{every[at]} of the check «{every[at].check.name}»"
