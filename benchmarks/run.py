"""``make bench``: every comparison of the kit with its peers; exit code 1 if a bar is missed.

    python benchmarks/run.py [--only WORD] [--quick]

``--only`` takes the comparisons whose name holds the word; ``--quick`` leaves out the growth table.
"""

from __future__ import annotations

import os

THREADS = "2"
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = THREADS  # before NumPy loads: BLAS reads it once

import argparse  # noqa: E402
import importlib  # noqa: E402
import sys  # noqa: E402
import warnings  # noqa: E402
from pathlib import Path  # noqa: E402

HERE = Path(__file__).parent


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="comparisons whose name holds this word")
    parser.add_argument("--quick", action="store_true", help="no growth table")
    options = parser.parse_args(argv)
    sys.path.insert(0, str(HERE))
    warnings.simplefilter("ignore")  # convergence warnings of the peers
    harness = importlib.import_module("harness")
    cases = [
        case
        for file in sorted(HERE.glob("bench_*.py"))
        for case in importlib.import_module(file.stem).CASES
        if options.only.lower() in case.name.lower()
    ]
    if not cases:
        print(f"no comparison has {options.only!r} in its name", file=sys.stderr)
        return 2
    print(harness.headline(cases, THREADS), flush=True)
    missed = 0
    for case in cases:
        outcome = harness.measure(case, growth=not options.quick)
        missed += not (outcome.fast_enough and outcome.small_enough)
        print(harness.line(outcome), flush=True)
        if outcome.growth:
            print(harness.growth_line(outcome), flush=True)
    print(f"{len(cases) - missed} of {len(cases)} bars held")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
