"""A report in a notebook: the same lines as in the terminal, and one picture."""

from __future__ import annotations

import html

from mlsd_kit.drills.report import NOT_RUN, NOT_STARTED, PASSED, Check, Report
from mlsd_kit.drills.svg import picture

GREEN, RED, GREY = "#2da44e", "#e5534b", "#8b949e"
"""Each has at least 3:1 contrast on white and on black."""


def report_html(report: Report) -> str:
    """The report as one block; text takes the notebook's own colour."""
    shade = {PASSED: GREEN, NOT_STARTED: GREY}.get(report.status, RED)
    mark = {PASSED: "✓", NOT_STARTED: "○"}.get(report.status, "✗")
    body = "".join(f"<p style='margin:4px 0'>{_safe(each)}</p>" for each in report.problems)
    if report.status == NOT_STARTED:
        body = "<p style='margin:4px 0'>Set every knob, then run this cell again.</p>"
    rows = "".join(_row(check) for check in report.checks)
    if rows:
        body += (
            "<table style='margin:6px 0;border-collapse:collapse;font-size:13px;"
            f"color:inherit;background:none'><tbody>{rows}</tbody></table>"
        )
    broken = f"<p style='margin:4px 0'>With {_safe(report.fault)}:</p>" if report.fault else ""
    drawn = picture(report.totals, report.bound, report.stages)
    said = "".join(_sentence(each) for each in report.sentences())
    return (
        f'<div role="status" style="border-left:4px solid {shade};padding:4px 12px">'
        f'<b><span style="color:{shade}">{mark}</span> {_safe(report.exercise)}: '
        f"{_safe(report.status)}</b>{body}{broken if drawn else ''}{drawn}{said}</div>"
    )


def _safe(words: str) -> str:
    return html.escape(words)


def _row(check: Check) -> str:
    shade = GREEN if check.ok else (GREY if check.status == NOT_RUN else RED)
    word = "ok" if check.ok else ("–" if check.status == NOT_RUN else "MISS")
    cells = (check.limit.text, check.found, check.asked, check.note)
    style = "padding:2px 14px 2px 0;text-align:left;border:none"
    return (
        f"<tr style='background:none'><td style='{style};color:{shade}'><b>{word}</b></td>"
        + "".join(f"<td style='{style}'>{_safe(cell)}</td>" for cell in cells)
        + "</tr>"
    )


def _sentence(words: str) -> str:
    head, _, rest = words.partition(": ")
    return f"<p style='margin:4px 0;max-width:660px'><b>{_safe(head)}</b>: {_safe(rest)}</p>"
