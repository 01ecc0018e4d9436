"""Run a pickled Python function in a fresh process: ``python -m mlsd_kit.services._call FILE``."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from mlsd_kit.services.errors import ServiceError


def main(file: str) -> None:
    """Call the function that the starter left in ``file``.

    A `ServiceError` says all there is to say in its sentence: no traceback stands before it.
    """
    try:
        pickle.loads(Path(file).read_bytes())()
    except ServiceError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1])
