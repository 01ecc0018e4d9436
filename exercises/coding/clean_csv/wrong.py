"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

from io import StringIO

import pandas as pd

WORDS = ("", "na", "n/a", "nan", "null", "none", "-")
FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d %b %Y")


def _clean(text, dates, numbers, **changed):
    """Right but for what is changed: strip, median, reader."""
    reader = {"dtype": str, "na_filter": False, "skip_blank_lines": False}
    cells = pd.read_csv(StringIO(text), **{**reader, **changed.get("reader", {})})
    clean = {}
    for name in cells:
        known = cells[name].str.strip()
        column = known.mask(known.str.lower().isin(WORDS))
        if name in dates:
            formats = [pd.to_datetime(column, format=f, errors="coerce") for f in FORMATS]
            clean[name] = formats[0].fillna(formats[1]).fillna(formats[2])
        elif name in numbers:
            values = pd.to_numeric(column.str.replace(",", ""), errors="coerce").astype(float)
            clean[name] = values.fillna(changed.get("middle", pd.Series.median)(values))
        else:
            column = changed.get("texts", lambda column, cells: column)(column, cells[name])
            modes = column.mode()
            clean[name] = column.fillna(modes[0]) if len(modes) else column
    return changed.get("after", lambda table: table)(pd.DataFrame(clean))


def lower_of_the_middle_two(text, date_columns, numeric_columns):
    """The median of an even count is the lower of the middle two."""

    def low(values):
        return values.quantile(0.5, interpolation="lower")

    return _clean(text, date_columns, numeric_columns, middle=low)


def spaces_stay_in_texts(text, date_columns, numeric_columns):
    """Spaces around a cell are stripped to see if it is missing, and stay in the text."""

    def texts(column, cells):
        return cells.mask(column.isna())

    return _clean(text, date_columns, numeric_columns, texts=texts)


def equal_rows_once(text, date_columns, numeric_columns):
    """Rows that are equal after the cleaning stay once only."""

    def after(table):
        return table.drop_duplicates().reset_index(drop=True)

    return _clean(text, date_columns, numeric_columns, after=after)


def comments_are_no_rows(text, date_columns, numeric_columns):
    """What follows a # is taken for a comment, as in #N/A."""
    return _clean(text, date_columns, numeric_columns, reader={"comment": "#"})
