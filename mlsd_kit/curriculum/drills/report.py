"""What the judge of a design says: one line a check, where the time goes, one piece of advice."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from mlsd_kit.curriculum.drills.advice import StageTime, ms
from mlsd_kit.curriculum.drills.figures import figure, interval
from mlsd_kit.curriculum.drills.limits import Limit
from mlsd_kit.curriculum.drills.measuring import Measured
from mlsd_kit.curriculum.drills.neighbours import Change
from mlsd_kit.curriculum.drills.sequel import Sequel
from mlsd_kit.curriculum.drills.svg import picture

PASSED, WRONG, NOT_STARTED, NOT_RUN = "passed", "wrong", "not started", "not run"
WIDTH = 40
"""Characters of the waterfall."""
GREEN, RED, GREY = "#2da44e", "#e5534b", "#8b949e"
"""Each has at least 3:1 contrast on white and on black."""


@dataclass(frozen=True)
class Check:
    """One limit and what was found."""

    limit: Limit
    measured: Measured | None
    ok: bool
    status: str

    @property
    def found(self) -> str:
        """The value in words: mean, interval, unit."""
        if self.measured is None:
            return "not measured"
        return f"{interval(*self.measured)} {self.limit.unit}".rstrip()

    @property
    def asked(self) -> str:
        """The limit in words."""
        side = "at most" if self.limit.at_most is not None else "at least"
        return f"{side} {figure(self.limit.bound)} {self.limit.unit}".rstrip()

    @property
    def margin(self) -> float:
        """How far inside the limit, as a share of it."""
        return self.limit.margin(self.measured.mean) if self.measured else -9.0

    @property
    def room(self) -> str:
        """The margin in words."""
        if not np.isfinite(self.measured.mean if self.measured else np.nan):
            return "never reached"
        if self.margin < -1 and self.limit.at_most is not None:
            return f"{figure(1 - self.margin)} × the limit"
        if self.margin < -1 and self.measured is not None:
            return f"{figure(self.limit.bound - self.measured.mean)} {self.limit.unit} short"
        outside = "beyond it" if self.limit.at_most is not None else "short of it"
        return f"{abs(self.margin):.0%} {'of room' if self.margin >= 0 else outside}"

    @property
    def note(self) -> str:
        """Said where chance could decide."""
        close = self.measured is not None and self.measured.straddles(self.limit)
        return "the limit lies inside the interval" if close else ""


@dataclass(frozen=True)
class Report:
    """The whole verdict on a design."""

    exercise: str
    status: str
    problems: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    stages: tuple[StageTime, ...] = ()
    advice: str = ""
    traps: tuple[tuple[str, str], ...] = ()
    """Known wrong ideas that explain a miss: name and sentence."""
    change: Change | None = None
    searched: bool = False
    """True if neighbours were tried: then no change means that none helps."""
    costs: Mapping[str, float] = field(default_factory=dict)
    cost_unit: str = ""
    best_cost: float = 0.0
    fault: str = ""
    """Set if only the fault makes a limit be missed: the waterfall is of that run."""
    sequels: tuple[Sequel, ...] = ()
    longer: bool = False
    source: str = ""
    totals: np.ndarray | None = field(default=None, compare=False, repr=False)
    bound: float | None = None
    """The first limit on a latency, for the picture."""
    note: str = field(default="", compare=False)
    """Something that happened on the way: a file that was copied."""
    file: str = ""

    @property
    def passed(self) -> bool:
        """True if every limit holds."""
        return self.status == PASSED

    @property
    def cost(self) -> float:
        """All items together."""
        return sum(self.costs.values())

    @property
    def binding(self) -> Check | None:
        """The limit missed most, or after passing the one with the least room."""
        known = [check for check in self.checks if check.measured is not None]
        if len(known) < len(self.checks):
            return None  # a queue that never drains: the load binds
        return min(known, key=lambda check: check.margin) if known else None

    def to_json(self) -> dict[str, Any]:
        """Plain data, as ``mlsd check --json`` prints it."""
        data = {
            key: value
            for key, value in vars(self).items()
            if key not in ("checks", "totals", "stages", "change", "sequels", "costs")
        }
        data["checks"] = [
            {
                "name": c.limit.name,
                "sentence": c.limit.text,
                "status": c.status,
                "value": c.measured.mean if c.measured else None,
                "half": c.measured.half if c.measured else None,
                "limit": c.limit.bound,
                "fault": c.limit.fault,
            }
            for c in self.checks
        ]
        data["stages"] = [asdict(stage) for stage in self.stages]
        data["change"] = asdict(self.change) if self.change else None
        data["sequels"] = [asdict(sequel) for sequel in self.sequels]
        data["costs"] = dict(self.costs)
        return data

    def __str__(self) -> str:
        lines = [self.note] if self.note else []
        if self.status == NOT_STARTED:
            where = f" in {self.file}" if self.file else ""
            return "\n".join([*lines, f"{self.exercise}: not started{where}"])
        lines += [f"MISS {problem}" for problem in self.problems]
        lines += table(self.checks)
        lines += waterfall(self)
        lines += self.sentences()
        good = sum(check.ok for check in self.checks)
        count = f" ({good} of {len(self.checks)} limits hold)" if self.checks else ""
        lines.append(f"{self.exercise}: {self.status}{count}")
        return "\n".join(lines)

    def sentences(self) -> list[str]:
        """What follows from the figures."""
        told = []
        if self.binding is not None and self.checks:
            told.append(f"binding: {self.binding.limit.text}, {self.binding.room}")
        if self.advice:
            told.append(f"time: {self.advice}")
        told += [f"why: {says} ({name})" for name, says in self.traps]
        if self.change is not None:
            told.append(change_sentence(self.change, self.cost_unit))
        elif self.searched:
            told.append("no single change passes or comes much closer: move two knobs together")
        if self.passed and self.best_cost:
            more = self.cost / self.best_cost - 1
            gap = f"{abs(more):.0%} {'above' if more > 0 else 'below'}"
            gap = gap if abs(more) > 0.005 else "as good as"
            told.append(
                f"cost: {figure(self.cost)} {self.cost_unit}, {gap} the best known design's "
                f"{figure(self.best_cost)}"
            )
        for sequel in self.sequels:
            told.append(f"follow-up: {sequel.says} {sequel.ends}")
        return told

    def _repr_html_(self) -> str:
        return _html(self)


def table(checks: tuple[Check, ...]) -> list[str]:
    """One line a check, in columns."""
    rows = [
        (
            "ok  " if c.ok else ("-   " if c.status == NOT_RUN else "MISS"),
            c.limit.text,
            c.found,
            c.asked,
            c.note,
        )
        for c in checks
    ]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(4)]
    lines = []
    for mark, *columns, note in rows:
        padded = (f"{text:<{wide}}" for text, wide in zip(columns, widths[1:], strict=True))
        lines.append(f"{mark} {'  '.join(padded)}  {note}".rstrip())
    return lines


def waterfall(report: Report) -> list[str]:
    """A bar a stage for the slowest 1 %: ``.`` waiting, ``:`` for the batch, ``#`` own work."""
    whole = sum(stage.total for stage in report.stages)
    if whole <= 0:
        return []
    broken = f" with {report.fault}" if report.fault else ""
    lines = [
        f"the slowest 1 %{broken} take {ms(whole)}",
        "  '.' waiting for a machine, ':' waiting for the batch to fill, '#' own work",
    ]
    widest = max(len(stage.name) for stage in report.stages)
    done = 0.0
    for stage in report.stages:
        bar = ""
        for part, mark in ((stage.waiting, "."), (stage.batching, ":"), (stage.work, "#")):
            start = round(WIDTH * done / whole)
            done += part
            bar += mark * (round(WIDTH * done / whole) - start)
        before = round(WIDTH * (done - stage.total) / whole)
        rho = f"  {stage.load.rho:.0%} busy" if stage.load else ""
        drawn = " " * before + bar
        lines.append(f"  {stage.name:<{widest}} |{drawn:<{WIDTH}}| {ms(stage.total):>9}{rho}")
    return lines


def change_sentence(change: Change, unit: str) -> str:
    """The change in words."""
    before, after = (
        f"{v:,}" if isinstance(v, int | float) and not isinstance(v, bool) else repr(v)
        for v in (change.before, change.after)
    )
    sign = "+" if change.cost >= 0 else "−"
    cost = f"{sign}{figure(abs(change.cost))} {unit}"
    left = f"; then still missed: {'; '.join(change.missed)}" if change.missed else ""
    if change.passes:
        return f"cheapest single change that passes: {change.knob} = {before} → {after} ({cost})"
    return (
        f"no single change passes; the one that helps most: {change.knob} = {before} → {after} "
        f"({cost}){left}"
    )


def _html(report: Report) -> str:
    """The report as one block; text takes the notebook's own colour."""
    shade = {PASSED: GREEN, NOT_STARTED: GREY}.get(report.status, RED)
    mark = {PASSED: "✓", NOT_STARTED: "○"}.get(report.status, "✗")
    body = "".join(f"<p style='margin:4px 0'>{_safe(each)}</p>" for each in report.problems)
    if report.status == NOT_STARTED:
        body = "<p style='margin:4px 0'>Set every knob, then run this cell again.</p>"
    rows = "".join(_html_row(check) for check in report.checks)
    if rows:
        body += (
            "<table style='margin:6px 0;border-collapse:collapse;font-size:13px;"
            f"color:inherit;background:none'><tbody>{rows}</tbody></table>"
        )
    broken = f"<p style='margin:4px 0'>With {_safe(report.fault)}:</p>" if report.fault else ""
    drawn = picture(report.totals, report.bound, report.stages)
    said = "".join(_sentence(each) for each in report.sentences())
    return (
        f'<div role="status" style="border-left:4px solid {shade};padding:4px 12px">'
        f'<b><span style="color:{shade}">{mark}</span> {_safe(report.exercise)}: '
        f"{_safe(report.status)}</b>{body}{broken if drawn else ''}{drawn}{said}</div>"
    )


def _safe(words: str) -> str:
    return html.escape(words)


def _html_row(check: Check) -> str:
    shade = GREEN if check.ok else (GREY if check.status == NOT_RUN else RED)
    word = "ok" if check.ok else ("–" if check.status == NOT_RUN else "MISS")
    cells = (check.limit.text, check.found, check.asked, check.note)
    style = "padding:2px 14px 2px 0;text-align:left;border:none"
    return (
        f"<tr style='background:none'><td style='{style};color:{shade}'><b>{word}</b></td>"
        + "".join(f"<td style='{style}'>{_safe(cell)}</td>" for cell in cells)
        + "</tr>"
    )


def _sentence(words: str) -> str:
    head, _, rest = words.partition(": ")
    return f"<p style='margin:4px 0;max-width:660px'><b>{_safe(head)}</b>: {_safe(rest)}</p>"
