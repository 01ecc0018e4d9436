"""A text column seen through its distinct values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mlsd_kit.cleaning.report import Change

N_EXAMPLES = 3
"""Texts that a report quotes per change."""


class TextColumn:
    """A text column as its distinct values and a code per row: every rule runs once per value."""

    def __init__(self, name: str, column: pd.Series) -> None:
        self.name = name
        self.codes, uniques = pd.factorize(column, use_na_sentinel=True)
        self.texts = np.asarray(uniques, dtype=object)
        self.counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))
        self.changes: list[Change] = []

    @property
    def has_missing(self) -> bool:
        """True if a row has no text."""
        return bool((self.codes < 0).any())

    def note(self, what: str, changed: np.ndarray) -> None:
        """Record ``what`` for the distinct values marked in ``changed``."""
        if total := int(self.counts[changed].sum()):
            examples = tuple(str(text) for text in self.texts[changed][:N_EXAMPLES])
            self.changes.append(Change(self.name, what, total, examples))

    def mark(self, test: Callable[[Any], bool]) -> np.ndarray:
        return np.fromiter((test(text) for text in self.texts), dtype=bool, count=len(self.texts))

    def drop(self, gone: np.ndarray) -> None:
        """Make the marked distinct values missing."""
        renumber = np.append(np.where(gone, -1, np.cumsum(~gone) - 1), -1)  # -1 stays -1
        self.codes = renumber[self.codes]
        self.texts, self.counts = self.texts[~gone], self.counts[~gone]

    def spread(self, values: np.ndarray, missing: Any) -> np.ndarray:
        """One value per row from one value per distinct text."""
        if (self.codes >= 0).all() and len(values):
            return values[self.codes]
        if values.dtype.kind == "i":
            values = values.astype(np.float64)  # integers have no missing value
        return np.append(values, np.array([missing], dtype=values.dtype))[self.codes]

    def text(self, index: pd.Index) -> pd.Series:
        """The column as text again, numbers and other objects untouched."""
        kind = "str" if all(isinstance(text, str) for text in self.texts) else object
        return pd.Series(self.spread(self.texts, np.nan), index=index, name=self.name, dtype=kind)
