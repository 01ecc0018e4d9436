"""One check against one program: draw inputs, call, judge, and shrink what fails."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlsd_kit.curriculum.grading import wire
from mlsd_kit.curriculum.grading.bench import Here
from mlsd_kit.curriculum.grading.declare import Check, Given
from mlsd_kit.curriculum.grading.diagnose import Call
from mlsd_kit.curriculum.grading.errors import ERROR, PASSED, WRONG, Failed, Stop, Wrong
from mlsd_kit.curriculum.grading.sandbox import Child
from mlsd_kit.curriculum.grading.show import call as show_call
from mlsd_kit.curriculum.grading.show import describe
from mlsd_kit.curriculum.grading.verdict import CheckResult

SHRINKING = 1.5
"""Seconds spent on making a failing input smaller."""
MORE, MORE_SECONDS = 60, 10.0
"""Answers to which a failed check listens to see which known error it is, and their time."""

CHANGED = "your function changed"


class Judge:
    """Runs one check; ``calls`` keeps what the learner's function answered."""

    def __init__(self, check: Check, child: Child | Here, function: str) -> None:
        self.check, self.child, self.function = check, child, function
        self.calls: list[Call] = []
        self.examples = 0
        self.changed_input = False
        """True if it failed for an argument that the function wrote into: no answer was wrong."""
        self.few = False
        """True if it could not listen to all the answers that it wanted after a failure."""
        self._asked: list[tuple[Given, Any]] = []
        self._answers = 0
        self._best: tuple[int, str, str, list[Call]] | None = None
        self._deadline = float("inf")

    def call(self, *positional: Any, **given: Any) -> Any:
        """What check bodies call: the learner's function in its own process."""
        if positional:
            raise TypeError("checks call the function by keyword: call(**given)")
        arguments = {name: wire.pack(value) for name, value in given.items()}
        self._asked.append((given, None))
        reply = self.child.call(arguments)
        self.calls.append(Call(arguments, reply.result))
        if reply.changed:
            names = " and ".join(reply.changed)
            raise Wrong(f"{CHANGED} {names}: work on a copy")
        try:
            answer = wire.unpack(reply.result)
        except wire.WireError:
            raise Failed("crashed", "your code broke the process that runs it") from None
        self._asked[-1] = (given, answer)
        return answer

    def run(self, seed: int, shrinking: float = SHRINKING) -> CheckResult:
        """The result of the check, on inputs drawn with ``seed``."""
        start = time.perf_counter()
        status, message = PASSED, ""
        try:
            for given in self.check.always:
                self._attempt(wire.unpack(wire.pack(given)))
            if self.check.inputs is not None:
                self._search(seed, shrinking)
        except (Failed, Wrong, Stop):
            pass
        if self._best is not None:
            _, status, message, _ = self._best
        return CheckResult(
            name=self.check.name,
            sentence=self.check.sentence,
            status=status,
            message=message,
            printed="" if status == PASSED else self.child.printed[-2000:],
            examples=self.examples,
            seconds=time.perf_counter() - start,
        )

    @property
    def failing_calls(self) -> list[Call]:
        """The calls of the smallest failing input."""
        return self._best[3] if self._best else []

    def ask_on(self, seed: int) -> None:
        """After a failure: the answers to all inputs of the run, judged or not, become `calls`.

        The first input that fails ends a run, and one answer does not tell two errors from one.
        The calls that made it smaller are left out: how many there are depends on the time. Where
        time runs out, those of the run stay, and the answers are too `few` to tell two errors.
        """
        judged, end = self.calls, time.perf_counter() + MORE_SECONDS
        self.calls = []

        def ask(**given: Any) -> Any:
            self.few = time.perf_counter() > end
            if len(self.calls) >= MORE or self.few:
                raise Stop
            return self.call(**given)

        for data in drawn(self.check, seed):
            try:
                self.check.body(ask, wire.unpack(data))
            except Stop:
                break
            except Failed as failed:
                if failed.status != ERROR:
                    self.few = True
                    break
            except Exception:
                continue
        if self.few:
            self.calls += judged

    def _attempt(self, given: Given) -> None:
        self._asked = []
        self.examples += 1
        at = len(self.calls)
        try:
            self.check.body(self.call, given)
        except Wrong as wrong:
            self._keep(WRONG, str(wrong), at)
            raise
        except Failed as failed:
            self._keep(failed.status, failed.message, at)
            if failed.status != ERROR:
                raise Stop from None
            raise
        except Exception as error:
            if len(self.calls) == at:
                raise  # the check itself is broken: an author's error
            told = f"{type(error).__name__}: {error}"
            got = describe(self._asked[-1][1])
            self._keep(WRONG, f"got {got}, which the check could not read ({told})", at)
            raise Wrong(told) from None

    def _keep(self, status: str, message: str, at: int) -> None:
        changed = message.startswith(CHANGED)
        calls = [show_call(self.function, given) for given, _ in self._asked]
        told = ", then ".join([calls[0], calls[-1]] if len(calls) > 1 else calls)
        size = sum(len(data) for call in self.calls[at:] for data in call.arguments.values())
        if self._best is None or size <= self._best[0]:
            prefix = f"called {told};\n" if told else ""
            self._best = (size, status, prefix + message, self.calls[at:])
            self.changed_input = changed

    def _search(self, seed: int, shrinking: float) -> None:
        import hypothesis
        from hypothesis import HealthCheck, Phase, Verbosity, given, settings

        deadline = float("inf")

        def attempt(given: Given) -> None:
            nonlocal deadline
            if time.perf_counter() > deadline:
                raise Stop
            try:
                self._attempt(given)
            except (Failed, Wrong):
                deadline = min(deadline, time.perf_counter() + shrinking)
                raise

        quiet = settings(
            max_examples=self.check.examples,
            phases=[Phase.generate, Phase.shrink] if shrinking else [Phase.generate],
            database=None,
            deadline=None,
            derandomize=False,
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )
        run = hypothesis.seed(seed)(quiet(given(self.check.inputs)(attempt)))
        with no_storage():
            try:
                run()
            except Stop:
                pass
            except hypothesis.errors.Flaky:
                if self._best is None:
                    raise


def drawn(check: Check, seed: int) -> list[bytes]:
    """The inputs of one run of a check, packed: the fixed ones, then those drawn with ``seed``."""
    import hypothesis
    from hypothesis import HealthCheck, Phase, Verbosity, given, settings

    found = [wire.pack(each) for each in check.always]
    if check.inputs is None:
        return found

    def keep(given: Given) -> None:
        found.append(wire.pack(given))

    quiet = settings(
        max_examples=check.examples,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    with no_storage():
        hypothesis.seed(seed)(quiet(given(check.inputs)(keep)))()
    return found


@contextmanager
def no_storage() -> Iterator[None]:
    """Hypothesis keeps its own files out of the learner's folder."""
    from hypothesis import configuration

    name = "__hypothesis_home_directory"
    before = getattr(configuration, name, None)
    configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "mlsd-hypothesis")
    try:
        yield
    finally:
        setattr(configuration, name, before)
