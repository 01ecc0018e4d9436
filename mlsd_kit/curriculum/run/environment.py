"""What a notebook's kernel is told through its environment."""

from __future__ import annotations

import os
from pathlib import Path

from mlsd_kit.curriculum.claims import COLLECT

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def kernel_environment(home: str, scratch: Path, collect: bool = False) -> dict[str, str]:
    """Variables of a kernel: its own scratch folders, the curriculum's root, BLAS threads.

    The user's IPython profile is left out, so that a notebook depends on this Python alone.
    """
    return {
        "JUPYTER_RUNTIME_DIR": str(scratch / "r"),
        "JUPYTER_DATA_DIR": str(scratch / "d"),
        "IPYTHONDIR": str(scratch / "i"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        **({"MLSD_HOME": home} if Path(home).is_dir() else {}),
        **({COLLECT: "1"} if collect else {}),
        **{name: os.environ.get(name, "1") for name in THREAD_VARIABLES},
    }
