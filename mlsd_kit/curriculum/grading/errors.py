"""What can go wrong between a learner's file and its verdict, each with its own word."""

from __future__ import annotations

from dataclasses import dataclass

PASSED = "passed"
WRONG = "wrong"
ERROR = "error"
TIMED_OUT = "timed out"
OUT_OF_MEMORY = "out of memory"
CRASHED = "crashed"
NOT_STARTED = "not started"
NOT_RUN = "not run"


class GradingError(RuntimeError):
    """One sentence for the user: what is missing or misnamed, and the cure."""


class Wrong(AssertionError):
    """The answer is not the right one; the text is the sentence for the learner."""


@dataclass
class Failed(Exception):
    """The learner's function raised, hung or died: no answer to judge."""

    status: str
    message: str

    def __str__(self) -> str:
        return self.message


class Stop(BaseException):
    """Ends a search for smaller inputs at once; no ``except Exception`` holds it up."""
