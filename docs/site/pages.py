"""The site's pages that are nobody's file: front page, practice, data sets, reference."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from mlsd_kit.curriculum.grading.catalogue import Exercise
from mlsd_kit.curriculum.run.catalogue import Entry
from mlsd_kit.data import Datasheet

KINDS = {
    "coding": ("Coding questions", "Write it from scratch; random inputs judge it."),
    "estimates": ("Back-of-the-envelope estimates", "A figure with its unit, within a tolerance."),
    "debug": ("Bugs to find", "The code runs and its number is wrong. Why?"),
    "predict": ("Outcomes to predict", "Commit to an answer, then run the experiment."),
    "design": ("Design drills", "Set the knobs of a system; a simulation judges it under load."),
}
FLOORS = {
    "Data and services": ("data", "services", "files", "paths"),
    "Systems of the case studies": ("systems",),
    "The course": ("curriculum",),
}
"""Headings of the reference, and what stands under them; all else is a primitive."""


@dataclass(frozen=True)
class Card:
    """A notebook on the front page."""

    entry: Entry
    thumbnail: str | None
    """The picture's path in the site's sources."""
    caption: str

    def text(self) -> str:
        entry = self.entry
        lines = [f"::::{{grid-item-card}} {entry.title}", f":link: /notebooks/{entry.id}"]
        lines += [":link-type: doc"]
        if self.thumbnail:
            lines += [f":img-top: /{self.thumbnail}", f":img-alt: {self.caption}"]
        asked = "; ".join(entry.asked)
        lines += [
            "",
            entry.question,
            "",
            f":::{{div}} asked\nAsked in interviews as: {asked}.\n:::",
        ]
        return "\n".join([*lines, "::::", ""])


def linked(notebook: bytes, shown_here: Sequence[str]) -> bytes:
    """A notebook whose outputs link to pages and places of the site.

    In JupyterLab a heading's address is its text with hyphens, and a task is a Markdown file; here
    the address is what docutils makes of that text, and the task is a page. A link to a notebook
    that is not among ``shown_here`` becomes plain text.
    """
    read = json.loads(notebook)
    for cell in read["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = re.sub(
                r"\[([^]]+)\]\((?:[^()]*/)?(\w+)\.ipynb\)",
                lambda m: m[0] if m[2] in shown_here else m[1],
                "".join(cell["source"]),
            )
        for output in cell.get("outputs", []):
            shown = output.get("data", {})
            if "text/html" in shown:
                page = "".join(shown["text/html"])
                page = re.sub(r'href="#([^"]+)"', lambda m: f'href="#{place(m[1])}"', page)
                shown["text/html"] = re.sub(r'href="([^":]+)\.md"', r'href="\1.html"', page)
    return json.dumps(read).encode()


def place(anchor: str) -> str:
    """The id that docutils gives to a heading.

    >>> place("2-Data:-a-log,-a-cut")
    'data-a-log-a-cut'
    """
    words = html.unescape(anchor).lower()
    words = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"^[-0-9]+|-+$", "", re.sub(r"[^a-z0-9]+", "-", words))


def heading(theme: str) -> str:
    """A theme's name as a heading.

    >>> heading("search_ads")
    'Search ads'
    """
    return theme.replace("_", " ").capitalize()


def front(cards: Sequence[Card], exercises: Sequence[Exercise], notes: Sequence[str]) -> str:
    """The catalogue as cards by theme, and the way into everything else.

    ``notes`` are the names of the pages under ``docs/``.
    """
    themes = dict.fromkeys(card.entry.theme for card in cards)
    jumps = [f"[{heading(theme)}](#{theme.replace('_', '-')})" for theme in themes]
    parts = [FRONT, " · ".join([*jumps, "[Practice](#practice)"]) + "\n"]
    trees = []
    for theme, group in groupby(cards, key=lambda card: card.entry.theme):
        shown = list(group)
        body = "\n".join(card.text() for card in shown)
        parts.append(f"## {heading(theme)}\n\n:::::{{grid}} 1 2 2 3\n:gutter: 3\n\n{body}\n:::::\n")
        trees.append(toctree((f"notebooks/{card.entry.id}" for card in shown), heading(theme)))
    parts.append("## Practice\n\n| kind | how many | |\n|---|---|---|\n" + _counts(exercises))
    trees.append(toctree((f"practice/{kind}" for kind in KINDS), "Practice"))
    reference = ["data", "api/index", *(f"docs/{note}" for note in notes)]
    trees.append(toctree(reference, "Reference"))
    return "\n".join([*parts, *trees])


def toctree(documents: Iterable[str], caption: str = "") -> str:
    """A hidden table of contents: the side bar shows it."""
    options = f":caption: {caption}\n" if caption else ""
    lines = "\n".join(f"/{document}" for document in documents)
    return f"```{{toctree}}\n:hidden:\n{options}\n{lines}\n```\n"


def _counts(exercises: Sequence[Exercise]) -> str:
    rows = []
    for kind, (title, what) in KINDS.items():
        number = sum(exercise.kind == kind for exercise in exercises)
        rows.append(f"| [{title}](practice/{kind}.md) | {number} | {what} |\n")
    return "".join(rows)


def practice(kind: str, exercises: Sequence[Exercise], entries: Sequence[Entry]) -> str:
    """One kind's exercises, those without prerequisites first."""
    title, what = KINDS[kind]
    found = sorted((e for e in exercises if e.kind == kind), key=lambda e: (e.level, e.title))
    notebooks = {entry.name: entry for entry in entries}
    rows = []
    for exercise in found:
        study = notebooks.get(exercise.case_study)
        link = f"[{study.title}](/notebooks/{study.id}.ipynb)" if study else ""
        rows.append(f"| [{exercise.title}](/{document(exercise)}.md) | {exercise.level} | {link} |")
    table = "| question | level | case study |\n|---|---|---|\n" + "\n".join(rows)
    return f"# {title}\n\n{what}\n\n{table}\n\n{toctree(map(document, found))}"


def document(exercise: Exercise) -> str:
    """The page of an exercise: where its statement lies in the repository."""
    return f"exercises/{exercise.id}/{'question' if exercise.kind == 'predict' else 'task'}"


def statement(exercise: Exercise, known: dict[str, str]) -> str:
    """The statement, what to type, and the stub; hints and solutions stay in the terminal.

    Parameters
    ----------
    exercise : Exercise
    known : dict of str to str
        The page of every exercise by name, for its prerequisites.
    """
    parts = [
        exercise.statement.strip(),
        "\n## Try it\n",
        f"```bash\nmlsd check {exercise.name}\n```",
    ]
    if exercise.requires:
        links = (f"[{name}](/{known[name]}.md)" for name in exercise.requires)
        parts.append(f"Comes after {', '.join(links)}.")
    if exercise.kind in ("coding", "design", "estimates", "debug"):
        name = "broken.py" if exercise.kind == "debug" else "exercise.py"
        code = exercise.text(name).strip()
        title = "The code to mend" if exercise.kind == "debug" else "The file you start from"
        parts.append(f"::::{{dropdown}} {title}\n```python\n{code}\n```\n::::")
    return "\n\n".join(parts) + "\n"


def data_sets(sheets: Sequence[Datasheet]) -> str:
    """The data sets, with what a row is and under which licence."""
    parts = ["# Data sets\n\nEach is fetched on first use and checked against its schema.\n"]
    for sheet in sheets:
        parts.append(
            f"## {sheet.title}\n\n```python\nload({sheet.name!r})\n```\n\n"
            f"{sheet.rows:,} rows. A row is {sheet.row}.\n\n*Licence:* {sheet.licence}. "
            f"*Citation:* {sheet.citation}\n\n" + _traps(sheet)
        )
    return "\n".join(parts)


def _traps(sheet: Datasheet) -> str:
    return "".join(f"- {trap}\n" for trap in sheet.traps)


def api_index(modules: Sequence[tuple[str, str]]) -> str:
    """The kit's modules with their first lines, by what they are for."""
    parts = [f"# The kit\n\n{API}\n"]
    for title, shown in groupby(sorted(modules, key=_floor), key=lambda module: _floor(module)[1]):
        rows = "\n".join(f"| [`{name}`]({name}.md) | {line} |" for name, line in shown)
        parts.append(f"## {title}\n\n| module | what it holds |\n|---|---|\n{rows}\n")
    parts.append(toctree(f"api/{name}" for name, _ in modules))
    return "\n".join(parts)


def _floor(module: tuple[str, str]) -> tuple[int, str, str]:
    """Where a module lies in the house, and under which heading."""
    topic = module[0].split(".")[1]
    for place, (title, topics) in enumerate(FLOORS.items()):
        if topic in topics:
            return place, title, module[0]
    return -1, "Primitives", module[0]


@dataclass(frozen=True)
class Member:
    """A name that Sphinx does not find in a module by itself."""

    name: str
    directive: str
    text: str = ""


def api_module(name: str, members: Sequence[Member] = ()) -> str:
    """One module's reference, from its docstrings; ``members`` are described beside them."""
    short = name.removeprefix("mlsd_kit.")
    body = [f".. automodule:: {name}", "   :members:", "   :show-inheritance:"]
    for each in members:
        plain = each.directive == "py:data"  # documented here, not read from the module
        target = each.name if plain else f"{name}.{each.name}"
        options = [f"   :module: {name}"] if plain else []
        options += ["   :members:"] if each.directive == "autoclass" else []
        text = ["", *(f"   {line}" for line in each.text.splitlines())] if each.text else []
        body += ["", f".. {each.directive}:: {target}", *options, *text]
    lines = "\n".join(body)
    return f"# {short}\n\n```{{eval-rst}}\n{lines}\n```\n"


FRONT = """\
# ML System Design, built and checked

Machine-learning system design, learnt by building the systems that interviewers ask for. Every
case study runs on real data, and every headline is a *claim*: a figure with a bound and a reason,
checked each time the notebook runs. The pages here are the executed notebooks; to run them
yourself, `make lab` opens JupyterLab on them.
"""
API = """\
The primitives are written from scratch, under scikit-learn's names and contract: swap one import
line and get the same numbers. Every example below runs as a test."""
