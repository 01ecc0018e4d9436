"""The results page as HTML: what was searched for, ten results, nothing that a title could run."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mlsd_kit.search.words import stem, terms, words

_PIECE = re.compile(r"\w+(?:\+\+|#)?|\W+")


@dataclass(frozen=True)
class Result:
    """One line of the page."""

    title: str
    address: str
    text: str = ""
    date: str = ""
    labels: tuple[str, ...] = field(default=())


def results_page(
    query: str,
    results: Sequence[Result],
    *,
    corrected: str | None = None,
    note: str = "",
) -> str:
    """The page as one HTML element that brings its own style.

    Every text is escaped, and only http and https addresses become links: titles and queries are
    written by strangers.

    Parameters
    ----------
    query : str
        As typed.
    results : sequence of Result
        Best first.
    corrected : str, default=None
        What was searched for instead, if the query was corrected.
    note : str, default=""
        A line above the results, such as the time taken.

    Returns
    -------
    str

    Examples
    --------
    >>> page = results_page("<script>", [Result("Foxes", "javascript:alert(1)")])
    >>> "<script>" in page, "javascript" in page
    (False, False)
    """
    wanted = set(terms(corrected or query))
    head = f"<p style='margin:4px 0'>Results for <b>{html.escape(corrected or query)}</b>"
    if corrected and corrected != query:
        head += f" <span style='opacity:.7'>(typed: {html.escape(query)})</span>"
    if note:
        head += f" <span style='opacity:.7'>· {html.escape(note)}</span>"
    lines = "".join(_line(result, wanted) for result in results) or "<p>Nothing found.</p>"
    style = "font-family:sans-serif;max-width:46em;line-height:1.35"
    return f"<div style='{style}'>{head}</p><ol style='padding-left:1.6em'>{lines}</ol></div>"


def snippet(text: str, wanted: Collection[str], *, width: int = 28) -> str:
    """The stretch of a text with the most different wanted terms: where to look for the answer.

    Parameters
    ----------
    text : str
    wanted : collection of str
        Terms, as `terms` gives them.
    width : int, default=28
        Words in the stretch.

    Examples
    --------
    >>> snippet("one two three four five six", {"five"}, width=3)
    '… three four five …'
    """
    pieces = text.split()
    if len(pieces) <= width:
        return " ".join(pieces)
    hits = [frozenset(terms(piece)) & frozenset(wanted) for piece in pieces]
    starts = range(len(pieces) - width + 1)
    best = max(starts, key=lambda at: len(frozenset().union(*hits[at : at + width])))
    head, tail = ("… " if best else ""), (" …" if best + width < len(pieces) else "")
    return head + " ".join(pieces[best : best + width]) + tail


def _line(result: Result, wanted: set[str]) -> str:
    title = _marked(result.title or result.address, wanted)
    host = ""
    parts = urlsplit(result.address)
    if parts.scheme in ("http", "https"):
        link = html.escape(result.address, quote=True)
        title = f'<a href="{link}" rel="noopener nofollow">{title}</a>'
        host = html.escape(parts.netloc)
    facts = " · ".join(part for part in (host, html.escape(result.date)) if part)
    chips = "".join(
        "<span style='border:1px solid #999;border-radius:8px;padding:0 6px;margin-right:4px'>"
        f"{html.escape(label)}</span>"
        for label in result.labels
    )
    text = _marked(snippet(result.text, wanted), wanted)
    return (
        f"<li style='margin-bottom:9px'>{title}<br><small style='opacity:.7'>{facts}</small>"
        f"{f'<br>{text}' if text else ''}{f'<br><small>{chips}</small>' if chips else ''}</li>"
    )


def _marked(text: str, wanted: set[str]) -> str:
    """The text, escaped, wanted words marked."""
    marked = []
    for piece in _PIECE.findall(text):
        known = any(stem(word) in wanted for word in words(piece))
        safe = html.escape(piece)
        marked.append(f"<mark>{safe}</mark>" if known else safe)
    return "".join(marked)
