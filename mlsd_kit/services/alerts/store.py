"""What turns observations into pages: deduplication, grouping, severity, acknowledgement."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from mlsd_kit.services.errors import ServiceError

Outcome = Literal["paged", "joined", "escalated", "suppressed"]

SEVERITIES = {"warning": 1.0, "critical": 2.0}
"""Least score, in multiples of the detector's threshold."""

_OF_THE_DISK = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
}
_TABLES = """
CREATE TABLE IF NOT EXISTS pages (id TEXT PRIMARY KEY, opened INTEGER, severity TEXT, by TEXT);
CREATE TABLE IF NOT EXISTS hosts (host TEXT PRIMARY KEY, last INTEGER, page TEXT);
CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY, id TEXT UNIQUE, body TEXT,
    attempts INTEGER DEFAULT 0, due REAL DEFAULT 0, state TEXT DEFAULT 'waiting');
CREATE TABLE IF NOT EXISTS progress (name TEXT PRIMARY KEY, value INTEGER);
CREATE TABLE IF NOT EXISTS aside (source TEXT, number INTEGER, reason TEXT, text TEXT,
    PRIMARY KEY (source, number));
"""


class AlertStoreError(ServiceError):
    """The file cannot be read or written; the message says what to do, and that nothing is lost."""


class Aside(NamedTuple):
    """An observation that could not be read: from where, its number there, why, and its text."""

    source: str
    number: int
    reason: str
    text: str


class Message(NamedTuple):
    """One message to be delivered; ``id`` is the same in every attempt."""

    id: str
    body: dict[str, Any]
    attempts: int


class AlertStore:
    """Pages and the messages about them, in one file that survives a crash.

    The rules, in this order:

    - *deduplication*: a host that was seen within ``cooldown`` goes on with its page, silently;
    - *severity*: if such a page becomes worse and nobody has acknowledged it, one message says so;
    - *grouping*: a new host within ``group`` of the newest page's opening joins that page, with an
      update to it: an attack that touches twenty hosts is one page;
    - anything else opens a page.

    An acknowledged page keeps its hosts quiet for ``quiet`` after each observation.

    Messages go to an *outbox* in the same transaction as what caused them, so neither can exist
    without the other; `Delivery` empties it.

    Parameters
    ----------
    path : path
        The file; made if it is not there.
    cooldown, group, quiet : int
        Seconds of event time.

    Raises
    ------
    AlertStoreError
        From here and from every method, if the disk is full or the file cannot be read or written.
        What was under way is taken back as a whole: try it again once there is space.

    >>> store = AlertStore(":memory:")
    >>> store.observe("10.0.0.1", 0, score=1.2, reason="uploads")
    'paged'
    >>> store.observe("10.0.0.1", 300, score=1.1, reason="uploads")
    'suppressed'
    >>> store.observe("10.0.0.2", 300, score=1.5, reason="in_failed")
    'joined'
    >>> [message.body["kind"] for message in store.due(now=0)]
    ['page', 'update']
    """

    def __init__(
        self,
        path: str | Path,
        *,
        cooldown: int = 3600,
        group: int = 900,
        quiet: int = 4 * 3600,
    ) -> None:
        self.cooldown, self.group, self.quiet = cooldown, group, quiet
        self.path = path
        with self._saying():
            self._database = sqlite3.connect(path, timeout=30, isolation_level=None)
        with self._saying():
            self._database.execute("PRAGMA journal_mode = WAL")  # readers wait for no writer
            # after a power cut the last moments may be gone, all together: they are read again
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.executescript(_TABLES)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that happens inside is kept, or, after an error or a crash, nothing of it."""
        self._execute("BEGIN IMMEDIATE")
        try:
            yield
            self._execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:  # a full disk may have ended it already
                self._database.execute("ROLLBACK")
            raise

    def observe(self, host: str, at: int, *, score: float, reason: str, model: str = "") -> Outcome:
        """Take in that a host was anomalous at ``at`` [s]; ``score`` is in thresholds.

        ``model`` names the version that says so; it is part of the message.

        An observation that comes late belongs to the page that its host has by now.

        Raises
        ------
        ValueError
            If ``score`` is no finite number: it would not fit into a message.
        """
        if not math.isfinite(score):
            raise ValueError(f"score must be a finite number, got {score!r} for host {host!r}.")
        severity = _severity(score)
        body = {"host": host, "at": at, "score": round(score, 2), "reason": reason}
        if model:
            body["model"] = model
        known = self._one("SELECT last, page FROM hosts WHERE host = ?", host)
        if known:
            page = self._one("SELECT id, opened, severity, by FROM pages WHERE id = ?", known[1])
            if at - known[0] <= (self.quiet if page[3] else self.cooldown):
                self._seen(host, at, page[0])
                worse = SEVERITIES[severity] > SEVERITIES[page[2]]
                return (
                    self._escalate(page[0], severity, body)
                    if worse and not page[3]
                    else ("suppressed")
                )
        newest = self._one("SELECT id, opened FROM pages ORDER BY opened DESC, rowid DESC LIMIT 1")
        if newest and abs(at - newest[1]) <= self.group:
            self._seen(host, at, newest[0])
            self._send(f"{newest[0]}+{host}", newest[0], "update", severity, body)
            return "joined"
        page_id = f"{at}-{host}"
        self._execute("INSERT INTO pages VALUES (?, ?, ?, NULL)", (page_id, at, severity))
        self._seen(host, at, page_id)
        self._send(page_id, page_id, "page", severity, body)
        return "paged"

    def acknowledge(self, page: str, by: str) -> None:
        """Somebody takes care of a page.

        Raises
        ------
        KeyError
            If there is no such page.
        """
        done = self._execute("UPDATE pages SET by = ? WHERE id = ?", (by, page))
        if not done.rowcount:
            raise KeyError(f"there is no page {page!r}")

    def pages(self) -> list[dict[str, Any]]:
        """All pages, oldest first, with their hosts."""
        rows = self._execute("SELECT id, opened, severity, by FROM pages ORDER BY opened")
        keys = ("id", "opened", "severity", "acknowledged_by")
        pages = [dict(zip(keys, row, strict=True)) | {"hosts": []} for row in rows.fetchall()]
        hosts = {page["id"]: page["hosts"] for page in pages}
        for (text,) in self._execute("SELECT body FROM outbox ORDER BY number").fetchall():
            body = json.loads(text)
            if body["host"] not in hosts[body["page"]]:
                hosts[body["page"]].append(body["host"])
        return pages

    def due(self, now: float, longest: float = math.inf) -> list[Message]:
        """Messages to be sent by ``now`` [s], oldest first.

        Nobody waits for more than ``longest`` seconds: a moment later than that was set before the
        clock went back, and has come.
        """
        query = "SELECT id, body, attempts FROM outbox WHERE state = 'waiting'"
        query = f"{query} AND (due <= ? OR due > ?) ORDER BY number"
        rows = self._execute(query, (now, now + longest)).fetchall()
        return [Message(id_, json.loads(body), attempts) for id_, body, attempts in rows]

    def settle(self, message: str, state: Literal["delivered", "refused"]) -> None:
        """A message needs no further attempt."""
        self._execute("UPDATE outbox SET state = ? WHERE id = ?", (state, message))

    def postpone(self, message: str, due: float) -> None:
        """An attempt failed; try again at ``due`` [s]."""
        query = "UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ?"
        self._execute(query, (due, message))

    def count(self, state: Literal["waiting", "delivered", "refused"]) -> int:
        """How many messages are in a state."""
        return int(self._one("SELECT count(*) FROM outbox WHERE state = ?", state)[0])

    def progress(self, name: str, default: int) -> int:
        """A number that was kept with `set_progress`."""
        row = self._one("SELECT value FROM progress WHERE name = ?", name)
        return int(row[0]) if row else default

    def set_progress(self, name: str, value: int) -> None:
        """Keep a number: how far a reader has come."""
        self._execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", (name, value))

    def set_aside(self, source: str, number: int, reason: str, text: str) -> None:
        """Keep what could not be read; the same number of a source is kept once."""
        self._execute(
            "INSERT OR IGNORE INTO aside VALUES (?, ?, ?, ?)", (source, number, reason, text)
        )

    def aside(self) -> list[Aside]:
        """All that could not be read, in order."""
        rows = self._execute("SELECT * FROM aside ORDER BY source, number").fetchall()
        return [Aside(*row) for row in rows]

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _escalate(self, page: str, severity: str, body: dict[str, Any]) -> Outcome:
        self._execute("UPDATE pages SET severity = ? WHERE id = ?", (severity, page))
        self._send(f"{page}!{severity}", page, "escalation", severity, body)
        return "escalated"

    def _seen(self, host: str, at: int, page: str) -> None:
        # a late observation does not make the host's newest one forgotten
        self._execute(
            "INSERT INTO hosts VALUES (?, ?, ?) ON CONFLICT (host) DO UPDATE "
            "SET last = max(last, excluded.last), page = excluded.page",
            (host, at, page),
        )

    def _send(self, id_: str, page: str, kind: str, severity: str, body: dict[str, Any]) -> None:
        text = json.dumps({"id": id_, "page": page, "kind": kind, "severity": severity, **body})
        # a host may join the same page twice; the receiver is told once
        query = "INSERT OR IGNORE INTO outbox (id, body) VALUES (?, ?)"
        self._execute(query, (id_, text))

    def _execute(self, query: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        with self._saying():
            return self._database.execute(query, values)

    @contextmanager
    def _saying(self) -> Iterator[None]:
        """Say in a sentence what to do where a file or its disk is the cause."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _OF_THE_DISK:
                raise
            raise AlertStoreError(
                f"{self.path}: {error}: free space on its disk and see that this user may write "
                "there. Nothing is lost: what was under way is taken back, and comes again."
            ) from error

    def _one(self, query: str, *values: Any) -> Any:
        return self._execute(query, values).fetchone()


def _severity(score: float) -> str:
    return max(
        (name for name in SEVERITIES if score >= SEVERITIES[name] or name == "warning"),
        key=SEVERITIES.__getitem__,
    )
