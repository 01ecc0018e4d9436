"""What all parts agree on: topics, windows, the order of the features."""

from __future__ import annotations

PAYMENTS, LABELS, DECISIONS = "payments", "labels", "decisions"
DEAD = "dead_letters"
"""Topics; the last one holds what could not be read in the others, with the reason."""

DAY = 86_400  # seconds
WINDOWS = (1, 7, 30)  # days
DELAY = 7  # days until a payment's label is known

FEATURES = (
    "amount",
    "weekend",
    "night",
    *(f"card_{what}_{days}" for days in WINDOWS for what in ("count", "mean")),
    *(f"terminal_{what}_{days}" for days in WINDOWS for what in ("count", "risk")),
)
"""Names of the 15 columns, in the order that the models take them."""

OWN = 3
"""The first features need the payment alone: what the fallback model takes."""
