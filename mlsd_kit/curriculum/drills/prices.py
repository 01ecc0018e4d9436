"""One dated price list for every drill: a teaching list, never live."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _list() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("prices.toml").read_text(encoding="utf-8-sig"))


def per_month(what: str, count: float = 1) -> float:
    """US dollars a month for ``count`` of ``what``, running all the time.

    >>> round(per_month("gpu_small", 10))
    5840
    """
    return float(_list()["per_hour"][what] * _list()["hours_per_month"] * count)


def per_hour(what: str) -> float:
    """US dollars an hour for one of ``what``."""
    return float(_list()["per_hour"][what])


def per_unit(what: str) -> float:
    """US dollars for one of ``what``."""
    return float(_list()["per_unit"][what])


def dated() -> str:
    """The month of the list, as YYYY-MM."""
    return str(_list()["date"])
