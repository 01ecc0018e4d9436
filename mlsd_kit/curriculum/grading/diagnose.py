"""Which known error is it? The misconception that gives the learner's answers on every input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlsd_kit.curriculum.grading import wire
from mlsd_kit.curriculum.grading.compare import equal

MOST = 3
"""Names that one message gives."""
ENOUGH = 3
"""Calls that must tell a known error from a right solution if it does not explain all answers."""

Answer = Callable[..., Any]

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
    misconceptions: Mapping[str, Answer],
    here: list[Call],
    checks: Sequence[list[Call]],
    read: Reading = _as_is,
    right: Answer | None = None,
) -> tuple[tuple[str, str], ...]:
    """Names and sentences of the misconceptions that explain the answers.

    Those that agree on every call of the run. A learner with a second error agrees with none; then
    those that agree on the failing check's calls, if they could have been told from a right
    solution on `ENOUGH` calls of checks in which they agree throughout: one call may agree by
    chance, as one GPU instead of 8 does with bits for bytes.

    Parameters
    ----------
    misconceptions : mapping of str to callable
        The known errors.
    here : list of Call
        The failing check's calls.
    checks : sequence of list of Call
        The calls of every check.
    read : callable, default=as it is
        How an answer is read before two are compared.
    right : callable, default=None
        A right solution; without one a second error leaves the first without a name.
    """
    if not here:
        return ()
    found = [name for name, wrong in misconceptions.items() if behaves_like(wrong, here, read)]
    agrees = {name: [behaves_like(misconceptions[name], c, read) for c in checks] for name in found}
    chosen = [name for name in found if all(agrees[name])]
    if not chosen and right is not None:
        for name in found:
            known = [
                call
                for yes, calls in zip(agrees[name], checks, strict=True)
                if yes
                for call in calls
            ]
            if _told_apart(misconceptions[name], right, [*here, *known], read) >= ENOUGH:
                chosen.append(name)
    return tuple((name, sentence(misconceptions[name])) for name in chosen[:MOST])


def _told_apart(wrong: Answer, right: Answer, calls: list[Call], read: Reading) -> int:
    """On how many different arguments, up to `ENOUGH`, the two answer differently."""
    found = 0
    for call in {tuple(sorted(call.arguments.items())): call for call in calls}.values():
        due = Call(call.arguments, wire.pack(right(**call.given())))
        found += not behaves_like(wrong, [due], read)
        if found == ENOUGH:
            break
    return found
