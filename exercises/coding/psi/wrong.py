"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import numpy as np


def _psi(reference, current, bins, floor=lambda p: np.maximum(p, 0.0001), side="left", dtype=float):
    reference, current = np.asarray(reference, dtype=dtype), np.asarray(current, dtype=dtype)
    borders = np.quantile(reference, np.arange(1, bins) / bins)
    shares = [
        np.bincount(np.searchsorted(borders, values, side=side), minlength=bins) / len(values)
        for values in (reference, current)
    ]
    p, q = map(floor, shares)
    return float(np.sum((q - p) * np.log(q / p)))


def only_empty_bins_get_the_floor(reference, current, bins):
    """A share above 0 and below the floor stays as it is."""
    return _psi(reference, current, bins, lambda p: np.where(p == 0, 0.0001, p))


def floor_of_a_thousandth(reference, current, bins):
    """Shares between 0.0001 and 0.001 are raised too."""
    return _psi(reference, current, bins, lambda p: np.where(p == 0, 0.0001, np.maximum(p, 0.001)))


def floor_is_added(reference, current, bins):
    """The floor is added to every share that is below a hundredth."""
    return _psi(reference, current, bins, lambda p: np.where(p < 0.01, p + 0.0001, p))


def in_single_precision(reference, current, bins):
    """Values are rounded to 32 bits: some then lie on the other side of a border."""
    return _psi(reference, current, bins, dtype=np.float32)
