"""The answer sheet of a case study, filled in: what a reader must be able to defend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlsd_kit.curriculum.sheets import Sheet, Table

if TYPE_CHECKING:
    from mlsd_kit.plots import Diagram

TRADE_OFFS, QUESTIONS, WRITE_UPS = 3, 5, (3, 5)
_HREF = re.compile(r'href=\\?"#([^"\\]+)')
_MARKDOWN = re.compile(r"\]\(#([^)\s]+)\)")


def defence(
    *,
    goal: str,
    numbers: Mapping[str, str],
    picture: Diagram,
    trade_offs: Sequence[tuple[str, str]],
    breaks_first: str,
    at_100x: str,
    questions: Sequence[tuple[str, str]],
    exercise: str,
    drill: str,
    write_ups: Sequence[tuple[str, int, str, str]],
) -> Sheet:
    """One page to defend the design with, for 45 minutes.

    Numbers come from the variables of the notebook: write them in with an f-string.

    Parameters
    ----------
    goal : str
        What the system is for, in the unit that decides.
    numbers : mapping of str to str
        The few that the design hangs on: what, and how much with its unit.
    picture : Diagram
        The components, as `mlsd_kit.plots.diagram` gave them.
    trade_offs : sequence of 3 (choice, price)
        What was decided, and what that costs, as measured here.
    breaks_first, at_100x : str
        The first thing to break, and what changes at a hundred times the load.
    questions : sequence of 5 (question, heading)
        What an interviewer asks next, and the heading of this notebook under which a cell answers.
    exercise, drill : str
        Ids of the exercise and of the drill that belong to it: ``"coding/psi"``.
    write_ups : sequence of 3 to 5 (who, year, figure, source)
        Published systems of the kind; ``source`` is the title of what was read, or its address.

    Raises
    ------
    ValueError
        If a part is blank, there are too few or too many of something, or there is no such
        exercise.
    """
    for name, words in {"goal": goal, "breaks_first": breaks_first, "at_100x": at_100x}.items():
        if not words.strip():
            raise ValueError(f"The defence needs {name}: a sentence.")
    if not numbers:
        raise ValueError("The defence needs the numbers that the design hangs on.")
    _count("trade-offs", trade_offs, TRADE_OFFS, TRADE_OFFS)
    _count("questions", questions, QUESTIONS, QUESTIONS)
    _count("write-ups", write_ups, *WRITE_UPS)
    for _, heading in questions:
        if re.search(r"[][()]", heading):
            raise ValueError(f"The heading {heading!r} cannot be linked: it has brackets.")
    first = (
        ("goal", goal),
        *numbers.items(),
        ("what breaks first", breaks_first),
        ("at 100 × the load", at_100x),
        ("practise", f"{_exercise(exercise)}; {_exercise(drill)}"),
    )
    asked = tuple((ask, f"[{heading}](#{anchor(heading)})") for ask, heading in questions)
    read = tuple((who, str(year), what, source) for who, year, what, source in write_ups)
    tables = (
        Table("", (), first),
        Table("", ("trade-off", "its price, measured"), tuple(map(tuple, trade_offs))),
        Table("", ("an interviewer asks", "the answer is under"), asked),
        Table("", ("published by", "year", "figure", "source"), read),
    )
    for table in tables:
        for row in table.rows:
            if not all(cell.strip() for cell in row):
                raise ValueError(f"The defence has an empty cell: {row}.")
    return Sheet(f"The defence: {picture.title}", tables, picture.image())


def anchor(heading: str) -> str:
    """The address of a heading in JupyterLab and on GitHub's notebook page.

    >>> anchor("4 Evaluate on the next quarter")
    '4-Evaluate-on-the-next-quarter'
    """
    return heading.strip().replace(" ", "-")


def lost_links(notebook: Mapping[str, Any]) -> list[str]:
    """Addresses within a notebook that no heading of it has, in its text and its outputs.

    Parameters
    ----------
    notebook : mapping
        A notebook as JSON.

    Examples
    --------
    >>> text = {"cell_type": "markdown", "source": "## 1 Goal\\n[a](#1-Goal) [b](#2-Data)"}
    >>> lost_links({"cells": [text]})
    ['2-Data']
    """
    known, used = set(), []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            heads = re.findall(r"^#+ +(.+?)\s*$", source, re.MULTILINE)
            known |= {anchor(re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", head)) for head in heads}
            known |= set(re.findall(r'<a id="([^"]+)"', source))
            used += _MARKDOWN.findall(source)
        for text in _html_of(cell):
            used += _HREF.findall(text)
    return [address for address in dict.fromkeys(used) if address not in known]


def _html_of(cell: Mapping[str, Any]) -> Iterator[str]:
    for output in cell.get("outputs", []):
        yield "".join(output.get("data", {}).get("text/html", ""))


def _count(what: str, given: Sequence[Any], low: int, high: int) -> None:
    if not low <= len(given) <= high:
        wanted = str(low) if low == high else f"{low} to {high}"
        raise ValueError(f"The defence needs {wanted} {what}, and has {len(given)}.")


def _exercise(name: str) -> str:
    """A link to an exercise's task, with its title."""
    from mlsd_kit.curriculum.grading.catalogue import find
    from mlsd_kit.curriculum.grading.errors import GradingError

    try:
        exercise = find(name)
    except GradingError as error:
        raise ValueError(f"The defence names {name!r}, which is no exercise: {error}") from None
    page = "question" if exercise.kind == "predict" else "task"
    return f"[{exercise.title}](../../exercises/{exercise.id}/{page}.md)"
