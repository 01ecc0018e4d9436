"""A verdict as HTML: colour and a word, readable in light and dark themes."""

from __future__ import annotations

import html
from dataclasses import dataclass

from mlsd_kit.grading.errors import NOT_RUN, NOT_STARTED, PASSED
from mlsd_kit.grading.verdict import CheckResult, Verdict, reasons

GREEN, RED, GREY = "#2da44e", "#e5534b", "#8b949e"
"""Each has at least 3:1 contrast on white and on black."""


@dataclass(frozen=True)
class Folded:
    """A line that unfolds a text; without one it is just the line."""

    title: str
    text: str = ""

    def __repr__(self) -> str:
        return f"{self.title}\n\n{self.text}".rstrip()

    def _repr_html_(self) -> str:
        if not self.text:
            return f"<p>{_safe(self.title)}</p>"
        body = f'<pre style="background:transparent;color:inherit">{_safe(self.text)}</pre>'
        return f"<details><summary>{_safe(self.title)}</summary>{body}</details>"


def colour(status: str) -> str:
    """Green for passed, grey for what did not run, red for the rest."""
    return {PASSED: GREEN, NOT_RUN: GREY, NOT_STARTED: GREY}.get(status, RED)


def verdict_html(verdict: Verdict) -> str:
    """The verdict as one block; text takes the notebook's own colour."""
    rows = "".join(_row(check) for check in verdict.checks)
    if verdict.status == NOT_STARTED:
        rows = '<p style="margin:4px 0">Write the function, then run this cell again.</p>'
    speed = f"<p style='margin:4px 0;opacity:.8'>{_safe(str(verdict.speed))}</p>"
    shade = colour(verdict.status)
    return (
        f'<div role="status" style="border-left:4px solid {shade};padding:4px 12px">'
        f'<b><span style="color:{shade}">{_mark(verdict.status)}</span> '
        f"{_safe(verdict.exercise)}: {_safe(verdict.status)}</b>"
        f"{rows}{speed if verdict.speed else ''}{_replay(verdict)}</div>"
    )


def _mark(status: str) -> str:
    return {PASSED: "✓", NOT_RUN: "–", NOT_STARTED: "○"}.get(status, "✗")


def _safe(text: str) -> str:
    return html.escape(text)


def _replay(verdict: Verdict) -> str:
    if verdict.passed or verdict.status == NOT_STARTED:
        return ""
    return f'<p style="margin:4px 0;opacity:.8">Same inputs again: seed={verdict.seed}</p>'


def _row(check: CheckResult) -> str:
    shade = colour(check.status)
    word = "" if check.status == PASSED else f" <i>({_safe(check.status)})</i>"
    why = "\n".join(reasons(check))
    block = (
        '<pre style="margin:2px 0 6px 22px;white-space:pre-wrap;background:transparent;'
        f'color:inherit">{_safe(why)}</pre>'
        if why
        else ""
    )
    return (
        f'<div style="margin:2px 0"><b style="color:{shade}">{_mark(check.status)}</b> '
        f"{_safe(check.sentence)}{word}</div>{block}"
    )
