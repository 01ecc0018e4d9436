"""A mock interview around a drill: a state that takes lines and gives lines, and a report.

Nothing is graded that is only prose: questions count by whether they were asked, estimates by their
ratio to the answer, the design by simulation. What is said in between is kept, and not judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlsd_kit.drills.drill import Drill, Estimation, load
from mlsd_kit.drills.report import Report
from mlsd_kit.files import write_atomic


@dataclass(frozen=True)
class Step:
    """One of the six steps: its share of the 45 minutes, and what is done in it."""

    title: str
    minutes: int
    says: str


STEPS = (
    Step(
        "Understand the problem",
        8,
        "Ask me one question a line; I answer with numbers. Later steps take questions too.",
    ),
    Step("Data", 5, "Estimate before you design: answer with a number."),
    Step("Model", 6, "Say which models and stages you would use, and why. I only take notes."),
    Step(
        "Training and evaluation",
        6,
        "Say how you would train, and what you would measure offline and online. I take notes.",
    ),
    Step(
        "Deploy",
        14,
        "Set the knobs in {file}, save, and type `check`: as often as you like.",
    ),
    Step("Wrap up", 6, "{follow_up} Change {file} and type `check`."),
)
ASK, ESTIMATE, DEPLOY, WRAP_UP = 0, 1, 4, 5
HELP = "Commands: next (step), check (the design), time, pause."
FACTORS = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "%": 1.0}
Judge = Callable[[Drill], Report]


@dataclass
class Interview:
    """Where the interview stands; plain data, so that it can be put aside."""

    drill: str
    seed: int = 0
    step: int = 0
    spent: list[float] = field(default_factory=lambda: [0.0] * len(STEPS))
    """Seconds in each step."""
    asked: list[int] = field(default_factory=list)
    """Questions that were asked, by their number."""
    estimates: list[float | None] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    """Each verdict on the design: step, status, limits missed, cost."""
    notes: list[tuple[int, str]] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """True after the last step."""
        return self.step >= len(STEPS)

    @property
    def worlds(self) -> tuple[Drill, Drill, str]:
        """The drill in the interview's world, in the one of its follow-up, and what is said then.

        The seed chooses whose numbers hold, so that they must be asked for.
        """
        drill = load(self.drill)
        every = [(drill, ""), *((drill.within(f), f.says) for f in drill.follow_ups)]
        here = self.seed % len(every)
        now = every[here][0]
        after, says = every[(here + 1) % len(every)]
        return now, after, says or f"Now the numbers are others: {_numbers(after, now)}"

    def open(self, file: str) -> list[str]:
        """What is said when a step begins, or the interview is taken up again."""
        if self.over:
            return ["The interview is over."]
        now, _, says = self.worlds
        step = STEPS[self.step]
        told = step.says.format(file=file, follow_up=says)
        lines = [f"Step {self.step + 1} of 6, {step.title} ({step.minutes} minutes)", told]
        if self.step == ASK:
            lines.insert(1, f"“{now.opening}”")
        if self.step == ESTIMATE:
            lines += self._next_estimate()
        return [*lines, HELP] if self.step == ASK else lines

    def say(self, line: str, seconds: float, file: str, judge: Judge) -> list[str]:
        """The interviewer's answer to ``line``, which took ``seconds``."""
        if self.over:
            return ["The interview is over."]
        self.spent[self.step] += seconds
        word = line.strip().lower()
        if word == "next":
            self.step += 1
            return [] if self.over else self.open(file)
        if word == "time":
            return [self.clock()]
        if word in ("", "help", "?"):
            return [HELP]
        if word == "check":
            return self._check(judge)
        self.notes.append((self.step, line.strip()))
        if self.step == ASK or line.strip().endswith("?"):
            return self._ask(line.lower())
        if self.step == ESTIMATE:
            return self._estimate(line)
        return ["Noted."]

    def clock(self) -> str:
        """Minutes used against planned."""
        step = STEPS[self.step]
        here, total = self.spent[self.step] / 60, sum(self.spent) / 60
        late = "" if here <= step.minutes else " (over time: move on)"
        return f"{here:.0f} of {step.minutes} minutes in this step{late}, {total:.0f} of 45 in all"

    def _ask(self, line: str) -> list[str]:
        now = self.worlds[0]
        found = [
            number
            for number, question in enumerate(now.questions)
            if any(word in line for word in question.words)
        ]
        fresh = [number for number in found if number not in self.asked]
        self.asked += fresh
        if not found:
            return ["That changes nothing here: assume what you like."]
        return [now.questions[n].answer.format(**vars(now.world)) for n in fresh or found]

    def _next_estimate(self) -> list[str]:
        wanted = self.worlds[0].estimates
        if len(self.estimates) >= len(wanted):
            return ["That was all I wanted to know: `next`."]
        each = wanted[len(self.estimates)]
        return [f"{each.asks} [{each.unit}]"]

    def _estimate(self, line: str) -> list[str]:
        now = self.worlds[0]
        if len(self.estimates) >= len(now.estimates):
            return ["Noted."]
        value = number(line)
        if value is None:
            return ["A number, please: 720, 1.2k, 3e9."]
        each = now.estimates[len(self.estimates)]
        self.estimates.append(value)
        return [judged(each, value, now.world), *self._next_estimate()]

    def _check(self, judge: Judge) -> list[str]:
        if self.step not in (DEPLOY, WRAP_UP):
            return ["First the steps before: `check` comes with Deploy."]
        now, after, _ = self.worlds
        report = judge(now if self.step == DEPLOY else after)
        missed = list(report.problems) or [c.limit.text for c in report.checks if not c.ok]
        self.checks.append(
            {"step": self.step, "status": report.status, "missed": missed, "cost": report.cost}
        )
        return str(report).splitlines()

    def report(self) -> str:
        """One page of Markdown: covered, missed, measured."""
        now, _, says = self.worlds
        lines = [f"# Mock interview: {self.drill}", "", f"“{now.opening}”", "", "## Time", ""]
        lines += ["| step | minutes | planned |", "|---|---|---|"]
        for step, seconds in zip(STEPS, self.spent, strict=True):
            lines.append(f"| {step.title} | {seconds / 60:.1f} | {step.minutes} |")
        lines.append(f"| **all** | {sum(self.spent) / 60:.1f} | 45 |")
        lines += ["", "## Questions", ""]
        for n, question in enumerate(now.questions):
            mark = "asked" if n in self.asked else "**missed**"
            lines.append(f"- {mark}: {question.asks} {question.answer.format(**vars(now.world))}")
        lines += ["", "## Estimates", ""]
        for n, each in enumerate(now.estimates):
            value = self.estimates[n] if n < len(self.estimates) else None
            told = "**not given**" if value is None else judged(each, value, now.world)
            lines.append(f"- {each.asks} {told}")
        for at, title in ((DEPLOY, "## Design"), (WRAP_UP, f"## Follow-up: {says}")):
            lines += ["", title, "", *self._designs(at)]
        if self.notes:
            kept = [f"- {STEPS[n].title}: {text}" for n, text in self.notes if n not in (0, 1)]
            lines += ["", "## Notes (not judged)", "", *kept]
        return "\n".join(lines) + "\n"

    def _designs(self, step: int) -> list[str]:
        tries = [check for check in self.checks if check["step"] == step]
        if not tries:
            return ["No design was checked."]
        lines, unit = [], self.worlds[0].cost_unit
        for n, check in enumerate(tries, 1):
            missed = f": missed {', '.join(check['missed'])}" if check["missed"] else ""
            cost = f", {check['cost']:,.0f} {unit}" if check["status"] == "passed" else ""
            lines.append(f"{n}. {check['status']}{missed}{cost}")
        return lines

    def save(self, path: Path) -> None:
        """Put the interview aside."""
        write_atomic(path, json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def resume(cls, path: Path) -> Interview:
        """Take up the interview that `save` wrote."""
        data = json.loads(path.read_text(encoding="utf-8"))
        data["notes"] = [(int(step), str(text)) for step, text in data["notes"]]
        return cls(**data)


def _numbers(after: Drill, now: Drill) -> str:
    changed = {k: v for k, v in vars(after.world).items() if getattr(now.world, k) != v}
    return ", ".join(f"{name} = {value:,g}" for name, value in changed.items()) + "."


def number(line: str) -> float | None:
    """The first number in ``line``, with a prefix if it has one.

    >>> number("about 1.2k"), number("745,600 users"), number("3e9"), number("many")
    (1200.0, 745600.0, 3000000000.0, None)
    """
    found = re.search(r"(\d[\d,]*\.?\d*(?:e[+-]?\d+)?)\s*([kmgt]?)(?![a-z])", line.lower())
    if found is None:
        return None
    return float(found[1].replace(",", "")) * FACTORS.get(found[2], 1.0)


def judged(each: Estimation, value: float, world: Any) -> str:
    """What to say of an estimate: right, or how far off and what that looks like."""
    truth = each.answer(world)
    ratio = value / truth
    if 1 / each.within <= ratio <= each.within:
        return f"{value:,g} {each.unit}: right ({truth:,.4g})."
    known = {1000: "a prefix", 86_400: "days and seconds"}
    known |= {8: "bits for bytes"} if each.unit.endswith("B") else {}
    off = max(ratio, 1 / ratio) if ratio > 0 else float("inf")
    like = next((f": {words}?" for x, words in known.items() if 0.9 < off / x < 1.1), ".")
    return f"{value:,g} {each.unit}: off by × {off:,.3g}{like} It is {truth:,.4g}."
