"""Load a CSV, standardise dates, impute: a table with real types from a text nobody checked."""

from __future__ import annotations

from collections.abc import Collection
from io import StringIO

import pandas as pd

MISSING = ("", "na", "n/a", "nan", "null", "none", "-")
FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d %b %Y")


def clean_csv(
    text: str, date_columns: Collection[str], numeric_columns: Collection[str]
) -> pd.DataFrame:
    """The table that a CSV text holds, with real dates and numbers, and without gaps.

    Parameters
    ----------
    text : str
        The content of the file, with a header line.
    date_columns : collection of str
        Columns of dates in mixed formats; missing ones stay missing.
    numeric_columns : collection of str
        Columns of numbers; missing ones get the column's median. Every other column is text, whose
        missing cells get the most frequent text.

    Returns
    -------
    DataFrame
        Columns and rows as in the file.
    """
    raise NotImplementedError("write clean_csv")
