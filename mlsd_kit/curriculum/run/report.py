"""The report of a run: one self-contained page, ``<build>/report/index.html``.

Nothing on it is loaded from elsewhere: style and thumbnails are inside, there is no script, and
the page itself forbids requests. Apart from times it is the same bytes for the same results.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from mlsd_kit.curriculum.claims import Claim
from mlsd_kit.curriculum.run.catalogue import Entry, catalogue
from mlsd_kit.curriculum.run.figures import key_figure, thumbnail
from mlsd_kit.curriculum.run.results import Failure, Result, ResultStore
from mlsd_kit.files import write_atomic

_UNPRINTABLE = re.compile(r"\x1b\[[0-9;]*m|[\x00-\x08\x0b-\x1f\x7f]")
_HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body>
"""


@dataclass(frozen=True)
class Row:
    """A result beside what the catalogue says of its notebook."""

    result: Result
    entry: Entry | None

    @property
    def theme(self) -> str:
        return self.result.id.partition("/")[0]

    @property
    def anchor(self) -> str:
        """An id for the card: parameters make several of one notebook."""
        words = self.result.executed or self.result.id
        return re.sub(r"[^\w]+", "-", words.removeprefix("notebooks/").removesuffix(".ipynb"))


def write_report(results: Sequence[Result], folder: Path) -> Path:
    """Write the page of a run's results.

    Parameters
    ----------
    results : sequence of Result
        What the run found, in the catalogue's order.
    folder : Path
        The build folder, which holds the executed copies and earlier results.

    Returns
    -------
    Path
        ``folder/report/index.html``.
    """
    entries = catalogue()
    page = folder / "report" / "index.html"
    write_atomic(page, "".join(_page(results, entries, folder)))
    return page


def _page(results: Sequence[Result], entries: Sequence[Entry], folder: Path) -> Iterator[str]:
    known = {entry.id: entry for entry in entries}
    rows = [Row(result, known.get(result.id)) for result in results]
    failed = [row for row in rows if not row.result.passed]
    passed = [row for row in rows if row.result.passed]
    style = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
    yield _HEAD.format(title=f"{len(passed)} of {len(rows)} case studies passed", style=style)
    yield from _heading(rows, failed)
    yield "<main>\n"
    if failed:
        yield '<section aria-labelledby="failed"><h2 id="failed">What failed</h2>\n'
        yield from (_card(row, folder) for row in failed)
        yield "</section>\n"
    yield _overview([*failed, *passed])
    for theme in dict.fromkeys(row.theme for row in passed):
        yield f"<section><h2>{escape(theme.capitalize())}</h2>\n"
        yield from (_card(row, folder) for row in passed if row.theme == theme)
        yield "</section>\n"
    yield _others(entries, {row.result.id for row in rows}, folder)
    yield "</main>\n</body>\n</html>\n"


def _heading(rows: Sequence[Row], failed: Sequence[Row]) -> Iterator[str]:
    claims = [claim for row in rows for claim in row.result.claims]
    held = sum(claim.held for claim in claims)
    colour, mark = ("bad", "✗") if failed else ("good", "✓")
    yield (
        f'<header><h1>Case studies</h1><p class="verdict"><b class="{colour}">{mark} '
        f"{len(rows) - len(failed)} of {len(rows)} passed</b>, "
        f"{held} of {len(claims)} claims held{_undecided(claims)}</p>"
        f'<p class="soft">Written <time>{time.strftime("%Y-%m-%d %H:%M")}</time></p></header>\n'
    )


def _overview(rows: Sequence[Row]) -> str:
    """One line a notebook, failures first, each leading to its card."""
    body = []
    for row in rows:
        result = row.result
        held = sum(claim.held for claim in result.claims)
        body.append(
            f'<tr><th scope="row"><a href="#{row.anchor}">{escape(result.title)}</a></th>'
            f"<td>{_status(result)}</td>"
            f'<td class="number">{held} of {len(result.claims)}{_undecided(result.claims)}</td>'
            f'<td class="number"><time>{result.seconds:.1f}</time></td></tr>\n'
        )
    return (
        '<section aria-labelledby="overview"><h2 id="overview">Overview</h2>\n<table><thead><tr>'
        '<th scope="col">Case study</th><th scope="col">Result</th>'
        '<th scope="col" class="number">Claims</th><th scope="col" class="number">Seconds</th>'
        f"</tr></thead><tbody>\n{''.join(body)}</tbody></table></section>\n"
    )


def _status(result: Result) -> str:
    colour, mark = ("good", "✓") if result.passed else ("bad", "✗")
    return f'<span class="status {colour}">{mark} {escape(result.status)}</span>'


def _card(row: Row, folder: Path) -> str:
    """Everything about one notebook."""
    result, entry = row.result, row.entry
    asked = "".join(f"<li>{escape(words)}</li>" for words in (entry.asked if entry else ()))
    picture = _picture(result, folder)
    question = f"<p>{escape(entry.question)}</p>" if entry else ""
    questions = f'<ul class="asked" aria-label="asked in interviews as">{asked}</ul>'
    return (
        f'<article class="{"passed" if result.passed else "failed"}" id="{row.anchor}">'
        f'<div class="head"><h3>{escape(result.title)}</h3>{_status(result)}</div>\n'
        f'<div class="body{"" if picture else " plain"}"><div>{question}'
        f"{questions if asked else ''}{_facts(result)}</div>\n{picture}</div>\n"
        f"{_failure(result.failure) if result.failure else ''}{_claims(result)}</article>\n"
    )


def _facts(result: Result) -> str:
    facts = [f"<code>{escape(result.id)}</code>", f"<time>{result.seconds:.1f} s</time>"]
    facts += [f"{escape(str(k))} = {escape(str(v))}" for k, v in sorted(result.parameters.items())]
    if result.cached:
        facts.append("unchanged since an earlier run")
    if result.executed:
        facts.append(f'<a href="../{quote(result.executed)}">executed notebook</a>')
    return f'<p class="soft">{" · ".join(facts)}</p>'


def _picture(result: Result, folder: Path) -> str:
    """The thumbnail of the executed copy's key figure; empty if there is none to read."""
    try:
        notebook = json.loads((folder / str(result.executed)).read_text(encoding="utf-8"))
        figure = key_figure(notebook)
        if figure is None:
            return ""
        small, width, height = thumbnail(figure.png)
    except (OSError, ValueError, KeyError):  # a report must not fail over a picture
        return ""
    words = escape(f"Figure: {figure.caption or f'the key figure of {result.title}'}")
    data = base64.b64encode(small).decode()
    return (
        f'<figure><img src="data:image/webp;base64,{data}" alt="{words}" width="{width}" '
        f'height="{height}"></figure>'
    )


def _failure(failure: Failure) -> str:
    place = f"Cell {failure.cell}" if failure.cell else "The cell"
    parts = [f'<p class="bad"><b>{_plain(failure.message)}</b></p>\n']
    for title, text in ((place, failure.source), ("Its last lines", failure.last_lines)):
        if text:
            parts.append(f'<p class="soft">{title}</p><pre tabindex="0">{_plain(text)}</pre>\n')
    return "".join(parts)


def _plain(text: str) -> str:
    """Without terminal colours and control characters, which HTML does not allow."""
    return escape(_UNPRINTABLE.sub("", text))


def _claims(result: Result) -> str:
    if not result.claims:
        return ""
    held = sum(claim.held for claim in result.claims)
    # stable: failures first, then what is undecided
    ordered = sorted(result.claims, key=lambda claim: (claim.held, not claim.failed))
    return (
        f"<details{'' if result.passed else ' open'}>"
        f"<summary>{held} of {len(result.claims)} claims held{_undecided(result.claims)}</summary>"
        "\n<table><thead><tr>"
        '<th scope="col">Claim and source of the bound</th>'
        '<th scope="col" class="number">Value</th>'
        '<th scope="col">Bound</th><th scope="col">Held</th></tr></thead><tbody>\n'
        f"{''.join(_claim(claim) for claim in ordered)}</tbody></table></details>\n"
    )


_HELD = {
    "held": '<span class="good">✓ yes</span>',
    "failed": '<b class="bad">✗ no</b>',
    "undecided": '<b class="open">? undecided</b>',
}


def _undecided(claims: Sequence[Claim]) -> str:
    count = sum(claim.undecided is not None for claim in claims)
    return f', <span class="open">{count} undecided</span>' if count else ""


def _claim(claim: Claim) -> str:
    word = _HELD[claim.outcome]
    why = "; ".join(filter(None, (claim.why, claim.undecided)))
    return (
        f'<tr{" class=failed" if claim.failed else ""}><th scope="row">{escape(claim.name)}'
        f'<span class="why">{escape(why)}</span></th>'
        f'<td class="number">{claim.shown}</td><td>{escape(claim.bound)}</td>'
        f'<td class="status">{word}</td></tr>\n'
    )


def _others(entries: Sequence[Entry], here: set[str], folder: Path) -> str:
    """What this run left out, with what the last run of it found."""
    store, lines = ResultStore(folder), []
    for entry in entries:
        if entry.id not in here:
            last = store.load(entry.id, {})
            word = _status(last) if last else '<span class="soft">not run yet</span>'
            lines.append(
                f"<li>{escape(entry.title)} <code>{escape(entry.id)}</code>: {word}</li>\n"
            )
    if not lines:
        return ""
    return f"<section><h2>Not in this run</h2>\n<ul>\n{''.join(lines)}</ul></section>\n"
