"""Run a pickled Python function in a fresh process: ``python -m mlsd_kit.services._call FILE``."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path


def main(file: str) -> None:
    """Call the function that the starter left in ``file``."""
    pickle.loads(Path(file).read_bytes())()


if __name__ == "__main__":
    main(sys.argv[1])
