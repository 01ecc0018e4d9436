"""A design: a few knobs, each with a plausible range, filled in by the learner."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, dataclass_transform

import numpy as np

from mlsd_kit.curriculum.drills.errors import DrillError

OPEN = ...
"""A knob that nobody has set yet."""
OUTCOMES = (
    "hit_rate", "hit_ratio", "recall", "precision", "ndcg", "auc", "latency", "p50", "p95", "p99",
    "availability", "utilisation", "utilization", "throughput", "cost", "power", "freshness",
    "error_rate", "staleness", "quality",
)  # fmt: skip
"""What a design causes and nobody can set."""


@dataclass(frozen=True)
class Knob:
    """One decision: what it sets, and the values that make sense."""

    text: str
    low: float = 0
    high: float = 0
    choices: tuple[Any, ...] = ()
    several: bool = False
    """True if any number of the choices is taken, as a tuple."""
    whole: bool = False
    unit: str = ""
    usual: tuple[float, float] | tuple[()] = ()
    """Where one would look first; random designs are drawn from there."""

    @property
    def range(self) -> str:
        """The plausible values in words."""
        if self.choices:
            names = ", ".join(repr(each) for each in self.choices)
            return f"a tuple of some of {names}" if self.several else f"one of {names}"
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.low:,g} to {self.high:,g}{unit}"

    def problem(self, name: str, value: Any) -> str:
        """What is wrong with ``value``, as a sentence; empty if nothing is.

        >>> Knob("index nodes", 1, 64, whole=True).problem("shards", 0.5)
        'shards = 0.5 is not a whole number: 1 to 64.'
        """
        if value is OPEN:
            return f"{name} is still open: {self.text}, {self.range}."
        if self.choices:
            chosen = value if self.several and isinstance(value, tuple | list) else (value,)
            if (isinstance(value, tuple | list) != self.several) or any(
                each not in self.choices for each in chosen
            ):
                return f"{name} = {value!r} is not {self.range}."
            twice = [c for c in self.choices if self.several and list(value).count(c) > 1]
            return f"{name} names {twice[0]!r} more than once." if twice else ""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{name} = {value!r} is not a number: {self.range}."
        if self.whole and value != int(value):
            return f"{name} = {value!r} is not a whole number: {self.range}."
        if not self.low <= value <= self.high:
            return f"{name} = {value:,} is outside {self.range}."
        return ""

    def draw(self, rng: np.random.Generator) -> Any:
        """A random plausible value: even on a ratio scale where the range is wide."""
        if self.several:
            return tuple(each for each in self.choices if rng.random() < 0.7)
        if self.choices:
            return self.choices[int(rng.integers(len(self.choices)))]
        low, high = (float(each) for each in self.usual or (self.low, self.high))
        if high > 10 * max(low, 1.0):
            shift = 0.0 if low > 0 else 1.0
            value = float(np.exp(rng.uniform(np.log(low + shift), np.log(high + shift)))) - shift
        else:
            value = float(rng.uniform(low, high))
        if not self.whole:
            return float(f"{value:.3g}")
        return min(max(round(value), round(low)), round(high))


Span = tuple[float, float] | tuple[()]


def whole(text: str, low: int, high: int, unit: str = "", usual: Span = ()) -> Any:
    """A knob that counts: replicas, documents, days."""
    knob = Knob(text, low, high, whole=True, unit=unit, usual=usual)
    return field(default=OPEN, metadata={"knob": knob})


def number(text: str, low: float, high: float, unit: str = "", usual: Span = ()) -> Any:
    """A knob with a size: a timeout, a share, a threshold."""
    knob = Knob(text, low, high, unit=unit, usual=usual)
    return field(default=OPEN, metadata={"knob": knob})


def choice(text: str, *choices: Any) -> Any:
    """A knob with a few named values."""
    return field(default=OPEN, metadata={"knob": Knob(text, choices=choices)})


def several(text: str, *choices: Any) -> Any:
    """A knob that takes any number of the named values, as a tuple."""
    return field(default=OPEN, metadata={"knob": Knob(text, choices=choices, several=True)})


class Design:
    """The base of every drill's design; `design` turns a subclass into the real thing."""

    drill: ClassVar[str] = ""

    @classmethod
    def knobs(cls) -> dict[str, Knob]:
        """The knobs by name, in the order of the prompt."""
        return {each.name: each.metadata["knob"] for each in fields(cls)}  # type: ignore[arg-type]

    def values(self) -> dict[str, Any]:
        """What is set, by knob."""
        return {name: getattr(self, name) for name in self.knobs()}

    @property
    def untouched(self) -> bool:
        """True while every knob is open."""
        return all(value is OPEN for value in self.values().values())

    def problems(self) -> list[str]:
        """One sentence for each knob that is open or outside its range."""
        told = (knob.problem(name, getattr(self, name)) for name, knob in self.knobs().items())
        return [sentence for sentence in told if sentence]

    def but(self, **changes: Any) -> Any:
        """The same design with some knobs set otherwise."""
        _refuse_unknown(type(self), changes)
        return replace(self, **changes)  # type: ignore[type-var]

    @classmethod
    def random(cls, rng: np.random.Generator) -> Any:
        """A design drawn from the plausible ranges."""
        return cls(**{name: knob.draw(rng) for name, knob in cls.knobs().items()})

    def __str__(self) -> str:
        inner = ", ".join(f"{name}={value!r}" for name, value in self.values().items())
        return f"{type(self).__name__}({inner})"


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def design(cls: type) -> Any:
    """Make a class of knobs a frozen dataclass whose constructor refuses wishes."""
    made: Any = dataclass(frozen=True, kw_only=True)(cls)
    set_all = made.__init__

    def __init__(self: Any, *positional: Any, **given: Any) -> None:
        if positional:
            raise DrillError(f"Name every knob: {cls.__name__}({next(iter(made.knobs()))}=...).")
        _refuse_unknown(made, given)
        set_all(self, **given)

    made.__init__ = __init__
    return made


def _refuse_unknown(cls: type[Design], given: dict[str, Any]) -> None:
    for name in _unknown(cls, given):
        near = difflib.get_close_matches(name, cls.knobs(), 1, 0.6)
        known = f"Did you mean {near[0]}?" if near else f"There are {', '.join(cls.knobs())}."
        if any(word in name.lower() for word in OUTCOMES):
            raise DrillError(
                f"{name} is an outcome, not a knob: it is computed from what you build. {known}"
            )
        raise DrillError(f"{cls.__name__} has no knob {name!r}. {known}")


def _unknown(cls: type[Design], given: dict[str, Any]) -> Iterator[str]:
    return (name for name in given if name not in cls.knobs())
