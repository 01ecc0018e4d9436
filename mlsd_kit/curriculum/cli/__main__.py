"""``python -m mlsd_kit.curriculum.cli``: the same as ``mlsd``."""

from mlsd_kit.curriculum.cli import main

main()
