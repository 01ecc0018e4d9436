"""What a system promises to those who read from it: topics, tables and keys, as declarations.

The same objects that a system creates its topics and tables from are shown to the reader, by
`mlsd_kit.curriculum.contract`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, get_type_hints


@dataclass(frozen=True)
class Topic:
    """A topic of a broker and the events in it.

    Parameters
    ----------
    name : str
        Its name at the broker.
    event : mapping of str to type or str, or a class with annotations
        The fields of an event and their types: a dataclass or a TypedDict will do.
    key : str
        The field whose value decides the partition: events with the same one stay in order.
    partitions : int
        How many there are.
    kept : str
        How long, in words: ``"7 days"``, ``"while the broker runs"``.

    Raises
    ------
    ValueError
        If the key is no field of the event.

    Examples
    --------
    >>> Topic("payments", {"id": int, "card": str}, key="card", partitions=4, kept="7 days").fields
    (('id', 'int'), ('card', 'str'))
    """

    name: str
    event: Mapping[str, type | str] | type
    key: str
    partitions: int
    kept: str

    def __post_init__(self) -> None:
        names = [name for name, _ in self.fields]
        if self.key not in names:
            raise ValueError(
                f"Topic {self.name!r} has the key {self.key!r}, which is no field of its events: "
                f"{', '.join(names)}."
            )

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Name and type of every field."""
        event = get_type_hints(self.event) if isinstance(self.event, type) else self.event
        return tuple((name, _type_name(kind)) for name, kind in event.items())


@dataclass(frozen=True)
class Column:
    """A column of a table, as the database describes it."""

    name: str
    type: str
    key: bool
    """Whether it belongs to the primary key."""
    empty: bool
    """Whether it may be NULL."""


@dataclass(frozen=True)
class StoredTable:
    """A table of a database, described by the database itself.

    Parameters
    ----------
    name : str
        The table.
    source : connection or str
        An open connection of psycopg, DuckDB or sqlite3; or the text of its CREATE TABLE.
    kept : str
        How long rows stay, in words.

    Examples
    --------
    >>> ddl = "CREATE TABLE lists (night DATE NOT NULL, user_id INT, PRIMARY KEY (night, user_id))"
    >>> [(c.name, c.type, c.key) for c in StoredTable("lists", ddl, kept="two nights").columns()]
    [('night', 'DATE', True), ('user_id', 'INT', True)]
    """

    name: str
    source: Any
    kept: str

    def columns(self) -> tuple[Column, ...]:
        """Its columns in order.

        Raises
        ------
        ValueError
            If there is no such table, or its text is not understood.
        """
        if not isinstance(self.source, str):
            return _columns(self.source, self.name)
        with closing(sqlite3.connect(":memory:")) as database:
            try:
                database.executescript(self.source)
            except sqlite3.Error as error:
                raise ValueError(
                    f"The CREATE TABLE of {self.name!r} is not understood ({error}): "
                    "give an open connection instead."
                ) from None
            return _columns(database, self.name)


@dataclass(frozen=True)
class Keys:
    """The layout of one kind of key in a store like Redis, checked against a key that is there.

    Parameters
    ----------
    pattern : str
        The key with its variable part in braces: ``"list:{user}"``.
    holds : str
        What lies under it, in words.
    kept : int or None
        Seconds until it expires; None for ever.
    """

    pattern: str
    holds: str
    kept: int | None

    def checked(self, client: Any, example: str) -> Keys:
        """Itself, once a key of the running store was seen to agree.

        Raises
        ------
        ValueError
            If ``example`` is not of the pattern, is not there, or expires at another time.
        """
        start, _, end = self.pattern.partition("{")
        _, _, end = end.partition("}")
        if not (example.startswith(start) and example.endswith(end)):
            raise ValueError(f"{example!r} is no key of the kind {self.pattern!r}.")
        left = client.ttl(example)  # -2: not there, -1: for ever
        if left == -2:
            raise ValueError(f"{example!r} is not in the store.")
        if (self.kept is None) != (left == -1) or (self.kept is not None and left > self.kept):
            raise ValueError(f"{example!r} expires in {left} s, and the contract says {self.kept}.")
        return self


def _type_name(kind: Any) -> str:
    if isinstance(kind, str):
        return kind
    return kind.__name__ if isinstance(kind, type) and not hasattr(kind, "__args__") else str(kind)


def _columns(connection: Any, table: str) -> tuple[Column, ...]:
    if isinstance(connection, sqlite3.Connection):
        rows = connection.execute("SELECT * FROM pragma_table_info(?)", (table,)).fetchall()
        found = tuple(
            Column(name, type_, bool(key), not required and not key)
            for _, name, type_, required, _, key in rows
        )
    else:
        mark = "?" if type(connection).__module__.split(".")[0] in ("duckdb", "_duckdb") else "%s"
        columns = connection.execute(
            "SELECT column_name, data_type, is_nullable FROM information_schema.columns "
            f"WHERE table_name = {mark} ORDER BY ordinal_position",
            (table,),
        ).fetchall()
        keys = connection.execute(
            "SELECT column_name FROM information_schema.key_column_usage "
            "JOIN information_schema.table_constraints USING (constraint_name, table_name) "
            f"WHERE constraint_type = 'PRIMARY KEY' AND table_name = {mark}",
            (table,),
        ).fetchall()
        key = {name for (name,) in keys}
        found = tuple(Column(n, t, n in key, empty == "YES") for n, t, empty in columns)
    if not found:
        raise ValueError(f"The database has no table {table!r}.")
    return found
