"""The key of a notebook's result: same key, same result, so no need to run it again."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mlsd_kit import paths
from mlsd_kit.curriculum.run.catalogue import Entry, code_cells, source_text
from mlsd_kit.curriculum.run.sources import KIT, PACKAGE, closure

RULES = 2
"""Counts up when the runner judges differently: results of the older rules are not taken over."""


def _file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "absent"


def kit_digest(codes: Sequence[str]) -> str:
    """One hash over the kit's sources that ``codes`` use, directly or through others."""
    digest = hashlib.sha256()
    for source in sorted(closure(codes, words=True).files):
        digest.update(source.relative_to(PACKAGE).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()


def result_key(entry: Entry, parameters: dict[str, Any], text: str | None = None) -> str:
    """What the result of ``entry`` (of ``text`` in its place, if given) depends on, as one hash.

    Its code cells (prose may change freely), the parameters, the kit's sources that they use, the
    datasheets it names, the pins, the Python version, and the rules by which a run passes.
    """
    root = paths.root()
    cells = code_cells(source_text(entry.source) if text is None else text)
    sheets = [root / "datasets" / name / "datasheet.toml" for name in entry.datasets]
    # a datasheet may name the module that simulates its table
    words = [repr(word) for sheet in sheets for word in _words(sheet)]
    parts = {
        "cells": cells,
        "parameters": parameters,
        "kit": kit_digest([source for _, source in cells] + words),
        "datasheets": [_file_digest(sheet) for sheet in sheets],
        "pins": _file_digest(root / "constraints.txt"),
        "python": platform.python_version(),
        "rules": RULES,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _words(sheet: Path) -> list[str]:
    """Modules of the kit that a datasheet names."""
    return re.findall(rf"{KIT}[\w.]+", sheet.read_text(encoding="utf-8")) if sheet.is_file() else []


def proof_key(entry: Entry) -> str:
    """What a proof of ``entry`` is about, as a short hash: the same on every machine.

    Its code cells, headline and sabotages, and the datasheets it names. The kit is left out: a
    proof says that claims have teeth, and a change of a kit's line need not ask for it anew.
    """
    root = paths.root()
    parts = {
        "cells": code_cells(source_text(entry.source)),
        "headline": entry.headline,
        "sabotages": [asdict(sabotage) for sabotage in entry.sabotages],
        "datasheets": [
            _file_digest(root / "datasets" / name / "datasheet.toml") for name in entry.datasets
        ],
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode())
    return digest.hexdigest()[:16]
