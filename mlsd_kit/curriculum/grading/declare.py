"""How an author declares a check: a strategy of inputs, and a function that judges the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Given = dict[str, Any]
"""The keyword arguments of one call of the learner's function: plain data."""


@dataclass(frozen=True)
class Check:
    """One rule that the learner's function must keep."""

    body: Callable[[Callable[..., Any], Given], None]
    inputs: Any
    """A hypothesis strategy of `Given`; None if ``always`` is all there is."""
    examples: int
    always: tuple[Given, ...]

    @property
    def name(self) -> str:
        """The function's name in words."""
        return self.body.__name__.replace("_", " ")

    @property
    def sentence(self) -> str:
        """The rule, as the docstring states it."""
        return " ".join((self.body.__doc__ or self.name).split("\n\n")[0].split())


def check(
    inputs: Any = None, *, examples: int = 25, always: Sequence[Given] = ()
) -> Callable[[Callable[..., None]], Check]:
    """Declare a check: called as ``body(call, given)`` for ``always``, then for drawn inputs.

    Parameters
    ----------
    inputs : hypothesis strategy of dict, default=None
        Draws the keyword arguments of one call.
    examples : int, default=25
        How many are drawn.
    always : sequence of dict, default=()
        Inputs tried first in every run: the ones that tell the misconceptions apart.
    """
    if inputs is None and not always:
        raise ValueError("A check needs inputs: give a strategy, or always=[{...}].")

    def declared(body: Callable[..., None]) -> Check:
        if not (body.__doc__ or "").strip():
            raise ValueError(f"Check {body.__name__} needs a docstring: the rule in one sentence.")
        return Check(body, inputs, examples, tuple(always))

    return declared


def require(holds: Any, sentence: str) -> None:
    """Reject the answer with ``sentence`` unless ``holds``."""
    from mlsd_kit.curriculum.grading.errors import Wrong

    if not bool(holds):
        raise Wrong(sentence)
