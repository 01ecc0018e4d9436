"""The contract of a system, rendered from what runs: its API, its topics, its tables, its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlsd_kit.curriculum.sheets import Sheet, Table
from mlsd_kit.services.contracts import Keys, StoredTable, Topic

if TYPE_CHECKING:
    from fastapi import FastAPI

_LIMITS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
    "minLength": "letters at least",
    "maxLength": "letters at most",
    "default": "default",
}


def contract(*parts: FastAPI | Topic | StoredTable | Keys) -> Sheet:
    """Show what callers and readers may rely on, taken from the running code.

    Parameters
    ----------
    *parts : FastAPI, Topic, StoredTable or Keys
        A service: its routes with parameters, answers and error codes, as ``app.openapi()`` has
        them. A topic: fields, key, partitions, how long it is kept. A table: columns and key as
        the database describes them. Keys of a store: layout and time to live.

    Raises
    ------
    ValueError
        If nothing is given, or a table is not there.
    TypeError
        If a part is none of these.

    Examples
    --------
    >>> from mlsd_kit.services.contracts import Topic
    >>> contract(Topic("clicks", {"user": int, "at": "seconds"}, "user", 4, "7 days"))
    Contract
    <BLANKLINE>
    topic clicks: partition by user (4 partitions), kept 7 days
      field  type     role
      user   int      key
      at     seconds
    """
    if not parts:
        raise ValueError("A contract needs a service, a topic, a table or keys of a store.")
    return Sheet("Contract", tuple(table for part in parts for table in _tables(part)))


def _tables(part: Any) -> Iterator[Table]:
    if isinstance(part, Topic):
        count = f"{part.partitions} partition{'s' if part.partitions > 1 else ''}"
        heading = f"topic {part.name}: partition by {part.key} ({count}), kept {part.kept}"
        rows = tuple((n, kind, "key" if n == part.key else "") for n, kind in part.fields)
        yield Table(heading, ("field", "type", "role"), rows)
    elif isinstance(part, StoredTable):
        rows = tuple(
            (c.name, c.type, "key" if c.key else "may be empty" if c.empty else "")
            for c in part.columns()
        )
        yield Table(f"table {part.name}: kept {part.kept}", ("column", "type", "role"), rows)
    elif isinstance(part, Keys):
        kept = "for ever" if part.kept is None else f"for {part.kept:,} s"
        yield Table(f"keys {part.pattern}: kept {kept}", (), ((part.holds,),))
    elif callable(getattr(part, "openapi", None)):
        yield from _routes(part.openapi())
    else:
        raise TypeError(
            f"A {type(part).__name__} is no part of a contract: give a FastAPI app, a Topic, "
            "a StoredTable or Keys."
        )


def _routes(api: Mapping[str, Any]) -> Iterator[Table]:
    """A table for every route: what goes in, what comes out, and every code."""
    for path, methods in api.get("paths", {}).items():
        for method, route in methods.items():
            rows: list[tuple[str, ...]] = []
            for each in route.get("parameters", []):
                needed = "required" if each.get("required") else "optional"
                kind = _kind(each["schema"], api)
                rows.append((f"in: {each['in']}", each["name"], kind, needed))
            for content in route.get("requestBody", {}).get("content", {}).values():
                rows += [("in: body", *field) for field in _fields(content["schema"], api)]
            for code, answer in route["responses"].items():
                rows += list(_answer(code, answer, api))
            yield Table(f"{method.upper()} {path}", ("where", "field", "type", "role"), tuple(rows))


def _answer(
    code: str, answer: Mapping[str, Any], api: Mapping[str, Any]
) -> Iterator[tuple[str, ...]]:
    """What comes out under a code: its fields, or what the code means."""
    schemas = [content.get("schema", {}) for content in answer.get("content", {}).values()]
    if code.startswith("2") and any(schemas):
        for schema in schemas:
            yield from ((f"out: {code}", *field) for field in _fields(schema, api))
    else:
        yield f"out: {code}", "", "", answer.get("description", "")


def _fields(schema: Mapping[str, Any], api: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name, type and whether it must be there, of the fields of an object."""
    whole = _resolved(schema, api)
    if "properties" not in whole:
        yield "", _kind(whole, api), ""
        return
    needed = whole.get("required", [])
    for name, each in whole["properties"].items():
        yield name, _kind(each, api), "required" if name in needed else "optional"


def _resolved(schema: Mapping[str, Any], api: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Any = api
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def _kind(schema: Mapping[str, Any], api: Mapping[str, Any]) -> str:
    """The type in words, with its limits."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_kind(each, api) for each in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        kind = f"list of {_kind(schema.get('items', {}), api)}"
    limits = [
        f"{_LIMITS[name]} {limit!r}"
        if "letters" not in _LIMITS[name]
        else f"{_LIMITS[name].replace('letters', f'{limit} letters')}"
        for name, limit in schema.items()
        if name in _LIMITS
    ]
    return ", ".join([kind, *limits])
