"""What the judge says: a status for the exercise, one line a check, and the reasons."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from mlsd_kit.grading.errors import NOT_RUN, NOT_STARTED, PASSED

MARKS = {PASSED: "ok  ", NOT_RUN: "-   "}


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
        from mlsd_kit.grading.html import verdict_html

        return verdict_html(self)


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
