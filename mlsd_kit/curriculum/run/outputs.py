"""What differs between the outputs that a notebook was committed with and those of a new run.

The rules are nbval's, which judges `make notebooks`: pictures, metadata and cells tagged
``nbval-ignore-output`` are left out; text, HTML and claims are compared to the letter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from mlsd_kit.curriculum.claims import MIME, Claim, claims_of

LEFT_OUT = {
    *("metadata", "traceback", "prompt_number", "output_type", "name", "execution_count"),
    *("application/vnd.jupyter.widget-view+json", "image/png", "image/jpeg"),
}
WIDTH = 160  # of a line that is shown; tables of many columns are longer


@dataclass(frozen=True)
class Difference:
    """The first line in which the outputs of one cell differ."""

    cell: int
    """Number among the code cells, from 0, as nbval counts."""
    recorded: str
    found: str

    def __str__(self) -> str:
        return f"cell {self.cell}: recorded «{self.recorded}», here «{self.found}»"


def differences(committed: Any, executed: Any) -> list[Difference]:
    """One difference for every cell that has any, both notebooks read by nbformat.

    Of a cell whose output is not compared, the claims still are: their names, their bounds, and
    that none failed. Their figures are another moment's.
    """
    pairs = zip_longest(_code(committed), _code(executed))
    found = []
    for number, (before, after) in enumerate(pairs):
        if before is None or after is None or before.source != after.source:
            return [Difference(number, "another source", "rebuild it: mlsd build")]
        both = (before.outputs, after.outputs)
        pair = first_difference(*both) if is_compared(before) else _of_claims(*both)
        if pair is not None:
            found.append(Difference(number, *pair))
    return found


def is_compared(cell: Any) -> bool:
    """Whether nbval compares the outputs of this code cell."""
    from nbval.plugin import find_comment_markers, find_metadata_tags

    options = {**dict(find_metadata_tags(cell.metadata)), **dict(find_comment_markers(cell.source))}
    return not options.get("skip", False) and bool(options.get("check", True))


def first_difference(before: Sequence[Any], after: Sequence[Any]) -> tuple[str, str] | None:
    """The first line that differs, as recorded and as found; None if nothing does.

    Plain text is looked at before HTML, which says the same less readably.
    """
    recorded, found = _by_kind(before), _by_kind(after)
    kinds = sorted({*recorded, *found}, key=lambda kind: (kind != "text/plain", kind))
    for kind in kinds:
        if recorded.get(kind) != found.get(kind):
            lines = (_lines(each.get(kind, [])) for each in (recorded, found))
            for one, other in zip_longest(*lines, fillvalue="(nothing)"):
                if one != other:
                    return _short(one), _short(other)
    return None


def _code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _by_kind(outputs: Sequence[Any]) -> dict[str, list[Any]]:
    """All values of a kind in their order: the order of different kinds does not matter."""
    from nbval.plugin import coalesce_streams, transform_streams_for_comparison

    kinds: dict[str, list[Any]] = defaultdict(list)
    merged = coalesce_streams(deepcopy(list(outputs)))  # it merges in place
    for output in transform_streams_for_comparison(merged):
        for key, value in {**output, **output.get("data", {})}.items():
            if key not in LEFT_OUT and key != "data":
                kinds[key].append(value)
    return dict(kinds)


def _lines(values: Sequence[Any]) -> list[str]:
    return [line for value in values for line in str(value).splitlines()]


def _short(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def _of_claims(before: Sequence[Any], after: Sequence[Any]) -> tuple[str, str] | None:
    for one, other in zip_longest(_claims(before), _claims(after)):
        if one is None or other is None or (one.name, one.bound) != (other.name, other.bound):
            return _short(str(one)), _short(str(other))
        if other.failed and not one.failed:
            return _short(str(one)), _short(str(other))
    return None


def _claims(outputs: Sequence[Any]) -> list[Claim]:
    kept = [output for output in outputs if MIME in output.get("data", {})]
    return claims_of({"cells": [{"outputs": kept}]})
