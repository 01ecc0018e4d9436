"""What goes wrong before a design can be judged."""

from __future__ import annotations


class DrillError(RuntimeError):
    """One sentence for the user: what is missing or misnamed, and the cure."""
