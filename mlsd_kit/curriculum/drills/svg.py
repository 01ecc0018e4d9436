"""Two small pictures of a report: the latencies with their limit, and where the slowest wait."""

from __future__ import annotations

import html

import numpy as np

from mlsd_kit.curriculum.drills.advice import StageTime, ms
from mlsd_kit.curriculum.drills.statistics import percentile

WAITING, BATCHING, WORK, LIMIT, BARS = "#E69F00", "#56B4E9", "#009E73", "#D55E00", "#8C96A3"
"""Okabe and Ito's colours: told apart with any colour vision, on white and on black."""
WIDE, LEFT, RIGHT = 660, 12, 12
BINS = 60


def text(x: float, y: float, words: str, anchor: str = "start", shade: str = "currentColor") -> str:
    """One label, in the notebook's own colour unless told otherwise."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{shade}">'
        f"{html.escape(words)}</text>"
    )


def block(x: float, y: float, wide: float, high: float, shade: str, says: str = "") -> str:
    """One filled rectangle; ``says`` shows under the pointer."""
    title = f"<title>{html.escape(says)}</title>" if says else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0):.1f}" height="{high:.1f}" '
        f'fill="{shade}">{title}</rect>'
    )


def line(x: float, top: float, bottom: float, shade: str, dash: str = "") -> str:
    """One upright line."""
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" stroke="{shade}" '
        f'stroke-width="2"{f" stroke-dasharray={dash!r}" if dash else ""}/>'
    )


def histogram(totals: np.ndarray, bound: float | None, top: float = 0.0) -> tuple[list[str], float]:
    """Latencies with p50, p99 and the limit [ms]; the parts, and where they end."""
    answered = 1e3 * totals[np.isfinite(totals)]
    if not len(answered):
        return [], top
    marks = [("p50", percentile(answered, 0.5), "currentColor", "")]
    marks.append(("p99", percentile(answered, 0.99), "currentColor", ""))
    if bound is not None:
        marks.append(("limit", bound, LIMIT, "5 3"))
    last = 1.15 * max(value for _, value, _, _ in marks)
    counts, _ = np.histogram(np.minimum(answered, last), BINS, (0.0, last))
    base, tall = top + 154, 82.0
    scale = (WIDE - LEFT - RIGHT) / last
    parts = [text(LEFT, top + 14, "How long requests take [ms]; the last bar holds all beyond")]
    for i, count in enumerate(counts):
        high = tall * count / counts.max()
        wide = (WIDE - LEFT - RIGHT) / BINS
        parts.append(block(LEFT + i * wide, base - high, wide - 1, high, BARS))
    row = {"p50": 34, "p99": 48, "limit": 62}
    for name, value, shade, dash in marks:
        x = LEFT + scale * value
        at, anchor = (x + 5, "start") if x < WIDE * 0.75 else (x - 5, "end")
        parts.append(line(x, top + row[name] - 10, base, shade, dash))
        parts.append(text(at, top + row[name], f"{name} {ms(value / 1e3)}", anchor, shade))
    parts.append(text(LEFT, base + 15, "0"))
    parts.append(text(WIDE - RIGHT, base + 15, ms(last / 1e3), "end"))
    return parts, base + 30


def waterfall(stages: tuple[StageTime, ...], top: float) -> tuple[list[str], float]:
    """A bar a stage for the slowest 1 %, one after the other."""
    whole = sum(stage.total for stage in stages)
    if whole <= 0:
        return [], top
    parts = [text(LEFT, top + 14, f"Where the slowest 1 % spend their {ms(whole)}")]
    x, y = float(LEFT), top + 28
    for name, shade in (("waiting", WAITING), ("for the batch", BATCHING), ("own work", WORK)):
        parts += [block(x, y, 11, 11, shade), text(x + 16, y + 10, name)]
        x += 40 + 7 * len(name)
    label = 10 + 7.2 * max(len(stage.name) for stage in stages)
    start, y = LEFT + label, y + 24
    scale = (WIDE - start - RIGHT - 130) / whole
    for stage in stages:
        parts.append(text(LEFT, y + 13, stage.name))
        here = start
        for seconds, shade, what in (
            (stage.waiting, WAITING, "waiting"),
            (stage.batching, BATCHING, "for the batch"),
            (stage.work, WORK, "own work"),
        ):
            parts.append(block(here, y, scale * seconds, 17, shade, f"{what}: {ms(seconds)}"))
            here += scale * seconds
        busy = f", {stage.load.rho:.0%} busy" if stage.load else ""
        parts.append(text(here + 6, y + 13, f"{ms(stage.total)}{busy}"))
        start, y = here, y + 24
    return parts, y + 4


def picture(totals: np.ndarray | None, bound: float | None, stages: tuple[StageTime, ...]) -> str:
    """Both pictures as one SVG that needs nothing else; empty if there is nothing to draw."""
    if totals is None or not len(totals):
        return ""
    first, bottom = histogram(totals, bound)
    second, bottom = waterfall(stages, bottom + 6)
    return (
        f'<svg viewBox="0 0 {WIDE} {bottom:.0f}" width="{WIDE}" role="img" font-size="13" '
        'style="max-width:100%;font-family:inherit" xmlns="http://www.w3.org/2000/svg">'
        f"<title>Latencies and where the slowest requests spend their time</title>"
        f"{''.join(first + second)}</svg>"
    )
