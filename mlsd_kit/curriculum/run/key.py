"""The key of a notebook's result: same key, same result, so no need to run it again."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

import mlsd_kit
from mlsd_kit import paths
from mlsd_kit.curriculum.run.catalogue import Entry, code_cells


def _file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "absent"


def kit_digest() -> str:
    """One hash over every source file of the kit, in a fixed order."""
    package = Path(mlsd_kit.__file__).parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        digest.update(source.relative_to(package).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()


def result_key(entry: Entry, parameters: dict[str, Any], kit: str, text: str | None = None) -> str:
    """What the result of ``entry`` (of ``text`` in its place, if given) depends on, as one hash.

    Its code cells (prose may change freely), the parameters, the kit's sources (``kit``, from
    `kit_digest`), the datasheets it names, the pins and the Python version.
    """
    root = paths.root()
    parts = {
        "cells": code_cells(entry.source.read_text(encoding="utf-8") if text is None else text),
        "parameters": parameters,
        "kit": kit,
        "datasheets": [
            _file_digest(root / "datasets" / name / "datasheet.toml") for name in entry.datasets
        ],
        "pins": _file_digest(root / "constraints.txt"),
        "python": platform.python_version(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def proof_key(entry: Entry) -> str:
    """What a proof of ``entry`` is about, as a short hash: the same on every machine.

    Its code cells, headline and sabotages, and the datasheets it names. The kit is left out: a
    proof says that claims have teeth, and a change of a kit's line need not ask for it anew.
    """
    root = paths.root()
    parts = {
        "cells": code_cells(entry.source.read_text(encoding="utf-8")),
        "headline": entry.headline,
        "sabotages": [asdict(sabotage) for sabotage in entry.sabotages],
        "datasheets": [
            _file_digest(root / "datasets" / name / "datasheet.toml") for name in entry.datasets
        ],
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode())
    return digest.hexdigest()[:16]
