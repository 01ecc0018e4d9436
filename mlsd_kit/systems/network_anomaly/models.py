"""Which detector is in use: versions are kept for ever, and the released one can be taken back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from mlsd_kit.systems.network_anomaly.limits import Limits

TABLES = """
CREATE TABLE IF NOT EXISTS models (version TEXT PRIMARY KEY, detector TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS releases (number INTEGER PRIMARY KEY, version TEXT NOT NULL);
"""


class Models:
    """The versions of a detector in the file of the alert store, and which of them is released.

    A worker asks before each batch, so a release takes effect without a restart.

    Examples
    --------
    >>> models, detector = Models(":memory:"), Limits.from_json(
    ...     '{"limits": [2, 2, 2, 2, 2, 2, 2, 2, 2, 2], "threshold": 1.5}')
    >>> for version in ("march", "april"):
    ...     models.register(version, detector)
    ...     models.release(version)
    >>> models.roll_back(), models.released()[0]
    ('march', 'march')
    """

    def __init__(self, file: str | Path) -> None:
        self._database = sqlite3.connect(file, timeout=30, isolation_level=None)
        self._database.executescript(TABLES)
        self._read: dict[str, Limits] = {}

    def register(self, version: str, detector: Limits) -> None:
        """Keep a version.

        Raises
        ------
        sqlite3.IntegrityError
            If there is one of that name: versions do not change.
        """
        row = (version, detector.to_json())
        self._database.execute("INSERT INTO models VALUES (?, ?)", row)

    def release(self, version: str) -> None:
        """Use a version from now on.

        Raises
        ------
        KeyError
            If it is not registered.
        """
        self._load(version)
        self._database.execute("INSERT INTO releases (version) VALUES (?)", (version,))

    def roll_back(self) -> str:
        """Release what was in use before the newest release; returns its version.

        Raises
        ------
        LookupError
            If there is nothing to go back to.
        """
        newest = "SELECT version FROM releases ORDER BY number DESC LIMIT 2"
        rows = self._database.execute(newest).fetchall()
        if len(rows) < 2:
            raise LookupError("there is no earlier release to go back to.")
        self.release(rows[1][0])
        return str(rows[1][0])

    def released(self) -> tuple[str, Limits]:
        """The version in use and its detector.

        Raises
        ------
        LookupError
            If none was released.
        """
        newest = "SELECT version FROM releases ORDER BY number DESC LIMIT 1"
        row = self._database.execute(newest).fetchone()
        if row is None:
            raise LookupError("no detector was released.")
        return row[0], self._load(row[0])

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _load(self, version: str) -> Limits:
        if version not in self._read:
            query = "SELECT detector FROM models WHERE version = ?"
            row = self._database.execute(query, (version,)).fetchone()
            if row is None:
                raise KeyError(f"there is no version {version!r}")
            self._read[version] = Limits.from_json(row[0])
        return self._read[version]
