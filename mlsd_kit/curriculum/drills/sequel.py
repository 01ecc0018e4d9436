"""What becomes of a design when the interviewer changes the world."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sequel:
    """How the design stands when the interviewer changes the world."""

    says: str
    holds: bool
    missed: tuple[str, ...]
    drowned: bool = False
    """True if it is offered more than it can do."""

    @property
    def ends(self) -> str:
        """What becomes of the design."""
        missed = "; ".join(self.missed)
        if self.drowned:
            also = f" It also misses: {missed}." if missed else ""
            return f"This design cannot carry the load: its queue never drains.{also}"
        return "This design still holds." if self.holds else f"This design misses: {missed}."
