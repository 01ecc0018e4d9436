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
    # >>> your code
    # an empty line is a row where there is one column
    cells = pd.read_csv(StringIO(text), dtype=str, na_filter=False, skip_blank_lines=False)
    clean = {}
    for name in cells:
        column = cells[name].str.strip()
        column = column.mask(column.str.lower().isin(MISSING))
        if name in date_columns:
            dates = pd.to_datetime(column, format=FORMATS[0], errors="coerce")
            for other in FORMATS[1:]:  # the formats exclude each other, so the order is free
                dates = dates.fillna(pd.to_datetime(column, format=other, errors="coerce"))
            clean[name] = dates
        elif name in numeric_columns:
            numbers = pd.to_numeric(column.str.replace(",", ""), errors="coerce").astype(float)
            clean[name] = numbers.fillna(numbers.median())
        else:
            modes = column.mode()  # sorted, and missing cells do not count
            clean[name] = column.fillna(modes[0]) if len(modes) else column
    return pd.DataFrame(clean)
    # <<< your code
