"""Back-of-the-envelope estimates: judged by dimension, by ratio, and on other numbers too."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlsd_kit.curriculum.grading import answers, ratios
from mlsd_kit.curriculum.grading.declare import Check, Given
from mlsd_kit.curriculum.grading.errors import Wrong
from mlsd_kit.curriculum.grading.unit_table import COUNTS
from mlsd_kit.curriculum.grading.units import amount, figure, parse, plural

Call = Callable[..., Any]
DRAWN = 20
"""Other inputs that an estimate is tried on."""


@dataclass(frozen=True)
class Tolerance:
    """How far an answer may be from the expected one, as ratios."""

    nature: str
    low: float
    high: float

    def __contains__(self, ratio: float) -> bool:
        return self.low * (1 - 1e-9) <= ratio <= self.high * (1 + 1e-9)


IDENTITY = Tolerance("identity", 1 / 1.05, 1.05)
"""For arithmetic that has one answer: 5 %."""
UNIT_FREEDOM = Tolerance("unit freedom", 1 / 1.1, 1.1)
"""Where GB and GiB are both said: 10 %."""


def judgement(low: float, high: float) -> Tolerance:
    """For answers that depend on taste: a range, as ratios to the expected answer."""
    return Tolerance("judgement", low, high)


def span(published: float, low: float, high: float, n: int = 16) -> list[float]:
    """``published``, then ``n`` other values, log-spaced with two digits; whole if it is.

    >>> span(256, 10, 1000, 3)
    [256, 10, 100, 1000]
    """
    step = (math.log(high) - math.log(low)) / (n - 1)
    values = [float(f"{low * math.exp(i * step):.2g}") for i in range(n)]
    whole = isinstance(published, int)
    return [published, *(int(v) if whole else v for v in values if v != published)]


@dataclass(frozen=True)
class Estimate:
    """One estimate: what is asked, the formula, and the numbers to try it on.

    Parameters
    ----------
    function : str
        The learner's function.
    truth : callable
        The answer in ``unit`` as a plain number, before rounding.
    unit : str
        The unit of the answer: ``"GB"``; empty for a plain number.
    inputs : mapping of str to sequence
        The values an argument may take; the first is the published one. Any combination is valid.
    published : float
        The answer for the published inputs, in ``unit``.
    tolerance : Tolerance, default=IDENTITY
        By the nature of the estimate.
    rounding : {"", "up", "down"}, default=""
        Whether the answer is a whole number, and how it is rounded.
    complement : bool, default=False
        Judge ``1 - answer``: for quantiles near 1.
    """

    function: str
    truth: Callable[..., float]
    unit: str
    inputs: Mapping[str, Sequence[float]]
    published: float
    tolerance: Tolerance = IDENTITY
    rounding: str = ""
    complement: bool = False

    def __post_init__(self) -> None:
        parse(self.unit)
        if self.rounding not in ("", "up", "down"):
            raise ValueError(f"rounding is 'up', 'down' or ''; got {self.rounding!r}.")
        ratio = self._ratio(self.published, self.expected(self.given))
        if not 0.99 <= ratio <= 1.01:
            raise ValueError(
                f"{self.function}: published={self.published} is {ratio:.3g} × truth: correct one."
            )

    @property
    def given(self) -> Given:
        """The published inputs."""
        return {name: values[0] for name, values in self.inputs.items()}

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """What the engine runs: the unit, the published numbers, each input, other inputs."""
        from hypothesis import strategies as st

        values = st.tuples(*(st.sampled_from(list(each)) for each in self.inputs.values()))
        drawn = values.map(lambda row: dict(zip(self.inputs, row, strict=True)))
        drawn = drawn.filter(self.given.__ne__)
        here = (self.given,)
        rules: list[tuple[Call, str, Any, tuple[Given, ...]]] = [
            (self._unit, f"The answer is {self.kind}.", None, here),
            (self._published, "It is right for the numbers of the task.", None, here),
            (self._inputs, "It changes with every input as it should.", None, self._changes()),
            (self._others, "It is right for other numbers too.", drawn, ()),
        ]
        names = ("unit", "published_numbers", "every_input", "other_numbers")
        found = []
        for name, (rule, sentence, inputs, always) in zip(names, rules, strict=True):
            if inputs is None and not always:
                continue
            found.append(Check(_body(rule, name, sentence), inputs, DRAWN, always))
        return tuple(found)

    @property
    def kind(self) -> str:
        """What is measured, with its unit: «an amount of memory, in GB or the like»."""
        kind = answers.kind(parse(self.unit)[1])
        if not self.unit or self.unit in COUNTS:
            return kind
        return f"{kind}, in {plural(self.unit)} or the like"

    def expected(self, given: Given) -> float:
        """The answer in ``unit``, rounded if the task rounds."""
        exact = float(self.truth(**given))
        if self.rounding == "up":
            return float(math.ceil(exact * (1 - 1e-9)))
        return float(math.floor(exact * (1 + 1e-9))) if self.rounding == "down" else exact

    def in_unit(self, answer: Any) -> Any:
        """``answer`` as a number in ``unit``; as it is if it cannot be read."""
        try:
            return answers.read(answer, self.unit)
        except Wrong:
            return answer

    def _unit(self, call: Call, given: Given) -> None:
        answers.read(call(**given), self.unit)

    def _read_quietly(self, answer: Any) -> float:
        try:
            return answers.read(answer, self.unit)
        except Wrong:
            raise Wrong("the answer has no right unit yet: see the first check") from None

    def _published(self, call: Call, given: Given) -> None:
        self._judge(self._read_quietly(call(**given)), given)

    def _inputs(self, call: Call, given: Given) -> None:
        before, after = (self._read_quietly(call(**each)) for each in (self.given, given))
        due = self._ratio(self.expected(given), self.expected(self.given))
        ratio = self._ratio(after, before)
        (name,) = (key for key in given if given[key] != self.given[key])
        what = "1 minus the answer" if self.complement else "the answer"
        if after == before:  # no tolerance makes this right: see `_changes`
            raise Wrong(f"{what} should become {_by(due)}; it does not depend on {name}")
        room = 3 * math.log(self.tolerance.high / self.tolerance.low)
        if ratio > 0 and abs(math.log(ratio / due)) <= room:
            return
        raise Wrong(f"{what} should become {_by(due)} with the other {name}; got {_by(ratio)}")

    def _changes(self) -> tuple[Given, ...]:
        """For each input the published numbers with that one replaced, where it clearly shows.

        An input that never shows as clearly is replaced where it shows most, if no answer that
        leaves it out can be within the tolerance of both.
        """
        found = []
        start = self.expected(self.given)
        width = math.log(self.tolerance.high / self.tolerance.low)
        enough = 6 * width
        for name, values in self.inputs.items():
            options = [{**self.given, name: value} for value in values[1:]]
            moves = [abs(math.log(self._ratio(self.expected(o), start))) for o in options]
            clear = [i for i, move in enumerate(moves) if move > enough]
            if clear:
                found.append(options[min(clear, key=moves.__getitem__)])
            elif moves and max(moves) > 1.01 * width:
                found.append(options[moves.index(max(moves))])
        return tuple(found)

    def _others(self, call: Call, given: Given) -> None:
        first = self._read_quietly(call(**self.given))
        got = self._read_quietly(call(**given))
        usual = self._ratio(first, self.expected(self.given))
        memorised = usual in self.tolerance and got == first and given != self.given
        if memorised and self._is_off(got, given):
            raise Wrong(
                f"{self._told(got, given)}: the same as for the numbers of the task. "
                "Compute it from the arguments"
            )
        ratio = self._ratio(got, self.expected(given))
        self._judge(got, given, named=usual > 0 and abs(ratio / usual - 1) < 0.02)

    def _is_off(self, got: float, given: Given) -> bool:
        try:
            self._judge(got, given)
        except Wrong:
            return True
        return False

    def _ratio(self, got: float, expected: float) -> float:
        if self.complement:
            got, expected = 1 - got, 1 - expected
        return got / expected if expected else math.inf

    def _told(self, got: float, given: Given) -> str:
        due = self.expected(given)
        wanted = amount(due, self.unit)
        if self.tolerance.nature == "judgement" and not self.rounding:
            high = amount(self.tolerance.high * due, self.unit)
            wanted = f"{figure(self.tolerance.low * due)} to {high}"
        return f"expected {wanted}, got {amount(got, self.unit)}"

    def _judge(self, got: float, given: Given, named: bool = True) -> None:
        told = self._told(got, given)
        if self.rounding and self._whole(got, given, told):
            return
        ratio = self._ratio(got, self.expected(given))
        if ratio in self.tolerance:
            return
        if not ratio > 0:
            raise Wrong(told)
        meaning = ratios.meaning(ratio, self.unit) if named and not self.complement else ""
        what = "1 minus it is " if self.complement else ""
        raise Wrong(f"{told}: {what}{ratios.times(ratio)}" + (f" ({meaning}?)" if meaning else ""))

    def _whole(self, got: float, given: Given, told: str) -> bool:
        """Ask for the right rounding; True where either is right, on the edge."""
        exact, due = float(self.truth(**given)), self.expected(given)
        step = 1 if self.rounding == "up" else -1
        near = abs(exact - round(exact)) <= 1e-9 * max(exact, 1)
        if near and got - round(exact) in (0, step):
            return True
        other = math.floor(exact) if self.rounding == "up" else math.ceil(exact)
        if got != round(got) or got == other != due:
            raise Wrong(f"{told}: round {self.rounding} to a whole number, from {figure(exact)}")
        return False


def _body(rule: Call, name: str, sentence: str) -> Callable[[Call, Given], None]:
    def body(call: Call, given: Given) -> None:
        rule(call, given)

    body.__name__, body.__doc__ = name, sentence
    return body


def _by(ratio: float) -> str:
    return f"{figure(float(f'{ratio:.3g}'))} × as large"
