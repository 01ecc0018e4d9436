"""JSON files of many objects as tables: a datasheet asks with ``format = "json"``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd


def read(file: Path, columns: Sequence[str]) -> pd.DataFrame:
    """A JSON array of objects, or an object whose values are objects, as a table.

    Parameters
    ----------
    file : Path
        Encoded in UTF-8.
    columns : sequence of str
        The keys to read; every object must have them, and others are left.

    Returns
    -------
    DataFrame of shape (objects, columns)
        Lists and objects stay JSON text, so that every cell is one value; null is missing.

    Raises
    ------
    ValueError
        If the file is no JSON of that form, or an object lacks a key.
    """
    content = json.loads(file.read_text(encoding="utf-8"))
    records = list(content.values()) if isinstance(content, dict) else content
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise ValueError("it is no JSON array of objects")
    for at, record in enumerate(records):
        if missing := [key for key in columns if key not in record]:
            raise ValueError(f"object {at} has no {missing[0]!r}")
    return pd.DataFrame({key: [_cell(record[key]) for record in records] for key in columns})


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
