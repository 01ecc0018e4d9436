"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import csv
import re
import statistics
from collections import Counter
from datetime import datetime
from io import StringIO

import numpy as np
import pandas as pd

WORDS = {"", "na", "n/a", "nan", "null", "none", "-"}


def with_the_csv_module(text, date_columns, numeric_columns):
    """Plain Python, cell by cell."""

    def date(cell):
        for form in ("%Y-%m-%d", "%d/%m/%Y", "%d %b %Y"):
            try:
                return datetime.strptime(cell or "", form)
            except ValueError:
                pass
        return None

    def number(cell):
        try:
            return float((cell or "").replace(",", ""))
        except ValueError:
            return None

    header, *rows = csv.reader(StringIO(text))
    rows = [row or [""] for row in rows]
    table = {}
    for name, *cells in zip(header, *rows, strict=True):
        cells = [None if c.strip().lower() in WORDS else c.strip() for c in cells]
        if name in date_columns:
            table[name] = pd.Series([date(c) for c in cells], dtype="datetime64[ns]")
        elif name in numeric_columns:
            numbers = [number(c) for c in cells]
            known = [v for v in numbers if v is not None]
            middle = statistics.median(known) if known else None
            filled = [middle if v is None else v for v in numbers]
            table[name] = pd.Series(filled, dtype=float)
        else:
            counts = Counter(c for c in cells if c is not None)
            top = min(counts, key=lambda c: (-counts[c], c)) if counts else None
            table[name] = pd.Series([top if c is None else c for c in cells], dtype=object)
    return pd.DataFrame(table)


def with_regular_expressions(text, date_columns, numeric_columns):
    """Every date rewritten to the one form that needs no guessing."""
    months = "janfebmaraprmayjunjulaugsepoctnovdec"

    def iso(cell):
        cell = cell.lower()
        if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", cell):
            return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}"
        if found := re.fullmatch(r"(\d{1,2}) ([a-z]{3}) (\d{4})", cell):
            at = months.find(found[2])
            month = at // 3 + 1 if at % 3 == 0 else 13
            return f"{found[3]}-{month:02d}-{int(found[1]):02d}"
        return cell

    as_text = {"dtype": str, "keep_default_na": False, "skip_blank_lines": False}
    raw = pd.read_csv(StringIO(text), skipinitialspace=True, **as_text)
    for name in raw.columns:
        known = [c.strip() for c in raw[name]]
        gap = pd.Series([c.lower() in WORDS for c in known], dtype=bool)
        if name in date_columns:
            stamps = [iso(c) for c in known]
            raw[name] = pd.to_datetime(pd.Series(stamps), format="%Y-%m-%d", errors="coerce")
        elif name in numeric_columns:
            plain = pd.Series(known, dtype=object).str.replace(",", "").where(~gap)
            numbers = pd.to_numeric(plain, errors="coerce").astype(float)
            raw[name] = numbers.where(numbers.notna(), numbers.quantile(0.5))
        else:
            texts = pd.Series(known, dtype=object).where(~gap)
            counts = texts.dropna().value_counts().sort_index()
            raw[name] = texts.fillna(counts.idxmax()) if len(counts) else texts
    return raw


def with_numpy(text, date_columns, numeric_columns):
    """Columns as arrays, gaps as masks."""
    header, *rows = list(csv.reader(StringIO(text)))
    table = {}
    for at, name in enumerate(header):
        cells = np.array([row[at].strip() if row else "" for row in rows], dtype=object)
        gap = np.array([cell.lower() in WORDS for cell in cells], dtype=bool)
        if name in date_columns:
            found = np.full(len(cells), np.datetime64("NaT"), dtype="datetime64[s]")
            for i, cell in enumerate(cells):
                for form in ("%Y-%m-%d", "%d/%m/%Y", "%d %b %Y"):
                    stamp = pd.to_datetime(cell, format=form, errors="coerce")
                    found[i] = found[i] if pd.isna(stamp) else np.datetime64(stamp, "s")
            table[name] = found
        elif name in numeric_columns:
            numbers = np.full(len(cells), np.nan)
            for i in np.flatnonzero(~gap):
                try:
                    numbers[i] = float(cells[i].replace(",", ""))
                except ValueError:
                    continue
            known = numbers[~np.isnan(numbers)]
            numbers[np.isnan(numbers)] = np.median(known) if len(known) else np.nan
            table[name] = numbers
        else:
            texts, counts = np.unique(cells[~gap].astype(str), return_counts=True)
            cells[gap] = texts[counts.argmax()] if len(texts) else None
            table[name] = cells
    return pd.DataFrame(table, columns=header)
