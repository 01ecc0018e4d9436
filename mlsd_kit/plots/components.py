"""A system's components and what flows between them, drawn from a declaration."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from mlsd_kit.plots.layered import Layout, Rectangle, layout

NOT_BUILT = "not built here"
"""What stands in the place of a section for a component that the notebook only draws."""

KINDS = {
    "client": "#D6ECF8",
    "API": "#C5DCF0",
    "queue": "#FBE6BC",
    "store": "#F4EFAE",
    "job": "#CBEADF",
    "model": "#F8D5BF",
    "person": "#F0DAE7",
}
"""The kinds of a box, each with its fill: Okabe and Ito's colours, pale, dark text on all."""
WHEN = {"online": "#0B4F7A", "offline": "#8A3B00"}
"""When something flows: while somebody waits (online) or not (offline); the lines' colours."""

PAPER, INK, QUIET = "#FAFBFC", "#1F2328", "#57606A"
"""The panel is light in both themes of JupyterLab, so that every colour keeps its contrast."""
FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"
LETTERS, SMALL = 13, 11  # sizes of the text [px]
COLUMN = 22  # letters of a box's line, before it is broken
MARGIN = 16


@dataclass(frozen=True)
class Box:
    """One component.

    Parameters
    ----------
    name : str
        Its label; arrows call it by that.
    kind : {"client", "API", "queue", "store", "job", "model", "person"}
        What it is: told by shape and word as well as by colour.
    section : int or str
        The section of the notebook that runs it (``5``), or `NOT_BUILT`.
    holds : str, default=""
        What a store or a queue holds, or a job does.
    """

    name: str
    kind: str
    section: int | str = ""
    holds: str = ""

    @property
    def where(self) -> str:
        """The section in words.

        >>> Box("orders", "store", 5).where
        'section 5'
        """
        return f"section {self.section}" if isinstance(self.section, int) else self.section


@dataclass(frozen=True)
class Arrow:
    """What flows from one box to another, and whether somebody waits for it (online)."""

    start: str
    end: str
    flows: str
    when: str = "online"


@dataclass(frozen=True)
class Diagram:
    """A component diagram: shows itself in a notebook, and as text anywhere else."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    def layout(self) -> Layout:
        """Where everything is [px]."""
        number = {box.name: i for i, box in enumerate(self.boxes)}
        return layout(
            [_size(box) for box in self.boxes],
            [(number[arrow.start], number[arrow.end]) for arrow in self.arrows],
            [_label_size(arrow) for arrow in self.arrows],
        )

    def __str__(self) -> str:
        lines = [self.title]
        lines += [f"  {_box_words(box)}" for box in self.boxes]
        lines += [f"  {_arrow_words(arrow)}" for arrow in self.arrows]
        return "\n".join(lines)

    __repr__ = __str__

    def svg(self) -> str:
        """The drawing; whole numbers only, so that it is the same on every machine."""
        return _drawing(self)

    def image(self) -> str:
        """The drawing as an image in HTML: JupyterLab drops bare SVG from untrusted notebooks."""
        alt = f"Component diagram: {self.title}."
        source = quote(self.svg(), safe=" =:/,;'()")
        return (
            f'<img alt="{html.escape(alt)}" style="max-width:100%" '
            f'src="data:image/svg+xml,{source}">'
        )

    def _repr_html_(self) -> str:
        # the words are for screen readers, and for whoever wants to copy them
        items = [_box_words(box) for box in self.boxes] + [_arrow_words(a) for a in self.arrows]
        words = "".join(f"<li>{html.escape(item)}</li>" for item in items)
        summary = "<summary>The diagram in words</summary>"
        return f"{self.image()}<details>{summary}<ul>{words}</ul></details>"


def diagram(title: str, boxes: Sequence[Box], arrows: Sequence[Arrow]) -> Diagram:
    """Draw the components of a system.

    Rows go down in the direction of the arrows; which box stands where is computed. Solid arrows
    are online, dashed ones offline; a box with a dashed border is not built in this notebook.

    Parameters
    ----------
    title : str
        What the picture shows.
    boxes : sequence of Box
        The components, best in the order in which a request meets them.
    arrows : sequence of Arrow
        What flows between them.

    Raises
    ------
    ValueError
        If a box has a name twice, no name, no section or an unknown kind, or an arrow says nothing,
        is neither online nor offline, or names a box that is not there.

    Examples
    --------
    >>> diagram(
    ...     "Spam filter",
    ...     [Box("phone", "client", "not built here"), Box("inbox", "store", 5, "messages")],
    ...     [Arrow("phone", "inbox", "message")],
    ... )
    Spam filter
      phone (client, not built here)
      inbox (store, section 5): messages
      phone -> inbox: message (online)
    """
    names = [box.name for box in boxes]
    for box in boxes:
        if not box.name.strip():
            raise ValueError("A box needs a name.")
        if names.count(box.name) > 1:
            raise ValueError(
                f"Two boxes are called {box.name!r}: arrows could not tell them apart."
            )
        if box.kind not in KINDS:
            raise ValueError(
                f"{box.name!r} is of kind {box.kind!r}: use one of {', '.join(KINDS)}."
            )
        if not box.where.strip():
            raise ValueError(
                f"{box.name!r} names no section: give the one that runs it, or {NOT_BUILT!r}."
            )
    for arrow in arrows:
        for end in (arrow.start, arrow.end):
            if end not in names:
                raise ValueError(f"An arrow names {end!r}, which is no box: {', '.join(names)}.")
        if arrow.start == arrow.end:
            raise ValueError(f"An arrow leads from {arrow.start!r} to itself: leave it out.")
        if arrow.when not in WHEN:
            raise ValueError(
                f"The arrow from {arrow.start!r} to {arrow.end!r} is {arrow.when!r}: "
                "say online or offline."
            )
        if not arrow.flows.strip():
            raise ValueError(f"What flows from {arrow.start!r} to {arrow.end!r}? Name it.")
    return Diagram(title, tuple(boxes), tuple(arrows))


def _box_words(box: Box) -> str:
    holds = f": {box.holds}" if box.holds else ""
    return f"{box.name} ({box.kind}, {box.where}){holds}"


def _arrow_words(arrow: Arrow) -> str:
    return f"{arrow.start} -> {arrow.end}: {arrow.flows} ({arrow.when})"


def _wide(words: str, size: int, *, bold: bool = False) -> int:
    """Width of a line in the widest of the fonts that it may be shown in [px]."""
    each = [0.36 if c in "fijlrtI.,:;!|'()[] -/" else 1.0 if c in "mwMW%@" else 0.66 for c in words]
    return round(sum(each) * size * (1.12 if bold else 1.0)) + 2


def _lines(words: str, letters: int) -> list[str]:
    """Broken between words into lines of about so many letters."""
    lines: list[str] = []
    for word in words.split():
        if lines and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _texts(box: Box) -> list[tuple[str, int, bool, str]]:
    """The lines in a box: words, size, whether bold, colour."""
    texts = [(box.kind, SMALL, False, QUIET)]
    texts += [(line, LETTERS, True, INK) for line in _lines(box.name, COLUMN)]
    texts += [(line, SMALL, False, INK) for line in _lines(box.holds, COLUMN + 4)]
    return [*texts, (box.where, SMALL, False, QUIET)]


def _size(box: Box) -> tuple[int, int]:
    texts = _texts(box)
    wide = max(_wide(words, size, bold=bold) for words, size, bold, _ in texts)
    icon = 28 if box.kind == "person" else 0
    return 2 * ((max(wide, 84) + icon + 37) // 2), sum(size + 4 for _, size, _, _ in texts) + 18


def _label_size(arrow: Arrow) -> tuple[int, int]:
    lines = _lines(arrow.flows, 24)
    return max(_wide(line, SMALL) for line in lines) + 6, len(lines) * (SMALL + 3) + 2


def _drawing(picture: Diagram) -> str:
    placed = picture.layout()
    top, legend = 34, _legend_wide()
    title = _wide(picture.title, LETTERS + 1, bold=True)
    wide = max(placed.wide, legend, title) + 2 * MARGIN
    left, high = (wide - placed.wide) // 2, top + placed.high + 44 + MARGIN
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{wide}' height='{high}' "
        f"viewBox='0 0 {wide} {high}' role='img' {FONT}>",
        f"<title>{html.escape(picture.title)}</title><desc>{html.escape(str(picture))}</desc>",
        "".join(_marker(when, colour) for when, colour in WHEN.items()),
        f"<rect width='{wide}' height='{high}' rx='8' fill='{PAPER}' stroke='#D0D7DE'/>",
        _text(wide // 2, MARGIN + 9, picture.title, LETTERS + 1, INK, bold=True),
        f"<g transform='translate({left},{top + 6})'>",
    ]
    for arrow, route in zip(picture.arrows, placed.routes, strict=True):
        points = " ".join(f"{x},{y}" for x, y in route)
        parts.append(_line(arrow.when, points))
    for arrow, label in zip(picture.arrows, placed.labels, strict=True):
        parts.append(_label(arrow, label))
    for box, at in zip(picture.boxes, placed.boxes, strict=True):
        parts.append(_shape(box, at) + _inside(box, at))
    parts += ["</g>", _legend((wide - legend) // 2, high - MARGIN - 4), "</svg>"]
    return "".join(parts)


def _marker(when: str, colour: str) -> str:
    return (
        f"<marker id='{when}' viewBox='0 0 10 10' refX='9' refY='5' markerWidth='8' "
        f"markerHeight='8' orient='auto'><path d='M0 0L10 5L0 10z' fill='{colour}'/></marker>"
    )


def _line(when: str, points: str) -> str:
    dash = " stroke-dasharray='6 4'" if when == "offline" else ""
    return (
        f"<polyline points='{points}' fill='none' stroke='{WHEN[when]}' stroke-width='2' "
        f"stroke-linejoin='round'{dash} marker-end='url(#{when})'/>"
    )


def _text(x: int, y: int, words: str, size: int, colour: str, *, bold: bool = False) -> str:
    weight = " font-weight='bold'" if bold else ""
    return (
        f"<text x='{x}' y='{y}' font-size='{size}' text-anchor='middle' "
        f"fill='{colour}'{weight}>{html.escape(words)}</text>"
    )


def _label(arrow: Arrow, at: Rectangle) -> str:
    parts = [
        f"<rect x='{at.x}' y='{at.y}' width='{at.wide}' height='{at.high}' fill='{PAPER}'/>",
    ]
    y = at.y + SMALL + 1
    for line in _lines(arrow.flows, 24):
        parts.append(_text(at.x + at.wide // 2, y, line, SMALL, WHEN[arrow.when]))
        y += SMALL + 3
    return "".join(parts)


def _inside(box: Box, at: Rectangle) -> str:
    texts = _texts(box)
    y = at.y + (at.high - sum(size + 4 for _, size, _, _ in texts)) // 2
    y += 5 if box.kind in ("store", "client") else 0  # below the lid
    parts = []
    for words, size, bold, colour in texts:
        y += size + 4
        parts.append(_text(at.x + at.wide // 2, y - 3, words, size, colour, bold=bold))
    return "".join(parts)


def _shape(box: Box, at: Rectangle) -> str:
    """The outline of a kind, inside its rectangle."""
    dash = " stroke-dasharray='3 3'" if box.where == NOT_BUILT else ""
    look = f"fill='{KINDS[box.kind]}' stroke='{QUIET}' stroke-width='1.5'{dash}"
    rim = f"fill='none' stroke='{QUIET}' stroke-width='1.5'{dash}"
    x, y, wide, high = at.x, at.y, at.wide, at.high
    right, bottom, middle = x + wide, y + high, y + high // 2
    if box.kind == "store":  # a cylinder
        half = wide // 2
        arc = f"a{half} 7 0 0 0 {wide} 0a{half} 7 0 0 0 {-wide} 0"
        body = f"M{x} {y + 7}v{high - 14}a{half} 7 0 0 0 {wide} 0v{14 - high}"
        return (
            f"<path d='{body}a{half} 7 0 0 0 {-wide} 0' {look}/><path d='M{x} {y + 7}{arc}' {rim}/>"
        )
    if box.kind == "queue":  # a row of messages
        bars = "".join(f"M{right - 6 * i} {y}V{bottom}" for i in (1, 2, 3))
        return f"{_rect(at, 0, look)}<path d='{bars}' {rim}/>"
    if box.kind == "job":  # a double edge on both sides, as of a procedure
        return (
            f"{_rect(at, 0, look)}<path d='M{x + 6} {y}V{bottom}M{right - 6} {y}V{bottom}' {rim}/>"
        )
    if box.kind == "client":  # a window
        return f"{_rect(at, 5, look)}<path d='M{x} {y + 7}H{right}' {rim}/>"
    if box.kind == "API":  # a hexagon
        d = f"M{x} {middle}L{x + 12} {y}H{right - 12}L{right} {middle}"
        d += f"L{right - 12} {bottom}H{x + 12}z"
        return f"<path d='{d}' {look}/>"
    if box.kind == "model":  # cut corners
        d = f"M{x + 9} {y}H{right - 9}l9 9V{bottom - 9}l-9 9H{x + 9}l-9 -9V{y + 9}z"
        return f"<path d='{d}' {look}/>"
    head = f"<circle cx='{x + 17}' cy='{middle - 5}' r='4' {rim}/>"
    body = f"<path d='M{x + 10} {middle + 9}a7 7 0 0 1 14 0' {rim}/>"
    return _rect(at, 20, look) + head + body


def _rect(at: Rectangle, round_: int, look: str) -> str:
    return (
        f"<rect x='{at.x}' y='{at.y}' width='{at.wide}' height='{at.high}' rx='{round_}' {look}/>"
    )


LEGEND = (
    ("online", "online: somebody waits"),
    ("offline", "offline: nobody waits"),
    ("", f"dashed border: {NOT_BUILT}"),
)


def _legend_wide() -> int:
    return sum(56 + _wide(words, SMALL) for _, words in LEGEND)


def _legend(x: int, y: int) -> str:
    parts = []
    for when, words in LEGEND:
        if when:
            parts.append(_line(when, f"{x},{y - 4} {x + 32},{y - 4}"))
        else:
            parts.append(
                f"<rect x='{x}' y='{y - 11}' width='32' height='14' fill='none' stroke='{QUIET}' "
                "stroke-dasharray='3 3'/>"
            )
        wide = _wide(words, SMALL)
        parts.append(_text(x + 40 + wide // 2, y, words, SMALL, INK))
        x += 56 + wide
    return "".join(parts)
