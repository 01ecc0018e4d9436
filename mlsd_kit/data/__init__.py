"""Data sets by name: ``load("telco")`` is a typed DataFrame, fetched, checked and cached.

Each has a folder under ``datasets/`` with a ``datasheet.toml``: what a row is, where the file
comes from, its hashes, licences, traps, and the schema every load is checked against.
"""

from __future__ import annotations

from mlsd_kit.data.datasheets import Column, Datasheet, Source, datasheet, names
from mlsd_kit.data.errors import (
    ArchiveError,
    CacheError,
    DataError,
    DatasheetError,
    FetchError,
    MissingPackageError,
    SchemaError,
    SimulatorError,
    UnknownDatasetError,
    WrongHashError,
)
from mlsd_kit.data.fetching import fetch, is_cached, path
from mlsd_kit.data.loading import load, verify

__all__ = [
    "ArchiveError",
    "CacheError",
    "Column",
    "DataError",
    "Datasheet",
    "DatasheetError",
    "FetchError",
    "MissingPackageError",
    "SchemaError",
    "SimulatorError",
    "Source",
    "UnknownDatasetError",
    "WrongHashError",
    "datasheet",
    "fetch",
    "is_cached",
    "load",
    "names",
    "path",
    "verify",
]
