"""The figure that stands for a notebook, and its thumbnail."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

KEY = "key-figure"
"""The tag of the cell whose figure stands for the notebook; without one the last figure does."""

_TITLE = re.compile(r"""\btitle\s*=\s*(["'])(?P<text>(?:(?!\1)[^{}\\\n])+)\1""")


@dataclass(frozen=True)
class Figure:
    """One picture of an executed notebook."""

    png: bytes
    caption: str
    """What its cell gives as title; empty if that is not plain text."""


def key_figure(notebook: dict[str, Any]) -> Figure | None:
    """The figure of the cell tagged `KEY`, else the last one, else None.

    Parameters
    ----------
    notebook : dict
        An executed notebook as ``json.load`` reads it.

    Examples
    --------
    >>> def cell(title, *tags):
    ...     output = {"data": {"image/png": "QUJD"}}
    ...     source = [f'_ = plot(title="{title}")']
    ...     return {"metadata": {"tags": tags}, "source": source, "outputs": [output]}
    >>> key_figure({"cells": [cell("Early"), cell("Late")]})
    Figure(png=b'ABC', caption='Late')
    >>> key_figure({"cells": [cell("Early", "key-figure"), cell("Late")]}).caption
    'Early'
    >>> key_figure({"cells": []})
    """
    chosen = None
    for cell in notebook["cells"]:
        pngs = list(_pngs(cell))
        if not pngs:
            continue
        chosen = Figure(base64.b64decode(pngs[-1]), _title("".join(cell["source"])))
        if KEY in cell["metadata"].get("tags", []):
            break
    return chosen


def _pngs(cell: dict[str, Any]) -> Iterator[str]:
    for output in cell.get("outputs", []):
        content = output.get("data", {}).get("image/png")
        if content:
            yield "".join(content)


def _title(source: str) -> str:
    found = _TITLE.search(source)  # a legend's title comes later
    return found["text"] if found else ""


def thumbnail(png: bytes, width: int = 560, height: int = 420) -> tuple[bytes, int, int]:
    """A small WebP of a PNG, within ``width`` x ``height`` pixels; returns it with its size.

    Transparent parts become white, as in a notebook. The same bytes for the same figure.
    """
    from PIL import Image, WebPImagePlugin  # noqa: F401  (else Pillow imports all its formats)

    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    small = paper.convert("RGB")
    small.thumbnail((width, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=80, method=1)  # quick: a report has many
    return out.getvalue(), small.width, small.height
