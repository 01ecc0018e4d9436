"""A detector of ten numbers: one limit for each feature, the same for every host of a company."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd

from mlsd_kit.systems.network_anomaly.features import FEATURES

TAIL = 0.999
"""Share of quiet host-windows within a limit."""
FEWEST = 2.0
"""Least limit: a feature that is nearly always 0 must not cry at 1."""


class Limits:
    """Scores a host-window by the feature that goes furthest beyond its limit.

    A feature x with the limit c scores log(1 + x) / log(1 + c), so 1 is a window in a thousand for
    every feature alike, and what is far beyond scores more. The largest of the ten is the score,
    and its name is the reason on the page. Nothing is known of single hosts: a new office is
    watched from its first window on.

    Attributes
    ----------
    limits_ : ndarray of shape (10,)
        In the units of the features.
    threshold : float
        Scores above it are alerts; set it from a budget.

    Examples
    --------
    >>> quiet = pd.DataFrame(np.zeros((1000, 10)), columns=list(FEATURES))
    >>> detector = Limits().fit(quiet)
    >>> detector.score_one("10.0.0.1", 0, [0, 8, 0, 0, 0, 0, 0, 0, 0, 0])
    (2.0, 'out_failed')
    """

    def __init__(self) -> None:
        self.threshold = 1.0

    def fit(self, table: pd.DataFrame) -> Self:
        """Learn the limits from quiet host-windows, as `host_windows` gives them."""
        self.limits_ = np.maximum(np.quantile(table.to_numpy(), TAIL, axis=0), FEWEST)
        return self

    def parts(self, table: pd.DataFrame) -> np.ndarray:
        """What each feature scores, of shape (host-windows, 10)."""
        return self._parts(table.to_numpy())

    def score(self, table: pd.DataFrame) -> np.ndarray:
        """The score of each host-window, of shape (host-windows,)."""
        return np.asarray(self.parts(table).max(axis=1))

    def score_one(self, host: str, start: int, features: Sequence[float]) -> tuple[float, str]:
        """Score and reason of one host-window; host and start [s] do not matter here."""
        parts = self._parts(np.asarray(features, dtype=float))
        most = int(parts.argmax())
        return float(parts[most]), FEATURES[most]

    def _parts(self, x: np.ndarray) -> np.ndarray:
        # rounded: a score at the threshold falls on the same side on every processor
        return np.round(np.log1p(x) / np.log1p(self.limits_), 9)

    def to_json(self) -> str:
        """All that it has learnt, as text."""
        return json.dumps({"limits": self.limits_.tolist(), "threshold": self.threshold})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The detector that `to_json` wrote.

        Raises
        ------
        ValueError
            If the text holds no ten positive limits and a threshold.
        """
        try:
            read = json.loads(text)
            limits, threshold = np.array(read["limits"], dtype=float), float(read["threshold"])
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"no detector: {text[:40]!r} lacks limits or a threshold.") from None
        if limits.shape != (len(FEATURES),) or not np.all(limits > 0):
            raise ValueError(
                f"no detector: it takes {len(FEATURES)} positive limits, got {limits}."
            )
        made = cls()
        made.limits_, made.threshold = limits, threshold
        return made
