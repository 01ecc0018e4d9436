"""Which known error is it? The misconception that gives the learner's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlsd_kit.curriculum.grading import wire
from mlsd_kit.curriculum.grading.compare import equal

MOST = 3
"""Names that one message gives."""
ENOUGH = 3
"""Wrong answers that a known error must explain if it does not explain all."""

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
    return all(_alike(call.result, _answer(function, call), read) for call in calls)


def diagnose(
    misconceptions: Mapping[str, Answer],
    failing: list[Call],
    checks: Sequence[list[Call]],
    read: Reading = _as_is,
    right: Answer | None = None,
) -> tuple[tuple[str, str], ...]:
    """Names and sentences of the misconceptions that explain the answers.

    Those that agree on every call of the run. A learner with a second error agrees with none; then
    those that explain the failing input and enough of the other answers: see `_beside_another`.

    Parameters
    ----------
    misconceptions : mapping of str to callable
        The known errors.
    failing : list of Call
        The calls of the input that the message shows.
    checks : sequence of list of Call
        The calls of every check.
    read : callable, default=as it is
        How an answer is read before two are compared.
    right : callable, default=None
        A right solution; without one a second error leaves the first without a name.
    """
    if not failing:
        return ()
    every = [*failing, *(call for calls in checks for call in calls)]
    found = [name for name, wrong in misconceptions.items() if behaves_like(wrong, failing, read)]
    chosen = [name for name in found if behaves_like(misconceptions[name], every, read)]
    if found and not chosen and right is not None:
        different = {tuple(sorted(call.arguments.items())): call for call in every}.values()
        due = [(call, _answer(right, call)) for call in different]
        chosen = [name for name in found if _beside_another(misconceptions[name], due, read)]
    return tuple((name, sentence(misconceptions[name])) for name in chosen[:MOST])


def _beside_another(
    wrong: Answer, calls: Iterable[tuple[Call, bytes | None]], read: Reading
) -> bool:
    """True if the learner makes this error, and another one as well, as far as answers can tell.

    It gives the learner's very answer to `ENOUGH` calls and to more than half of those that the
    learner answers wrongly, and a wrong one to none that the learner answers right. A few answers
    may agree by chance, as one GPU instead of 8 does with bits for bytes.
    """
    explained = others = 0
    for call, due in calls:
        answer = _answer(wrong, call)
        if due is None:
            continue
        if _alike(call.result, due, read):
            if not _alike(due, answer, read):
                return False
        elif _alike(call.result, answer, read):
            explained += 1
        else:
            others += 1
    return explained >= ENOUGH and explained > others


def _answer(function: Answer, call: Call) -> bytes | None:
    """What the function answers to the arguments of a call; None if it fails."""
    try:
        return wire.pack(function(**call.given()))
    except Exception:
        return None


def _alike(one: bytes | None, other: bytes | None, read: Reading) -> bool:
    """True if both are answers, and the same as they are read."""
    if one is None or other is None:
        return False
    return equal(read(wire.unpack(one)), read(wire.unpack(other)))
