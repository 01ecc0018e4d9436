"""What wants to know how a run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mlsd_kit.curriculum.run.catalogue import Entry
from mlsd_kit.curriculum.run.results import Result


class Watcher:
    """Told what happens during a run; the command line's display overrides what it shows."""

    def started(self, entries: Sequence[Entry], progress: dict[str, Path]) -> None:
        """The run begins; ``progress`` maps a notebook to the file that holds ``cell/cells``."""

    def finished(self, result: Result) -> None:
        """One notebook has a result."""
