"""What the judge says: a status for the exercise, one line a check, and the reasons."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass, field
from typing import Any

from mlsd_kit.curriculum.grading.errors import NOT_RUN, NOT_STARTED, PASSED

MARKS = {PASSED: "ok  ", NOT_RUN: "-   "}
GREEN, RED, GREY = "#2da44e", "#e5534b", "#8b949e"
"""Each has at least 3:1 contrast on white and on black."""


@dataclass(frozen=True)
class CheckResult:
    """One check: what it asks, and how it went."""

    name: str
    sentence: str
    status: str
    message: str = ""
    misconceptions: tuple[tuple[str, str], ...] = ()
    """Known errors that give the same answers: their name and their sentence."""
    printed: str = ""
    examples: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Speed:
    """The learner's time beside the reference's, on a large input; never pass or fail."""

    ratio: float
    seconds: float
    reference_seconds: float
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.ratio:.2g} × the reference's time" + (f"; {self.hint}" if self.hint else "")


@dataclass(frozen=True)
class Verdict:
    """The whole: passed, or the first thing that is not."""

    exercise: str
    status: str
    checks: tuple[CheckResult, ...] = ()
    speed: Speed | None = None
    seed: int = 0
    seconds: float = 0.0
    file: str = ""
    note: str = field(default="", compare=False)
    """Something that happened on the way: a stub that was copied."""

    @property
    def passed(self) -> bool:
        """True if every check passed."""
        return self.status == PASSED

    def to_json(self) -> dict[str, Any]:
        """Plain data, as ``mlsd check --json`` prints it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        """The verdict that `to_json` gave."""
        checks = []
        for item in data["checks"]:
            named = tuple((str(a), str(b)) for a, b in item["misconceptions"])
            checks.append(CheckResult(**{**item, "misconceptions": named}))
        speed = Speed(**data["speed"]) if data["speed"] else None
        return cls(**{**data, "checks": tuple(checks), "speed": speed})

    def __str__(self) -> str:
        lines = [self.note] if self.note else []
        if self.status == NOT_STARTED:
            where = f" in {self.file}" if self.file else ""
            return "\n".join([*lines, f"{self.exercise}: not started{where}"])
        for check in self.checks:
            lines.append(f"{MARKS.get(check.status, 'FAIL')} {check.sentence}")
            lines += [f"     {line}" for line in reasons(check)]
        lines.append(self.headline)
        return "\n".join(lines)

    @property
    def headline(self) -> str:
        """The last line: status, count, speed, and how to replay a failure."""
        good = sum(check.status == PASSED for check in self.checks)
        line = f"{self.exercise}: {self.status} ({good} of {len(self.checks)} checks)"
        if self.speed:
            line += f"; {self.speed}"
        if not self.passed:
            line += f"; replay with --seed {self.seed}"
        return line

    def _repr_html_(self) -> str:
        return _html(self)


def reasons(check: CheckResult) -> list[str]:
    """The lines below a check that did not pass."""
    if check.status == PASSED or not check.message:
        return []
    lines = check.message.splitlines()
    if check.status not in ("wrong", NOT_RUN):
        lines[0] = f"{check.status}: {lines[0]}"
    for name, sentence in check.misconceptions:
        lines.append(f"this is what happens when: {sentence} ({name})")
    if check.printed:
        lines.append("your code printed:")
        lines += [f"  {line}" for line in check.printed.splitlines()[-5:]]
    return lines


@dataclass(frozen=True)
class Folded:
    """A line that unfolds a text; without one it is just the line."""

    title: str
    text: str = ""

    def __repr__(self) -> str:
        return f"{self.title}\n\n{self.text}".rstrip()

    def _repr_html_(self) -> str:
        if not self.text:
            return f"<p>{_safe(self.title)}</p>"
        body = f'<pre style="background:transparent;color:inherit">{_safe(self.text)}</pre>'
        return f"<details><summary>{_safe(self.title)}</summary>{body}</details>"


def _colour(status: str) -> str:
    """Green for passed, grey for what did not run, red for the rest."""
    return {PASSED: GREEN, NOT_RUN: GREY, NOT_STARTED: GREY}.get(status, RED)


def _html(verdict: Verdict) -> str:
    """The verdict as one block; text takes the notebook's own colour."""
    rows = "".join(_row(check) for check in verdict.checks)
    if verdict.status == NOT_STARTED:
        rows = '<p style="margin:4px 0">Write the function, then run this cell again.</p>'
    speed = f"<p style='margin:4px 0;opacity:.8'>{_safe(str(verdict.speed))}</p>"
    shade = _colour(verdict.status)
    return (
        f'<div role="status" style="border-left:4px solid {shade};padding:4px 12px">'
        f'<b><span style="color:{shade}">{_mark(verdict.status)}</span> '
        f"{_safe(verdict.exercise)}: {_safe(verdict.status)}</b>"
        f"{rows}{speed if verdict.speed else ''}{_replay(verdict)}</div>"
    )


def _mark(status: str) -> str:
    return {PASSED: "✓", NOT_RUN: "–", NOT_STARTED: "○"}.get(status, "✗")


def _safe(text: str) -> str:
    return html.escape(text)


def _replay(verdict: Verdict) -> str:
    if verdict.passed or verdict.status == NOT_STARTED:
        return ""
    return f'<p style="margin:4px 0;opacity:.8">Same inputs again: seed={verdict.seed}</p>'


def _row(check: CheckResult) -> str:
    shade = _colour(check.status)
    word = "" if check.status == PASSED else f" <i>({_safe(check.status)})</i>"
    why = "\n".join(reasons(check))
    block = (
        '<pre style="margin:2px 0 6px 22px;white-space:pre-wrap;background:transparent;'
        f'color:inherit">{_safe(why)}</pre>'
        if why
        else ""
    )
    return (
        f'<div style="margin:2px 0"><b style="color:{shade}">{_mark(check.status)}</b> '
        f"{_safe(check.sentence)}{word}</div>{block}"
    )
