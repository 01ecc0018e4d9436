"""What can go wrong with data: each is one sentence that names the thing and the cure."""

from __future__ import annotations


class DataError(RuntimeError):
    """A data set cannot be had; the message is one sentence with the cure."""


class UnknownDatasetError(DataError):
    """No datasheet has that name."""


class DatasheetError(DataError):
    """A ``datasheet.toml`` is malformed."""


class FetchError(DataError):
    """The archive could not be downloaded: no network, no pip, or it took too long."""


class MissingPackageError(FetchError):
    """The registry does not offer the package in that version."""


class WrongHashError(DataError):
    """A file is not the one whose SHA-256 the datasheet records."""


class ArchiveError(DataError):
    """An archive cannot be opened, or lacks the file the datasheet names."""


class CacheError(DataError):
    """The cache folder cannot be written, or another process holds it for too long."""


class SchemaError(DataError):
    """The table differs from the schema: columns, types, missing values, ranges or rows."""


class SimulatorError(DataError):
    """A simulator cannot be found, or a seed was given to data that are not simulated."""
