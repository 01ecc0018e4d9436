"""What several commands share: where results go, and the exit code of an interrupt."""

from __future__ import annotations

import os
from pathlib import Path

from mlsd_kit import paths

INTERRUPTED = 130


def build_folder(given: Path | None) -> Path:
    """``--build``, else ``$MLSD_BUILD``, else ``build/`` in the curriculum's root."""
    chosen = given or os.environ.get("MLSD_BUILD")
    return Path(chosen).resolve() if chosen else paths.root() / "build"
