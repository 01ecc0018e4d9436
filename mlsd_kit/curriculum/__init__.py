"""The machinery of the course: claims, and the rooms ``run``, ``grading``, ``drills`` and ``cli``.

Notebooks import `claim` from here, `check` for exercises, and what every case study shows:
`capacity_table`, `contract` and `defence`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mlsd_kit.curriculum.claims import Claim, ClaimError, claim

if TYPE_CHECKING:
    from mlsd_kit.curriculum.answer_sheet import defence
    from mlsd_kit.curriculum.capacity import capacity_table
    from mlsd_kit.curriculum.checking import check
    from mlsd_kit.curriculum.contracts import contract

__all__ = ["Claim", "ClaimError", "capacity_table", "check", "claim", "contract", "defence"]

_HOMES = {
    "capacity_table": "capacity",
    "check": "checking",
    "contract": "contracts",
    "defence": "answer_sheet",
}


def __getattr__(name: str) -> Any:
    """All but claims load where they are used: most notebooks make claims alone."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"mlsd_kit.curriculum.{_HOMES[name]}"), name)
