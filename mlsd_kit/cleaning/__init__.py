"""Read a CSV file, make mixed dates one, turn blanks into missing values, and say what changed."""

from __future__ import annotations

from mlsd_kit.cleaning.dates import parse_dates
from mlsd_kit.cleaning.frame import NA_VALUES, clean_frame, read_csv
from mlsd_kit.cleaning.numbers import parse_numbers
from mlsd_kit.cleaning.report import Change, CleaningReport

__all__ = [
    "NA_VALUES",
    "Change",
    "CleaningReport",
    "clean_frame",
    "parse_dates",
    "parse_numbers",
    "read_csv",
]
