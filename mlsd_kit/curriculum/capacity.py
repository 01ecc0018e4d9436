"""The numbers of section 1, each met by a measured one."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import SupportsFloat

from mlsd_kit.curriculum.sheets import Sheet, Table, figure

_KEY = re.compile(r"(.*\S)\s*\[([^\]]+)\]")


def capacity_table(
    estimated: Mapping[str, SupportsFloat], measured: Mapping[str, SupportsFloat]
) -> Sheet:
    """One table: estimate, measured, and how many times the estimate was reached.

    Tag the cell ``nbval-ignore-output`` if a measured number depends on the machine.

    Parameters
    ----------
    estimated, measured : mapping of str to number
        The same names in both, each with its unit in brackets: ``"job [s]"``.

    Raises
    ------
    ValueError
        If a name stands on one side only or has no unit, if a number is not finite, or an
        estimate is 0.

    Examples
    --------
    >>> capacity_table({"log [MB]": 7, "job [s]": 60}, {"log [MB]": 6.9, "job [s]": 1.5})
    Estimated and measured
    <BLANKLINE>
      quantity  unit  estimate  measured  measured / estimate
      log       MB           7       6.9                0.986
      job       s           60       1.5                0.025
    """
    for name in estimated:
        if name not in measured:
            raise ValueError(f"{name!r} was estimated, but not measured: measure it.")
    for name in measured:
        if name not in estimated:
            raise ValueError(f"{name!r} was measured, but not estimated: estimate it first.")
    rows = []
    for name in estimated:
        parts = _KEY.fullmatch(name)
        if parts is None:
            raise ValueError(f"{name!r} has no unit: write it as 'name [unit]'.")
        guess, found = float(estimated[name]), float(measured[name])
        if not (math.isfinite(guess) and math.isfinite(found)) or guess == 0:
            raise ValueError(
                f"{name!r}: estimate {guess} and measured {found} have no ratio; "
                "give finite numbers, and an estimate other than 0."
            )
        rows.append((parts[1], parts[2], figure(guess), figure(found), figure(found / guess)))
    columns = ("quantity", "unit", "estimate", "measured", "measured / estimate")
    return Sheet("Estimated and measured", (Table("", columns, tuple(rows), right=(2, 3, 4)),))
