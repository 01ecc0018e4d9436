"""Small errors planted into SQL that stands in a string."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

SWAPS = [
    (r"\bleft join\b", "join"), (r"\bsum\b", "max"), (r"\bcount\b", "sum"), (r"\bavg\b", "max"),
    (r"\bmin\b", "max"), (r"\bmax\b", "min"), (r"\band\b", "or"), (r"\bor\b", "and"),
    (r"\bdistinct\b", ""), (r"\bdesc\b", "asc"), (r"\bnot\b", ""), (r"\bunion all\b", "union"),
    (r"<=", "<"), (r">=", ">"), (r"(?<![<>])<(?![=>])", "<="), (r"(?<![<>])>(?!=)", ">="),
    (r"<>|!=", "="), (r"(?<![<>!:])=(?!=)", "<>"),
    (r"(?<=\s)\+(?=\s)", "-"), (r"(?<=\s)-(?=\s)", "+"),
    (r"\bmonth\b", "year"), (r"\bcross join\b", "left join"), (r"\bhaving\b", "where"),
]  # fmt: skip


def edits(value: object) -> Iterator[tuple[str, Callable[[ast.AST], None]]]:
    """What can be changed in a constant that holds SQL; nothing if it holds none."""
    if not isinstance(value, str) or not re.search(r"\bselect\b", value, re.IGNORECASE):
        return
    for pattern, new in SWAPS:
        for match in re.finditer(pattern, value, re.IGNORECASE):
            yield _edit(value, match.start(), match.end(), new)
    for match in re.finditer(r"(?<![\w.])\d+(?![\w.])", value):
        yield _edit(value, match.start(), match.end(), str(int(match.group()) + 1))


def _edit(value: str, start: int, end: int, new: str) -> tuple[str, Callable[[ast.AST], None]]:
    line = value.count("\n", 0, start) + 1
    text = value.splitlines()[line - 1].strip()
    told = f"{value[start:end]} becomes {new or 'nothing'} in «{text}»"
    changed = value[:start] + new + value[end:]
    return told, lambda target: setattr(target, "value", changed)
