"""A CSV file as a table of texts: every row has the cells of the header, or the line is named."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from typing import IO

import pandas as pd
from pandas.io.common import get_handle


def read_texts(
    path: str | os.PathLike[str] | IO[str], *, sep: str = ",", encoding: str = "utf-8"
) -> pd.DataFrame:
    """The file's cells as they stand, under the names of its header line.

    A reader that pads short rows, or takes a first cell too many for a row's name, moves values
    into other columns without a word: here a row of another length is an error.

    Parameters
    ----------
    path : str, path or open text file
        The file, compressed or not (by its ending); any of the three kinds of line end; a byte
        order mark is skipped.
    sep : str, default=","
        The separator: one character, whose cells may be quoted, or a regular expression.
    encoding : str, default="utf-8"
        Of the file.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns), dtype str
        An empty line is a row with an empty cell if there is one column, else no row.

    Raises
    ------
    ValueError
        If the file is empty, is not in ``encoding``, has a row longer or shorter than its header,
        or ends inside quotes: the sentence names file, line and cure.

    Examples
    --------
    >>> read_texts(io.StringIO("plan,price\\nbasic,007\\n")).values.tolist()
    [['basic', '007']]
    >>> read_texts(io.StringIO("id,age\\n1,30,\\n"))
    Traceback (most recent call last):
        ...
    ValueError: the file, line 2: 3 cells, but the header has 2: remove the separator at its end.
    """
    name = "the file" if hasattr(path, "read") else f"{os.fspath(path)}"
    rows = _rows(_text(path, encoding, name), sep, name)
    header = next((cells for _, cells in rows if cells), None)
    if header is None:
        raise ValueError(f"{name} is empty: it needs a header line.")
    width = len(header)
    kept = []
    for line, cells in rows:
        if len(cells) == width:
            kept.append(cells)
        elif cells:
            raise ValueError(f"{name}, line {line}: {_ragged(cells, width)}")
        elif width == 1:  # the one cell of this row is empty
            kept.append([""])
    columns = [cell or f"Unnamed: {number}" for number, cell in enumerate(header)]
    if twins := sorted({column for column in columns if columns.count(column) > 1}):
        raise ValueError(f"{name} has more than one column named {twins[0]!r}: rename one.")
    return pd.DataFrame(kept, columns=columns, dtype="str")


def _text(path: str | os.PathLike[str] | IO[str], encoding: str, name: str) -> str:
    try:
        with get_handle(path, "r", encoding=encoding, compression="infer") as handles:
            text = handles.handle.read()
    except UnicodeError as error:
        raise ValueError(
            f"{name} is not encoded in {encoding} ({error}): pass its encoding, for example "
            'encoding="cp1252" for a file from a Windows spreadsheet.'
        ) from None
    text = text.decode(encoding) if isinstance(text, bytes) else text
    return text.removeprefix("\ufeff")


def _rows(text: str, sep: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each row's last line and its cells; no cells for an empty line."""
    lines = io.StringIO(text, newline="")  # knows all three kinds of line end
    if len(sep) > 1:
        # blanks at the ends of a line are no cells where blanks separate
        ends = None if re.fullmatch(sep, " ") else "\r\n"
        for number, line in enumerate(lines, 1):
            kept = line.strip(ends)
            yield number, re.split(sep, kept) if kept else []
        return
    reader = csv.reader(lines, delimiter=sep, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise ValueError(
            f"{name}, line {reader.line_num}: {error}: close the quotes of a cell, and double "
            "those inside it."
        ) from None


def _ragged(cells: list[str], width: int) -> str:
    found = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}, but the header has {width}"
    if len(cells) == width + 1 and not cells[-1]:
        return f"{found}: remove the separator at its end."
    if len(cells) < width:
        return f"{found}: add what is missing, or its separators."
    return f"{found}: quote a cell that holds the separator, or remove what is too much."
