"""`read_csv` and `clean_frame`: a frame with real types, and the report of what it took."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import IO

import numpy as np
import pandas as pd

from mlsd_kit.cleaning.columns import N_EXAMPLES, TextColumn
from mlsd_kit.cleaning.dates import parse_dates
from mlsd_kit.cleaning.numbers import as_array, is_plain_number, keeps_digits, parse_number
from mlsd_kit.cleaning.report import CleaningReport
from mlsd_kit.cleaning.table import read_texts

NA_VALUES = ("", " ", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "#N/A", "-", "?")


def read_csv(
    path: str | os.PathLike[str] | IO[str],
    *,
    date_columns: Sequence[str] = (),
    numeric_columns: Sequence[str] = (),
    na_values: Collection[str] = NA_VALUES,
    dayfirst: bool | None = None,
    errors: str = "raise",
    sep: str = ",",
    encoding: str = "utf-8",
) -> tuple[pd.DataFrame, CleaningReport]:
    """A CSV file as a frame with real types, and the report of every cell that was changed.

    The file is read as text, so nothing is lost before it is looked at; then `clean_frame` turns
    blanks into missing values and the named columns into dates and numbers. Any other column whose
    texts are all plain numbers becomes numeric, but codes with leading zeros (``00501``) stay text,
    and so do identifiers that would lose digits: beyond int64, or beyond 2**53 beside a blank.

    Parameters
    ----------
    path : str, path or open text file
        The CSV file, with one header line.
    date_columns, numeric_columns, na_values, dayfirst, errors
        As in `clean_frame`.
    sep : str, default=","
        The separator, or a regular expression such as ``r"\\s+"``.
    encoding : str, default="utf-8"
        The encoding of the file.

    Returns
    -------
    frame : DataFrame of shape (n_rows, n_columns)
        Dates are datetime64, numbers int64 or float64, texts ``str``; columns keep order and names.
    report : CleaningReport
        What was changed, per column.

    Raises
    ------
    ValueError
        If the file is empty or in another encoding, a row has more or fewer cells than the header,
        a named column is not there, or a cell cannot be read.

    Examples
    --------
    >>> from io import StringIO
    >>> file = StringIO("id,joined,TotalCharges\\n007,2024-03-05,29.85\\n008,5 Mar 2024, \\n")
    >>> frame, report = read_csv(file, date_columns=["joined"], numeric_columns=["TotalCharges"])
    >>> frame
        id     joined  TotalCharges
    0  007 2024-03-05         29.85
    1  008 2024-03-05           NaN
    >>> print(report)
    2 rows x 3 columns, 2 changes
      joined: date rewritten, 1 cell, e.g. '5 Mar 2024'
      TotalCharges: blank to missing, 1 cell, e.g. ' '
    """
    raw = read_texts(path, sep=sep, encoding=encoding)
    return _clean(raw, date_columns, numeric_columns, na_values, dayfirst, errors, infer=True)


def clean_frame(
    df: pd.DataFrame,
    *,
    date_columns: Sequence[str] = (),
    numeric_columns: Sequence[str] = (),
    na_values: Collection[str] = NA_VALUES,
    dayfirst: bool | None = None,
    errors: str = "raise",
) -> tuple[pd.DataFrame, CleaningReport]:
    """A cleaned copy of a frame, and the report of every cell that was changed.

    Only text columns and the named ones are touched; the caller's frame never is.

    Parameters
    ----------
    df : DataFrame of shape (n_rows, n_columns)
        The frame to clean.
    date_columns : sequence of str, default=()
        Columns to read as dates, in any mixture of formats (see `parse_dates`).
    numeric_columns : sequence of str, default=()
        Columns to read as numbers (see `parse_numbers`).
    na_values : collection of str, default=NA_VALUES
        Texts that mean "missing", compared before and after trimming spaces.
    dayfirst : bool or None, default=None
        How to read ``03/04/2024``; None refuses to guess.
    errors : {"raise", "coerce"}, default="raise"
        What to do with a text that is no date or number: raise, or make it missing and report it.

    Returns
    -------
    frame : DataFrame of shape (n_rows, n_columns)
        Same rows, columns, order and names.
    report : CleaningReport
        What was changed, per column.

    Raises
    ------
    ValueError
        If a named column is not there or a cell cannot be read.

    Examples
    --------
    >>> df = pd.DataFrame({"spend": ["$1,200", "n/a", "7"], "city": ["Bern ", "Basel", "Bern"]})
    >>> frame, report = clean_frame(df, numeric_columns=["spend"])
    >>> frame["spend"].tolist(), frame["city"].tolist()
    ([1200.0, nan, 7.0], ['Bern', 'Basel', 'Bern'])
    >>> report.count("spend", "blank to missing"), report.count("city")
    (1, 1)
    """
    return _clean(df, date_columns, numeric_columns, na_values, dayfirst, errors, infer=False)


def _clean(
    df: pd.DataFrame,
    date_columns: Sequence[str],
    numeric_columns: Sequence[str],
    na_values: Collection[str],
    dayfirst: bool | None,
    errors: str,
    *,
    infer: bool,
) -> tuple[pd.DataFrame, CleaningReport]:
    if errors not in ("raise", "coerce"):
        raise ValueError(f'errors must be "raise" or "coerce", got {errors!r}.')
    _check_columns(df, date_columns=date_columns, numeric_columns=numeric_columns)
    out, changes = df.copy(), []
    for name in df.columns:
        column = df[name]
        wanted = name in date_columns or name in numeric_columns
        if not (pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)):
            if name in date_columns and not pd.api.types.is_datetime64_any_dtype(column):
                raise ValueError(f"date_columns: column {name!r} holds {column.dtype}, not text.")
            continue
        text = TextColumn(name, column)
        _blanks_to_missing(text, na_values)
        if name in date_columns:
            out[name] = _dates(text, dayfirst, errors)
        elif wanted or (infer and _is_numeric(text)):
            out[name] = _numbers(text, errors)
        else:
            _trim(text)
            out[name] = text.text(df.index)
        changes += text.changes
    return out, CleaningReport(tuple(changes), *out.shape)


def _check_columns(df: pd.DataFrame, **named: Sequence[str]) -> None:
    if not df.columns.is_unique:
        raise ValueError("df has two columns of the same name: rename one.")
    for argument, names in named.items():
        if isinstance(names, str):
            raise ValueError(f"{argument} must be a list of names, got the text {names!r}.")
        if missing := [name for name in names if name not in df.columns]:
            raise ValueError(f"{argument} names {missing}, but the columns are {list(df.columns)}.")


def _blanks_to_missing(column: TextColumn, na_values: Collection[str]) -> None:
    blanks = set(na_values)
    gone = column.mark(lambda v: isinstance(v, str) and (v in blanks or v.strip() in blanks))
    column.note("blank to missing", gone)
    column.drop(gone)


def _trim(column: TextColumn) -> None:
    column.note("spaces trimmed", column.mark(lambda v: isinstance(v, str) and v != v.strip()))
    column.texts = np.array(
        [v.strip() if isinstance(v, str) else v for v in column.texts] + [None], dtype=object
    )[:-1]


def _dates(column: TextColumn, dayfirst: bool | None, errors: str) -> np.ndarray:
    try:
        values = parse_dates(column.texts, dayfirst=dayfirst, errors=errors)
    except ValueError as error:
        raise ValueError(f"column {column.name!r}: {error}") from None
    lost = np.isnat(values)
    iso = np.datetime_as_string(values, unit="D") if len(values) else values.astype(str)
    full = np.datetime_as_string(values, unit="s") if len(values) else iso
    same = [
        t in (d, f) or t == f.replace("T", " ")
        for t, d, f in zip(column.texts, iso, full, strict=True)
    ]
    column.note("date rewritten", ~lost & ~np.array(same, dtype=bool))
    column.note("unreadable to missing", lost)
    return column.spread(values, np.datetime64("NaT"))


def _is_numeric(column: TextColumn) -> bool:
    """Whether a column nobody named holds numbers, and none that a number type would change."""
    if not len(column.texts) or not column.mark(is_plain_number).all():
        return False
    values = [parse_number(text) for text in column.texts]
    return bool(keeps_digits(values, missing=column.has_missing).all())


def _numbers(column: TextColumn, errors: str) -> np.ndarray:
    values = [parse_number(v) if isinstance(v, str) else v for v in column.texts]
    lost = np.array([value is None for value in values], dtype=bool)
    if lost.any() and errors == "raise":
        bad = ", ".join(f"{text!r:.60}" for text in column.texts[lost][:N_EXAMPLES])
        raise ValueError(
            f'column {column.name!r}: not numbers: {bad}: correct them or pass errors="coerce".'
        )
    cut = ~keeps_digits(values, missing=column.has_missing)
    if cut.any():
        raise ValueError(
            f"column {column.name!r}: {column.texts[cut][0]!r:.60} has more digits than a number "
            "of this column keeps: leave the column out of numeric_columns, it stays text."
        )
    dressed = column.mark(lambda v: isinstance(v, str) and not is_plain_number(v.strip()))
    column.note("number rewritten", dressed & ~lost)
    column.note("unreadable to missing", lost)
    return column.spread(as_array(values), np.nan)
