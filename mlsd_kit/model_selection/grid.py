"""Every combination of the values in a grid of parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np

Grid = Mapping[str, Sequence[Any]]


class ParameterGrid:
    """The candidates of a grid, or of several, as dicts; the last name (sorted) varies fastest.

    Parameters
    ----------
    param_grid : dict of str -> list or 1-D array, or list of such dicts
        Each dict is searched on its own: use a list where values of one parameter only make sense
        with certain values of another.

    Examples
    --------
    >>> list(ParameterGrid([{"k": [1, 2], "p": ["a"]}, {"k": [9]}]))
    [{'k': 1, 'p': 'a'}, {'k': 2, 'p': 'a'}, {'k': 9}]
    """

    def __init__(self, param_grid: Grid | Sequence[Grid]) -> None:
        grids = [param_grid] if isinstance(param_grid, Mapping) else param_grid
        if isinstance(grids, str) or not hasattr(grids, "__iter__"):
            raise TypeError(
                f"Parameter grid should be a dict or a list, got: {param_grid!r} of type "
                f"{type(param_grid).__name__}."
            )
        for grid in grids:
            if not isinstance(grid, Mapping):
                raise TypeError(f"Parameter grid is not a dict ({grid!r}): use a list of dicts.")
            for name, values in grid.items():
                _check_values(name, values)
        self.param_grid = list(grids)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for grid in self.param_grid:
            names = sorted(grid)
            for values in product(*(grid[name] for name in names)):
                yield dict(zip(names, values, strict=True))

    def __len__(self) -> int:
        return sum(prod(len(values) for values in grid.values()) for grid in self.param_grid)


def _check_values(name: str, values: Any) -> None:
    if isinstance(values, np.ndarray) and values.ndim > 1:
        raise ValueError(
            f"Parameter array for {name!r} should be one-dimensional, got: {values!r} with shape "
            f"{values.shape}."
        )
    if isinstance(values, str) or not isinstance(values, np.ndarray | Sequence):
        raise TypeError(
            f"Parameter grid for parameter {name!r} needs to be a list or a numpy array, but got "
            f"{values!r} (of type {type(values).__name__}) instead. Single values need to be "
            "wrapped in a list with one element."
        )
    if len(values) == 0:
        raise ValueError(
            f"Parameter grid for parameter {name!r} need to be a non-empty sequence, got: "
            f"{values!r}."
        )
