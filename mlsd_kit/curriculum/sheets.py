"""Pages of a few small tables that show themselves in a notebook, and as plain text elsewhere."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Table:
    """Rows under a heading; without column names if ``columns`` is empty."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()
    """Columns of numbers: aligned to the right."""


@dataclass(frozen=True)
class Sheet:
    """A page: text may hold links as in Markdown, ``[words](address)``, and nothing else."""

    title: str
    tables: tuple[Table, ...]
    picture: str = ""
    """HTML that stands under the title; made by the kit, never taken from data."""

    def __str__(self) -> str:
        return "\n\n".join([*([self.title] if self.title else []), *map(_text, self.tables)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        title = f"<b>{linked(self.title)}</b>" if self.title else ""
        return title + self.picture + "".join(map(_html, self.tables))


def linked(words: str) -> str:
    """Words as HTML, their Markdown links as links.

    >>> linked("p < 1, [see](#4-Evaluate)")
    'p &lt; 1, <a href="#4-Evaluate">see</a>'
    """
    return _LINK.sub(r'<a href="\2">\1</a>', html.escape(words))


def figure(value: float) -> str:
    """A number for people: three digits, and thousands apart.

    >>> [figure(x) for x in (0.04567, 1.5, 94276, 2.0, 0.0, 1e-7)]
    ['0.0457', '1.5', '94,300', '2', '0', '1e-07']
    """
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def _plain(words: str) -> str:
    return _LINK.sub(r"\1", words)


def _text(table: Table) -> str:
    lines = [table.columns, *table.rows] if table.columns else list(table.rows)
    cells = [[_plain(cell) for cell in line] for line in lines]
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)] if cells else []
    shown = [
        "  ".join(
            cell.rjust(wide[i]) if i in table.right else cell.ljust(wide[i])
            for i, cell in enumerate(line)
        ).rstrip()
        for line in cells
    ]
    head = [_plain(table.heading)] if table.heading else []
    return "\n".join([*head, *(f"  {line}" for line in shown)])


def _html(table: Table) -> str:
    def cells(line: Sequence[str], tag: str) -> str:
        return "".join(
            f'<{tag} style="text-align:{"right" if i in table.right else "left"}">'
            f"{linked(cell)}</{tag}>"
            for i, cell in enumerate(line)
        )

    head = f"<thead><tr>{cells(table.columns, 'th')}</tr></thead>" if table.columns else ""
    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in table.rows)
    heading = f"<p>{linked(table.heading)}</p>" if table.heading else ""
    return f"{heading}<table>{head}<tbody>{body}</tbody></table>"
