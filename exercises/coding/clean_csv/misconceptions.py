"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from io import StringIO

import numpy as np
import pandas as pd

WORDS = ("", "na", "n/a", "nan", "null", "none", "-")
FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d %b %Y")


def _cells(text, words=WORDS):
    cells = pd.read_csv(StringIO(text), dtype=str, na_filter=False, skip_blank_lines=False)
    cells = cells.apply(lambda column: column.str.strip())
    return {name: cells[name].mask(cells[name].str.lower().isin(words)) for name in cells}


def _date(cell, formats):
    for each in formats:
        try:
            return datetime.strptime(cell, each)
        except (TypeError, ValueError):
            continue
    return pd.NaT


def _dates(column, formats=FORMATS):
    return pd.to_datetime(pd.Series([_date(cell, formats) for cell in column]))


def _numbers(column, drop=","):
    return pd.to_numeric(column.str.replace(drop, "", regex=False), errors="coerce").astype(float)


def _median(column):
    numbers = _numbers(column)
    return numbers.fillna(numbers.median())


def _mode(column):
    modes = column.mode()
    return column.fillna(modes[0]) if len(modes) else column


def _table(text, dates, numbers, *, date=_dates, number=_median, other=_mode, words=WORDS):
    columns = {}
    for name, column in _cells(text, words).items():
        read = date if name in dates else number if name in numbers else other
        columns[name] = read(column)
    return pd.DataFrame(columns)


def month_before_day(text, date_columns, numeric_columns):
    """05/03/2024 is read as 3 May: here the day comes first, so say so and never let it
    be guessed.
    """
    formats = ("%Y-%m-%d", "%m/%d/%Y", "%d %b %Y")
    return _table(text, date_columns, numeric_columns, date=lambda c: _dates(c, formats))


def order_guessed_cell_by_cell(text, date_columns, numeric_columns):
    """05/03/2024 is read month first but 25/03/2024 day first: one column has one order."""
    formats = ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d %b %Y")
    return _table(text, date_columns, numeric_columns, date=lambda c: _dates(c, formats))


def format_of_the_first_row(text, date_columns, numeric_columns):
    """The format of the first date is used for all, and dates in the others get lost: try each
    format.
    """

    def date(column):
        known = column.dropna()
        first = known.iloc[0] if len(known) else ""
        formats = [each for each in FORMATS if _date(first, [each]) is not pd.NaT]
        return _dates(column, formats)

    return _table(text, date_columns, numeric_columns, date=date)


def missing_dates_are_made_up(text, date_columns, numeric_columns):
    """A missing date gets the date of the row above: leave it missing."""
    return _table(text, date_columns, numeric_columns, date=lambda c: _dates(c).ffill())


def mean_instead_of_median(text, date_columns, numeric_columns):
    """Missing numbers get the mean, which one wild amount moves: take the median."""

    def number(column):
        return _numbers(column).fillna(_numbers(column).mean())

    return _table(text, date_columns, numeric_columns, number=number)


def zero_for_missing(text, date_columns, numeric_columns):
    """Missing numbers become 0, which is a value and not a gap: take the median."""
    return _table(text, date_columns, numeric_columns, number=lambda c: _numbers(c).fillna(0.0))


def median_counts_the_missing_as_zero(text, date_columns, numeric_columns):
    """The median is taken after the missing numbers became 0: take it over the known ones."""

    def number(column):
        numbers = _numbers(column)
        return numbers if numbers.isna().all() else numbers.fillna(numbers.fillna(0.0).median())

    return _table(text, date_columns, numeric_columns, number=number)


def thousands_separator_loses_the_number(text, date_columns, numeric_columns):
    """1,234.5 is taken for missing because of its comma: remove the commas before the
    conversion.
    """

    def number(column):
        numbers = _numbers(column, drop="\0")
        return numbers.fillna(numbers.median())

    return _table(text, date_columns, numeric_columns, number=number)


def decimal_comma(text, date_columns, numeric_columns):
    """The comma is read as the decimal point: here it separates thousands, so remove it."""

    def number(column):
        plain = [cell if pd.isna(cell) else cell.replace(",", ".", 1) for cell in column]
        numbers = pd.to_numeric(pd.Series(plain, dtype=object), errors="coerce").astype(float)
        return numbers.fillna(numbers.median())

    return _table(text, date_columns, numeric_columns, number=number)


def codes_become_numbers(text, date_columns, numeric_columns):
    """The code 007 became the number 7: read every cell as text, and convert only what is named."""

    def other(column):
        filled = _mode(column)
        numbers = pd.to_numeric(filled, errors="coerce")
        return filled if numbers.isna().any() else numbers

    return _table(text, date_columns, numeric_columns, other=other)


def only_empty_cells_are_missing(text, date_columns, numeric_columns):
    """N/A, null or - is kept as if it were a text: it is a word for "missing", in
    capitals or not.
    """
    return _table(text, date_columns, numeric_columns, words=("",))


def list_of_the_reader(text, date_columns, numeric_columns):
    """The reader's own list of words for "missing" was left on, and ate #N/A: switch it off."""
    kept = _cells(text)
    words = pd.read_csv(StringIO(text), dtype=str, skip_blank_lines=False)
    cells = {name: kept[name].mask(words[name].isna()) for name in kept}
    columns = {}
    for name, column in cells.items():
        read = _dates if name in date_columns else _median if name in numeric_columns else _mode
        columns[name] = read(column)
    return pd.DataFrame(columns)


def first_seen_among_equals(text, date_columns, numeric_columns):
    """Of equally frequent texts the first in the file is taken: take the first in sorted order."""

    def other(column):
        counts = Counter(column.dropna())
        return column.fillna(counts.most_common(1)[0][0]) if counts else column

    return _table(text, date_columns, numeric_columns, other=other)


def missing_is_the_most_frequent_text(text, date_columns, numeric_columns):
    """Missing cells take part in the vote for the most frequent text: count the known
    texts only.
    """

    def other(column):
        counts = column.fillna("").value_counts()
        top = sorted(counts.index[counts == counts.max()])[:1]
        return column.fillna(top[0]) if top and column.notna().any() else column

    return _table(text, date_columns, numeric_columns, other=other)


def rows_with_gaps_are_dropped(text, date_columns, numeric_columns):
    """Rows with a missing cell are dropped: fill them, since the gaps are rarely random."""
    whole = _table(
        text, date_columns, numeric_columns, number=_numbers, other=lambda c: c
    )  # nothing is imputed
    return whole.dropna().reset_index(drop=True)


def empty_lines_are_no_rows(text, date_columns, numeric_columns):
    """Empty lines are passed over: in a file of one column each is a row with an empty cell."""
    kept = "".join(line for line in text.splitlines(keepends=True) if line.strip())
    return _table(kept, date_columns, numeric_columns)


def alphabetic_order_of_columns(text, date_columns, numeric_columns):
    """Dates, numbers and texts were put together in another order: keep the file's columns."""
    table = _table(text, date_columns, numeric_columns)
    first = [*date_columns, *numeric_columns]
    return table[[*first, *(name for name in table if name not in first)]]


def whole_numbers_only(text, date_columns, numeric_columns):
    """Amounts are cut to whole numbers: use float."""
    return _table(text, date_columns, numeric_columns, number=lambda c: np.trunc(_median(c)))
