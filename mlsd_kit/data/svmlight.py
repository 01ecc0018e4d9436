"""Judged lists in the svmlight format: ``grade qid:query 1:value 2:value …``, a line a document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd


def read(file: Path, columns: Sequence[str]) -> pd.DataFrame:
    """A file of judged lists as a table: grade, query, and a column for each feature.

    The format is sparse, so a feature that a line leaves out is 0. Features are numbered from 1.

    Parameters
    ----------
    file : Path
        Text; whatever follows ``#`` in a line is a comment, and blank lines are skipped.
    columns : sequence of str
        Names of the grade, of the query, and of feature 1, 2, and so on.

    Returns
    -------
    DataFrame of shape (lines, len(columns))
        Grade and query are int64, features float64.

    Raises
    ------
    ValueError
        Naming the line that is not of this form, or has a feature without a name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "lists.txt")
    ...     _ = file.write_text("2 qid:7 1:0.5 3:4\\n0 qid:7 2:1 # seen twice\\n")
    ...     read(file, ["grade", "query", "a", "b", "c"])
       grade  query    a    b    c
    0      2      7  0.5  0.0  4.0
    1      0      7  0.0  1.0  0.0
    """
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = [(n, words) for n, line in enumerate(lines, 1) if (words := line.split("#")[0].split())]
    judged = np.zeros((len(rows), 2), dtype=np.int64)
    features = np.zeros((len(rows), len(columns) - 2))
    for row, (number, words) in enumerate(rows):
        try:
            judged[row] = int(words[0]), int(words[1].removeprefix("qid:"))
            _fill(features[row], words[2:])
        except (ValueError, IndexError) as error:
            form = "grade qid:query 1:value 2:value …"
            raise ValueError(f"line {number} is not of the form '{form}' ({error})") from None
    table = pd.DataFrame(features, columns=list(columns[2:]))
    table.insert(0, columns[0], judged[:, 0])
    table.insert(1, columns[1], judged[:, 1])
    return table


def _fill(row: np.ndarray, pairs: list[str]) -> None:
    """Write the values of ``number:value`` into their places."""
    if not pairs:
        return
    if any(pair.count(":") != 1 for pair in pairs):
        raise ValueError("a feature without its number")
    flat = ":".join(pairs).split(":")
    place = np.array(flat[::2], dtype=np.int64) - 1
    if place.min() < 0 or place.max() >= len(row):
        raise ValueError(f"features are numbered from 1 to {len(row)}")
    if len(np.unique(place)) < len(place):
        raise ValueError("a feature stands twice")
    row[place] = np.array(flat[1::2], dtype=np.float64)
