"""``python -m mlsd_kit.cli``: the same as ``mlsd``."""

from mlsd_kit.cli import main

main()
