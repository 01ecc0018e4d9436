"""Which known error is it? The misconception that gives the learner's answers on every input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from mlsd_kit.curriculum.grading import wire
from mlsd_kit.curriculum.grading.compare import equal

MOST = 3
"""Names that one message gives."""


Reading = Callable[[Any], Any]
"""How an answer is read before two are compared."""


def _as_is(answer: Any) -> Any:
    return answer


@dataclass(frozen=True)
class Call:
    """One call of the learner's function: packed arguments and packed answer."""

    arguments: dict[str, bytes]
    result: bytes

    def given(self) -> dict[str, Any]:
        """A fresh copy of the arguments."""
        return {name: wire.unpack(data) for name, data in self.arguments.items()}


def sentence(function: Callable[..., Any]) -> str:
    """What the misconception tells the learner: its docstring's first paragraph."""
    return " ".join((function.__doc__ or function.__name__).split("\n\n")[0].split())


def behaves_like(
    function: Callable[..., Any], calls: Iterable[Call], read: Reading = _as_is
) -> bool:
    """True if ``function`` gives the same answer to every call, each as ``read`` reads it."""
    for call in calls:
        try:
            answer = wire.unpack(wire.pack(function(**call.given())))
        except Exception:
            return False
        if not equal(read(wire.unpack(call.result)), read(answer)):
            return False
    return True


def diagnose(
    misconceptions: dict[str, Any],
    here: list[Call],
    everywhere: list[Call],
    read: Reading = _as_is,
) -> tuple[tuple[str, str], ...]:
    """Names and sentences of the misconceptions that explain the answers.

    Those that agree on the failing check's calls; if some agree on every call of the run, only
    those.
    """
    if not here:
        return ()
    found = [name for name, wrong in misconceptions.items() if behaves_like(wrong, here, read)]
    best = [name for name in found if behaves_like(misconceptions[name], everywhere, read)]
    chosen = (best or found)[:MOST]
    return tuple((name, sentence(misconceptions[name])) for name in chosen)
