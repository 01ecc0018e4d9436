"""What all samplers share: their parameters' constraints, and taking rows of any table."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from imblearn.base import BaseSampler
from sklearn.utils._param_validation import Interval, StrOptions

from mlsd_kit._validation import plain_target

STRATEGIES = {"auto", "minority", "not minority", "not majority", "majority", "all"}


class Sampler(BaseSampler):
    """A sampler that takes labels as the kit's metrics do."""

    def fit_resample(self, X: Any, y: Any, **params: Any) -> Any:
        """Resample ``X`` (n, d) and its labels ``y`` (n,); whole numbers may be objects."""
        return super().fit_resample(X, plain_target(y), **params)


class OverSampler(Sampler):
    """Adds rows. ``sampling_strategy`` says how many rows each class shall have.

    "auto" or "not majority": as many as the largest class; "minority": only the smallest class;
    "not minority", "all"; a float (two classes): minority / majority afterwards; a dict: rows per
    class; a function of y that returns such a dict. ``sampling_strategy_`` is rows to add.
    """

    _sampling_type = "over-sampling"
    _parameter_constraints: dict = {
        "sampling_strategy": [
            Interval(Real, 0, 1, closed="right"),
            StrOptions(STRATEGIES - {"majority"}),
            Mapping,
            callable,
        ],
        "random_state": ["random_state"],
    }


class UnderSampler(Sampler):
    """Takes rows away. ``sampling_strategy`` as in `OverSampler`, with "majority" for "minority".

    "auto" or "not minority": as many as the smallest class. ``sampling_strategy_`` is rows to keep.
    """

    _sampling_type = "under-sampling"
    _parameter_constraints: dict = {
        "sampling_strategy": [
            Interval(Real, 0, 1, closed="right"),
            StrOptions(STRATEGIES - {"minority"}),
            Mapping,
            callable,
        ],
        "random_state": ["random_state"],
    }


def take_rows(table: Any, rows: np.ndarray) -> Any:
    """Rows of a DataFrame (renumbered), an array or a sparse matrix."""
    if isinstance(table, pd.DataFrame):
        return table.take(rows).reset_index(drop=True)
    return table[rows]


def numpy_columns(table: Any) -> Any:
    """A DataFrame with NumPy's types in place of pandas' nullable ones, where nothing is missing.

    A nullable column of integers refuses the fractions that new rows have on their way.
    """
    if not isinstance(table, pd.DataFrame):
        return table
    kinds = zip(table.columns, table.dtypes, strict=True)
    types = {
        name: dtype.numpy_dtype
        for name, dtype in kinds
        if hasattr(dtype, "numpy_dtype") and dtype.kind in "iufb" and not table[name].isna().any()
    }
    return table.astype(types) if types else table
