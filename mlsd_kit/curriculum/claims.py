"""Claims: no number without a check.

A claim states a figure, its bound and where the bound comes from. It shows as a row in the
notebook, is kept as JSON in the cell's output, and fails the notebook if it does not hold. A figure
that other work on the machine made worthless is *undecided*: neither held nor failed.
"""

from __future__ import annotations

import html
import math
import os
from dataclasses import asdict, dataclass
from typing import Any, SupportsFloat

MIME = "application/vnd.mlsd.claim+json"
COLLECT = "MLSD_COLLECT_CLAIMS"
"""Set in a sweep's kernels: a claim that does not hold is recorded, and the notebook goes on."""
FAR = 1000
"""So many times inside an upper bound, a figure is shown without digits."""
TOLERANCE = 1e-6
"""An upper bound this small is there for rounding errors."""


class ClaimError(AssertionError):
    """A claim that does not hold."""


@dataclass(frozen=True)
class Claim:
    """One checked figure: what was measured, what it must satisfy, and why."""

    name: str
    value: float
    """Rounded for display: four significant digits, whole numbers from 1000 on."""
    bound: str
    why: str
    held: bool
    """False if it failed, and if it is undecided."""
    undecided: str | None = None
    """What was measured outside the experiment that leaves it open; None if it is decided."""

    below: bool = False
    """True if the figure is less than ``value``: too far inside its bound for digits to count."""

    @property
    def shown(self) -> str:
        """The figure as tables print it."""
        return f"below {show(self.value)}" if self.below else show(self.value)

    @property
    def failed(self) -> bool:
        """True if it was decided and does not hold."""
        return not self.held and self.undecided is None

    @property
    def outcome(self) -> str:
        """``held``, ``failed`` or ``undecided``."""
        return "held" if self.held else "failed" if self.failed else "undecided"

    def __str__(self) -> str:
        verdict = {"held": "held  ", "failed": "FAILED", "undecided": "UNDECIDED"}[self.outcome]
        reasons = "; ".join(filter(None, (self.bound, self.why, self.undecided)))
        equals = "" if self.below else "= "
        return f"{verdict} {self.name} {equals}{self.shown} ({reasons})"

    def _repr_html_(self) -> str:
        # colour and a word: readable without the colour, in light and dark themes
        colour, mark = _MARKS[self.outcome]
        reasons = "; ".join(filter(None, (self.bound, self.why, self.undecided)))
        equals = "" if self.below else "= "
        return (
            f'<div style="border-left:4px solid {colour};padding:2px 10px">'
            f'<b style="color:{colour}">{mark} {self.outcome}</b> {html.escape(self.name)} '
            f"{equals}<b>{self.shown}</b> "
            f'<span style="opacity:.75">({html.escape(reasons)})</span></div>'
        )


_MARKS = {"held": ("#1a7f37", "✓"), "failed": ("#cf222e", "✗"), "undecided": ("#9a6700", "?")}


def show(value: float) -> str:
    """``value`` as the tables print it.

    >>> [show(x) for x in (0.84712, 12345.6, 0.0000123, 5.0)]
    ['0.8471', '12,346', '1.23e-05', '5']
    """
    return f"{value:,.0f}" if math.isfinite(value) and abs(value) >= 1000 else f"{value:.4g}"


def _rounded(value: float) -> float:
    if not math.isfinite(value):
        return value
    return float(round(value)) if abs(value) >= 1000 else float(f"{value:.4g}")


def _is_noise(value: float, at_most: float | None) -> bool:
    """Whether a figure is orders of magnitude inside its upper bound.

    Its digits are rounding noise then, which differs between processors: 1.5e-10 on one and 2.0e-10
    on the next, against 1e-6. Zero is noise where the bound is a tolerance; where it is a share or
    a count, none is none.
    """
    if at_most is None or at_most <= 0 or abs(value) > at_most / FAR:
        return False
    return value != 0 or at_most <= TOLERANCE


def _finite(name: str, bound: SupportsFloat) -> float:
    number = float(bound)
    if not math.isfinite(number):
        raise ValueError(f"{name}={number} is a bound that nothing can fail: give a finite number.")
    return number


def _bounds(
    at_least: float | None,
    at_most: float | None,
    between: tuple[float, float] | None,
    approx: float | None,
    rel: float | None,
) -> tuple[float, float, str]:
    """The lowest and highest value that hold, and the bound in words."""
    given = [bound is not None for bound in (at_least, at_most, between, approx)]
    if sum(given) != 1:
        raise ValueError("Give exactly one of at_least, at_most, between and approx.")
    if (rel is not None) != (approx is not None):
        raise ValueError("approx needs rel, its relative tolerance (and rel goes with approx).")
    if at_least is not None:
        low = _finite("at_least", at_least)
        return low, math.inf, f"at least {show(low)}"
    if at_most is not None:
        high = _finite("at_most", at_most)
        return -math.inf, high, f"at most {show(high)}"
    if between is not None:
        low, high = (_finite("between", bound) for bound in between)
        if low > high:
            raise ValueError(f"between=({low}, {high}) is empty: give the lower bound first.")
        return low, high, f"between {show(low)} and {show(high)}"
    assert approx is not None and rel is not None
    target, tolerance = _finite("approx", approx), _finite("rel", rel)
    if target == 0 or not 0 <= tolerance < 1:
        raise ValueError("approx takes a target other than 0 and 0 <= rel < 1; else use between.")
    slack = abs(target) * tolerance
    return target - slack, target + slack, f"{show(target)} within {show(100 * tolerance)} %"


def claim(
    name: str,
    value: SupportsFloat,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    between: tuple[float, float] | None = None,
    approx: float | None = None,
    rel: float | None = None,
    why: str,
    undecided: str | None = None,
) -> None:
    """Check one figure, show it as a row, and fail the notebook if it does not hold.

    Parameters
    ----------
    name : str
        What the figure is, in words.
    value : number
        The figure, as measured. NaN never holds. One that is under a thousandth of ``at_most`` is
        shown and kept as "below" that thousandth: its digits differ between processors.
    at_least, at_most, between, approx : number, number, (low, high), number
        The bound: exactly one of the four. Ends are included.
    rel : float in [0, 1)
        The relative tolerance of ``approx``, always given with it.
    why : str
        Where the bound comes from: the published figure, the baseline, the requirement.
    undecided : str, default=None
        What makes the figure worthless: a cause outside the experiment, with the figure that was
        measured of it, as `mlsd_kit.services.load` gives it. The claim then neither holds nor
        fails, whatever the value is, and the notebook goes on. None decides it.

    Raises
    ------
    ClaimError
        If the figure does not satisfy its bound.
    ValueError
        If the bound is missing, doubled, not finite or empty, ``why`` is blank, or ``undecided``
        names nothing that was measured.

    Examples
    --------
    >>> claim("test ROC-AUC", 0.8473, at_least=0.845, why="published: 0.84-0.85")
    held   test ROC-AUC = 0.8473 (at least 0.845; published: 0.84-0.85)
    >>> claim("gradient check", 1.5e-10, at_most=1e-6, why="right gradients lie far below it")
    held   gradient check below 1e-09 (at most 1e-06; right gradients lie far below it)
    >>> claim("rows", 7043, approx=7000, rel=0.001, why="the datasheet")
    Traceback (most recent call last):
        ...
    mlsd_kit.curriculum.claims.ClaimError: rows = 7,043, but the claim says 7,000 within 0.1 %
    >>> claim("p99 in ms", 212, at_most=50, why="the agreement", undecided="other work took 41 %")
    UNDECIDED p99 in ms = 212 (at most 50; the agreement; other work took 41 %)
    """
    if not name.strip() or not why.strip():
        raise ValueError("A claim needs a name, and a why that says where its bound comes from.")
    if undecided is not None and not any(letter.isdigit() for letter in undecided):
        raise ValueError(
            f"{name}: a claim is undecided only for a cause that was measured: say how much, as in "
            f'"other work took 41 % of the machine"; got {undecided!r}.'
        )
    low, high, words = _bounds(at_least, at_most, between, approx, rel)
    number = float(value)
    holds = undecided is None and low <= number <= high
    noise = _is_noise(number, at_most)
    kept = _rounded(high / FAR if noise else number)
    made = Claim(name, kept, words, why, holds, undecided, below=noise)
    _display(made)
    if made.failed and not os.environ.get(COLLECT):
        exact = show(number) if abs(number) >= 1000 else f"{number:.6g}"
        raise ClaimError(f"{name} = {exact}, but the claim says {words}")


def _display(made: Claim) -> None:
    try:
        from IPython import get_ipython  # a notebook has it; a script need not
    except ImportError:
        shell = None
    else:
        shell = get_ipython()
    if shell is None:
        print(made)
        return
    from IPython.display import display

    record = asdict(made)
    if made.undecided is None:
        del record["undecided"]  # most are not: a notebook's outputs need not say it in every row
    if not made.below:
        del record["below"]
    if not math.isfinite(made.value):
        record["value"] = None  # JSON has no NaN
    display({MIME: record, "text/plain": str(made), "text/html": made._repr_html_()}, raw=True)


def claims_of(notebook: dict[str, Any]) -> list[Claim]:
    """Every claim in the outputs of an executed notebook, in order."""
    records = [
        output["data"][MIME]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if MIME in output.get("data", {})
    ]
    return [
        Claim(**{**record, "value": math.nan if record["value"] is None else record["value"]})
        for record in records
    ]
