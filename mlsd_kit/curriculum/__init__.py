"""The machinery of the course: claims, and the rooms ``run``, ``grading``, ``drills`` and ``cli``.

Notebooks import `claim` from here, and `check` for exercises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsd_kit.curriculum.claims import Claim, ClaimError, claim

if TYPE_CHECKING:
    from mlsd_kit.curriculum.checking import check

__all__ = ["Claim", "ClaimError", "check", "claim"]


def __getattr__(name: str) -> Any:
    """`check` loads the graders only where it is used: most notebooks make claims alone."""
    if name != "check":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mlsd_kit.curriculum.checking import check

    return check
