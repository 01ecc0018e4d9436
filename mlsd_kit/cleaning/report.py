"""What cleaning changed: one line per column and kind of change."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Change:
    """One kind of change in one column: how many cells, and some of the texts they held."""

    column: str
    what: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class CleaningReport:
    """Every change that `read_csv` or `clean_frame` made.

    Attributes
    ----------
    changes : tuple of Change
        In the order of the columns.
    n_rows, n_columns : int
        Shape of the cleaned frame.

    Examples
    --------
    >>> report = CleaningReport((Change("TotalCharges", "blank to missing", 11, (" ",)),), 7043, 21)
    >>> print(report)
    7,043 rows x 21 columns, 1 change
      TotalCharges: blank to missing, 11 cells, e.g. ' '
    >>> report.count("TotalCharges")
    11
    """

    changes: tuple[Change, ...]
    n_rows: int
    n_columns: int

    def count(self, column: str, what: str | None = None) -> int:
        """Cells of ``column`` that were changed, of one kind or (by default) of all kinds."""
        return sum(
            change.count
            for change in self.changes
            if change.column == column and what in (None, change.what)
        )

    def to_frame(self) -> pd.DataFrame:
        """The changes as a table with the columns column, change, count, examples."""
        rows = [(c.column, c.what, c.count, ", ".join(map(repr, c.examples))) for c in self.changes]
        return pd.DataFrame(rows, columns=["column", "change", "count", "examples"])

    def __str__(self) -> str:
        plural = "" if len(self.changes) == 1 else "s"
        head = f"{self.n_rows:,} rows x {self.n_columns:,} columns, {len(self.changes)} change"
        lines = [
            f"  {c.column}: {c.what}, {c.count:,} cell{'' if c.count == 1 else 's'}, "
            f"e.g. {', '.join(map(repr, c.examples))}"
            for c in self.changes
        ]
        return "\n".join([head + plural, *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False)
