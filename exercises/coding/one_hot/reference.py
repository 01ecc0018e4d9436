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
    # >>> your code
    categories = sorted({value for value in train if value is not None})
    column = {category: at for at, category in enumerate(categories)}
    codes = np.array([column.get(value, -1) for value in values])
    encoded = np.zeros((len(codes), len(categories)))
    known = np.flatnonzero(codes >= 0)
    encoded[known, codes[known]] = 1.0
    return encoded
    # <<< your code
