"""The kit's docstrings as Sphinx reads them: a bar is an absolute value, no substitution."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

_LITERAL = re.compile(r"(``.*?``|`[^`]*`)")
_ALIAS = re.compile(r"TypeAliasForwardRef\('(\w+)'\)")
_LONE_STAR = re.compile(r"(?<![\w*\\])\*(?=[\w(\[])(?![^*]*\w\*)")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", _escape, priority=100)  # before napoleon
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-skip-member", _skip)
    app.connect("html-collect-pages", _one_home, priority=100)  # before viewcode's own
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _one_home(app: Sphinx) -> list[Any]:
    """A source's link back leads to the page that has the place it names.

    Viewcode takes the module of the first page that describes something of a source, and for each
    name the last page: two pages where a name can be imported from two modules.
    """
    places = app.env.domains.python_domain.objects
    for entry in getattr(app.env, "_viewcode_modules", {}).values():
        if entry:
            _, _, used, module = entry
            for name in used:
                if place := places.get(f"{module}.{name}"):
                    used[name] = place.docname
    return []


def _escape(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    lines[:] = escaped(lines)


def _signature(app: Sphinx, *about: Any) -> tuple[str | None, str | None]:
    """An alias in a union is shown by its name, as elsewhere."""
    *_, arguments, returns = about
    return _named(arguments), _named(returns)


def _named(text: str | None) -> str | None:
    return text and _ALIAS.sub(r"\1", text)


def escaped(lines: list[str]) -> list[str]:
    """Bars and lone stars made plain, except in doctests, literals and literal blocks.

    >>> escaped(["mean of |y - f|, in ``a|b``", ">>> a | b", "1 | 2", "", "*very* *x"])
    ['mean of \\\\|y - f\\\\|, in ``a|b``', '>>> a | b', '1 | 2', '', '*very* \\\\*x']
    >>> escaped(["as drawn::", "", "    |--|", "", "|x|"])
    ['as drawn::', '', '    |--|', '', '\\\\|x\\\\|']
    """
    made, doctest, block = [], False, None
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if line.strip() and block is not None and depth <= block:
            block = None
        doctest = bool(line.strip()) and (doctest or line.lstrip().startswith(">>>"))
        if doctest or block is not None:
            made.append(line)
            continue
        parts = _LITERAL.split(line)
        made.append("".join(p if p.startswith("`") else _plain(p) for p in parts))
        if line.rstrip().endswith("::") and not line.lstrip().startswith(".."):
            block = depth
    return made


def _plain(text: str) -> str:
    return _LONE_STAR.sub(r"\*", text.replace("|", r"\|"))


def _skip(app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """Metadata requests are scikit-learn's own, on every estimator."""
    return True if re.fullmatch(r"set_\w+_request", name) else None
