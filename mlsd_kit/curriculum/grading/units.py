"""Quantities with units, for estimates: a number that says what it counts.

Bytes are a dimension, and so is every thing that can be counted (requests, tokens, GPUs), so that
memory is never taken for a rate, nor requests for users.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache

from mlsd_kit.curriculum.grading.unit_table import ALIASES, COUNTS, UNITS, Dimension


class UnitError(ValueError):
    """An unknown unit, or two that do not go together."""


@lru_cache(1024)
def parse(unit: str) -> tuple[float, Dimension]:
    """The size of ``unit`` in base units, and its dimension.

    >>> parse("GB/s")
    (1000000000.0, (('B', 1), ('s', -1)))
    """
    if len(unit) > 80:
        raise UnitError("A unit is short, such as 'GB' or 'request/s'.")
    size, sign = 1.0, 1
    dimension: Dimension = ()
    for part in re.findall(r"/|[^\s/*·]+", unit):
        if part == "/":
            sign = -1
            continue
        name, _, exponent = part.partition("^")
        if not re.fullmatch(r"-?[1-9]?", exponent):
            raise UnitError(f"Cannot read the unit {unit!r}: write powers as 's^2'.")
        power, sign = sign * int(exponent or 1), 1
        factor, of = _look_up(name)
        size *= factor**power
        dimension = _joined(dimension, of, power)
    return size, dimension


def _look_up(name: str) -> tuple[float, Dimension]:
    for each in (name, name.removesuffix("s"), name.removesuffix("es")):
        if each in UNITS:
            return UNITS[each]
        if each in ALIASES:
            return parse(ALIASES[each])
    near = difflib.get_close_matches(name, UNITS, 3, 0.5) or ["GB", "ms", "request/s"]
    raise UnitError(f"No unit {name!r}: did you mean {' or '.join(near)}?")


def _joined(left: Dimension, right: Dimension, sign: int) -> Dimension:
    powers = dict(left)
    for base, n in right:
        powers[base] = powers.get(base, 0) + sign * n
    return tuple(sorted((base, n) for base, n in powers.items() if n))


def spell(dimension: Dimension) -> str:
    """The base unit of a dimension, as one writes it.

    >>> spell((("B", 1), ("s", -1)))
    'B/s'
    """
    over = [base if n == 1 else f"{base}^{n}" for base, n in dimension if n > 0]
    under = [base if n == -1 else f"{base}^{-n}" for base, n in dimension if n < 0]
    return "".join([" ".join(over) or "1" * bool(under), *(f"/{each}" for each in under)])


class Q(tuple[float, str]):
    """A quantity: ``Q(51.2, "GB")``. Sums need one dimension, products make a new one.

    As a pair it holds the number in base units and that unit, so equal amounts are equal.

    Parameters
    ----------
    value : float
        How many.
    unit : str, default=""
        Of what: ``"GB"``, ``"GiB"``, ``"ms"``, ``"request/s"``, ``"USD/month"``; empty for a plain
        number.

    Raises
    ------
    UnitError
        If the unit is unknown.

    Examples
    --------
    >>> Q(14, "GB") / Q(3.5, "TB/s")
    Q(0.004, 's')
    >>> (Q(14, "GB") / Q(3.5, "TB/s")).to("ms")
    Q(4, 'ms')
    >>> Q(100e6 * 20, "request/day").to("request/s")
    Q(23148.1, 'request/s')
    >>> Q(1, "GB") + Q(1, "s")
    Traceback (most recent call last):
    ...
    mlsd_kit.curriculum.grading.units.UnitError: Cannot add B and s: they measure different things.
    """

    value: float
    unit: str
    dimension: Dimension
    __array_priority__ = 1000  # np.float64(2) * Q(3, "s") is a quantity too

    def __new__(cls, value: float, unit: str = "") -> Q:
        if not isinstance(unit, str):
            raise TypeError(f"The unit is text, such as 'GB'; got {type(unit).__name__}.")
        if isinstance(value, tuple):
            raise TypeError("The value is already a quantity: convert it with .to(unit).")
        size, dimension = parse(unit)
        number = float(value)
        self = super().__new__(cls, (number * size, spell(dimension)))
        self.value, self.unit, self.dimension = number, unit, dimension
        return self

    @property
    def in_base(self) -> float:
        """The number in base units: bytes, seconds, USD, FLOP, or things."""
        return self[0]

    def to(self, unit: str) -> Q:
        """The same amount in another unit of the same dimension."""
        size, dimension = parse(unit)
        if dimension != self.dimension:
            raise UnitError(f"Cannot convert {self._named()} to {unit or 'a plain number'}.")
        return Q(self.in_base / size, unit)

    def _named(self) -> str:
        return self[1] or "a plain number"

    def _other(self, other: Q | float, verb: str) -> Q:
        found = other if isinstance(other, Q) else Q(other)
        if found.dimension != self.dimension:
            both = f"{self._named()} and {found._named()}"
            raise UnitError(f"Cannot {verb} {both}: they measure different things.")
        return found

    def __add__(self, other: Q | float) -> Q:  # type: ignore[override]
        return Q(self.in_base + self._other(other, "add").in_base, self[1])

    __radd__ = __add__

    def __sub__(self, other: Q | float) -> Q:
        return Q(self.in_base - self._other(other, "subtract").in_base, self[1])

    def __rsub__(self, other: float) -> Q:
        return -1 * (self - other)

    def __mul__(self, other: Q | float) -> Q:  # type: ignore[override]
        if not isinstance(other, Q):
            return Q(self.value * other, self.unit)
        unit = spell(_joined(self.dimension, other.dimension, 1))
        return Q(self.in_base * other.in_base, unit)

    __rmul__ = __mul__  # type: ignore[assignment]

    def __truediv__(self, other: Q | float) -> Q:
        if not isinstance(other, Q):
            return Q(self.value / other, self.unit)
        unit = spell(_joined(self.dimension, other.dimension, -1))
        return Q(self.in_base / other.in_base, unit)

    def __rtruediv__(self, other: float) -> Q:
        return Q(other) / self

    def __lt__(self, other: Q | float) -> bool:  # type: ignore[override]
        return self.in_base < self._other(other, "compare").in_base

    def __gt__(self, other: Q | float) -> bool:  # type: ignore[override]
        return self.in_base > self._other(other, "compare").in_base

    def __le__(self, other: Q | float) -> bool:  # type: ignore[override]
        return self.in_base <= self._other(other, "compare").in_base

    def __ge__(self, other: Q | float) -> bool:  # type: ignore[override]
        return self.in_base >= self._other(other, "compare").in_base

    def __getnewargs__(self) -> tuple[float, str]:
        return self.value, self.unit

    def __float__(self) -> float:
        if self.dimension:
            raise TypeError(f"{self!r} has a unit: divide by one first, or use .to(unit).value.")
        return self.in_base

    def __repr__(self) -> str:
        return f"Q({self.value:.6g}, {self.unit!r})"

    def __str__(self) -> str:
        return amount(self.value, self.unit)


def amount(value: float, unit: str) -> str:
    """Number and unit in a sentence.

    >>> amount(51.2, "GB"), amount(58, "worker"), amount(0.5, "")
    ('51.2 GB', '58 workers', '0.5')
    """
    return f"{figure(value)} {unit if value == 1 else plural(unit)}".rstrip()


def plural(unit: str) -> str:
    """The unit as one says it of several: days, workers, but GB."""
    return unit + "s" * (unit in (*COUNTS, "day", "month", "week", "year"))


def figure(value: float) -> str:
    """A number with as many digits as an estimate deserves.

    >>> [figure(x) for x in (51.2, 745643.57, 0.9998995, 8.4e22, 58.0, 57.1428)]
    ['51.2', '745,644', '0.9998995', '8.4e+22', '58', '57.14']
    """
    if 1e4 <= abs(value) < 1e7:
        return f"{value:,.0f}"
    return f"{value:.8g}" if 0.99 < abs(value) < 1 else f"{value:.4g}"
