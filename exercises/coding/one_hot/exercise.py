"""One-hot encoding: one column of 0 and 1 for each category seen in training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def one_hot(train: Sequence[Any], values: Sequence[Any]) -> NDArray[np.float64]:
    """A row for each value, a column for each category of ``train``.

    Parameters
    ----------
    train : sequence of str or int, of any length
        Where the categories come from; None is missing.
    values : sequence of str or int, of length n
        What to encode.

    Returns
    -------
    ndarray of shape (n, n_categories)
        Columns in the categories' sorted order; zeros for unknown and missing values.
    """
    raise NotImplementedError("write one_hot")
