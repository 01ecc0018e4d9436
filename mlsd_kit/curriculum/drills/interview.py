"""A mock interview around a drill: a state that takes lines and gives lines, and a report.

Nothing is graded that is only prose: questions count by whether they were asked, estimates by their
ratio to the answer, the design by simulation. What is said in between is kept, and not judged.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from mlsd_kit.curriculum.drills.answers import judged, number, off, right, understood
from mlsd_kit.curriculum.drills.drill import Drill, load
from mlsd_kit.curriculum.drills.report import Report
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
HELP = (
    "Commands: next (step), check (the design, from Deploy on), time, pause, help. There is no way "
    "back, but every step takes questions: a line that ends in ?."
)
NO_COMMANDS = ("back", "quit", "exit", "skip", "previous", "prev", "stop", "hint", "commands")
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
    first: float | None = None
    """A first try at the present estimate that was off: there is a second."""
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
            closed = self._close_estimates() if self.step == ESTIMATE else []
            self.step += 1
            return [] if self.over else [*closed, *self.open(file)]
        if word == "time":
            return [self.clock()]
        if word in ("", "help", "?"):
            return [HELP]
        if word in NO_COMMANDS:
            return [f"There is no command {word!r}. {HELP}"]
        if word == "check":
            return self._check(judge)
        self.notes.append((self.step, line.strip()))
        if self.step == ASK or line.strip().endswith("?"):
            return self._ask(line)
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
        found = understood(line, now.questions)
        self.asked += [each for each in found if each not in self.asked]
        if not found:
            return [
                "I do not understand that as a question that I can answer: ask it in other words, "
                "or assume something and say so."
            ]
        every = (now.questions[each] for each in found)
        return [f"({each.asks}) {each.answer.format(**vars(now.world))}" for each in every]

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
        if self.first is None and not right(each, value, now.world):
            self.first = value
            return [f"I read {off(each, value, now.world)} Try once more."]
        self.first = None
        self.estimates.append(value)
        return [judged(each, value, now.world), *self._next_estimate()]

    def _close_estimates(self) -> list[str]:
        """What was still open: the answers."""
        now = self.worlds[0]
        told = []
        for each in now.estimates[len(self.estimates) :]:
            self.estimates.append(self.first)
            self.first = None
            told.append(f"{each.asks} It is {each.answer(now.world):,.4g} {each.unit}.")
        return told

    def _check(self, judge: Judge) -> list[str]:
        if self.step not in (DEPLOY, WRAP_UP):
            return ["First the steps before: `check` comes with Deploy."]
        now, after, _ = self.worlds
        report = judge(now if self.step == DEPLOY else after)
        # both are of the drill's first world, and the follow-up is still to come
        report = replace(report, sequels=(), best_cost=0.0)
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
            lines.append(f"- {each.asks} {judged(each, value, now.world)}")
        for at, title in ((DEPLOY, "## Design"), (WRAP_UP, f"## Follow-up: {says}")):
            lines += ["", title, "", *self._designs(at)]
        kept = [f"- {STEPS[n].title}: {text}" for n, text in self.notes if n not in (0, 1)]
        if kept:
            lines += ["", "## Notes (not judged)", "", *kept]
        return "\n".join(lines) + "\n"

    def _designs(self, step: int) -> list[str]:
        tries = [check for check in self.checks if check["step"] == step]
        if not tries:
            return ["No design was checked."]
        lines, unit = [], self.worlds[0].cost_unit
        for n, check in enumerate(tries, 1):
            missed = f": missed {'; '.join(check['missed'])}" if check["missed"] else ""
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
