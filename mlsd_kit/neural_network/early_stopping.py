"""The rows that early stopping watches: held out before training, every class in proportion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def hold_out(
    codes: NDArray[np.intp], share: float, random: np.random.RandomState
) -> NDArray[np.bool_]:
    """Mark ``share`` of each class's rows (rounded, never the whole class) for validation.

    Parameters
    ----------
    codes : ndarray of int (n,)
        Class number of each row.
    share : float in (0, 1)
    random : RandomState

    Returns
    -------
    ndarray of bool (n,)

    Raises
    ------
    ValueError
        If no row would be held out.

    Examples
    --------
    >>> held = hold_out(np.array([0] * 8 + [1] * 4), 0.25, np.random.RandomState(0))
    >>> int(held[:8].sum()), int(held[8:].sum())
    (2, 1)
    """
    held = np.zeros(len(codes), dtype=bool)
    for code in range(codes.max() + 1):
        rows = random.permutation(np.flatnonzero(codes == code))
        held[rows[: min(round(share * len(rows)), len(rows) - 1)]] = True
    if not held.any():
        raise ValueError("validation_fraction holds out no row; raise it or give more rows.")
    return held
