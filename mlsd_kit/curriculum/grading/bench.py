"""Our own solutions judged without a process between: for proofs, never for a learner's code."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from mlsd_kit.curriculum.grading import wire
from mlsd_kit.curriculum.grading.errors import ERROR, NOT_STARTED, Failed
from mlsd_kit.curriculum.grading.process import Program, Reply


class Bench:
    """Stands in for a `Sandbox` where the code is ours: the same data on the wire, no waiting.

    Parameters
    ----------
    functions : mapping of str to callable
        What a program's name stands for.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._functions = functions

    def child(self, program: Program, seconds: float | None = None) -> Here:
        """The function of that name."""
        return Here(self._functions[program.function])


class Here:
    """Stands in for a `Child`: calls the function in this process."""

    printed = ""
    answered = False

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def call(self, arguments: dict[str, bytes]) -> Reply:
        """One call on copies of the arguments."""
        given = {name: wire.unpack(data) for name, data in arguments.items()}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = wire.pack(self._function(**given))
        except NotImplementedError as error:
            raise Failed(NOT_STARTED, str(error)) from None
        except Exception as error:
            raise Failed(ERROR, f"{type(error).__name__}: {error}"[:300]) from None
        changed = [name for name, data in arguments.items() if wire.pack(given[name]) != data]
        return Reply(result, tuple(changed))
