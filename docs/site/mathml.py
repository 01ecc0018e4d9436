"""Formulas as MathML, which browsers draw themselves: no script, no font, no request."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

_DOUBLE = re.compile(r'<mi mathvariant="double-struck">([A-Z])</mi>')
_BRACE = re.compile(r"<munder><munder>((?:(?!<munder>).)*)<mo>&#x23DF;</mo></munder>")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def mathml(latex: str, display: str = "inline") -> str:
    r"""A formula for the browsers of today, which know fewer letters and need a font to stretch.

    >>> "𝔼" in mathml(r"\mathbb E")
    True
    >>> 'class="brace"' in mathml(r"\underbrace{a + b}_{\text{both}}")
    True
    """
    plain = convert(latex, display=display)
    made = _DOUBLE.sub(lambda found: f"<mi>{_double_struck(found[1])}</mi>", plain)
    return _BRACE.sub(r'<munder><mrow class="brace">\1</mrow>', made)


def _double_struck(letter: str) -> str:
    for name in ("MATHEMATICAL DOUBLE-STRUCK", "DOUBLE-STRUCK"):  # six of them are older
        try:
            return unicodedata.lookup(f"{name} CAPITAL {letter}")
        except KeyError:
            continue
    return letter


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    formula = mathml(node.astext(), "block")
    writer.body.append(f'<div class="formula">{formula}</div>\n')
    raise nodes.SkipNode
