"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

from typing import Any

import numpy as np


def _borders(values: Any, bins: int) -> np.ndarray:
    return np.quantile(values, np.arange(1, bins) / bins)


def _counts(values: Any, borders: np.ndarray, side: Any = "left") -> np.ndarray:
    cells = np.searchsorted(borders, values, side=side)
    return np.bincount(cells, minlength=len(borders) + 1)


def _shares(reference: Any, current: Any, borders: np.ndarray, floor: float = 1e-4) -> Any:
    """Both columns of shares, not below the floor."""
    p = _counts(reference, borders) / len(reference)
    q = _counts(current, borders) / len(current)
    return np.maximum(p, floor), np.maximum(q, floor)


def _index(p: np.ndarray, q: np.ndarray) -> float:
    return float(np.sum((q - p) * np.log(q / p)))


def bins_from_the_current_data(reference: Any, current: Any, bins: int) -> float:
    """The borders are quantiles of the current data: take them from the reference."""
    return _index(*_shares(reference, current, _borders(current, bins)))


def bins_from_both_samples(reference: Any, current: Any, bins: int) -> float:
    """The borders are quantiles of both samples together: take them from the reference alone."""
    both = np.concatenate([reference, current])
    return _index(*_shares(reference, current, _borders(both, bins)))


def bins_of_equal_width(reference: Any, current: Any, bins: int) -> float:
    """The bins have equal width: quantiles of the reference give each about the same share."""
    borders = np.linspace(np.min(reference), np.max(reference), bins + 1)[1:-1]
    return _index(*_shares(reference, current, borders))


def border_in_the_bin_above(reference: Any, current: Any, bins: int) -> float:
    """A value equal to a border went to the bin above it: bins are (low, high]."""
    borders = _borders(reference, bins)
    p = _counts(reference, borders, "right") / len(reference)
    q = _counts(current, borders, "right") / len(current)
    return _index(np.maximum(p, 1e-4), np.maximum(q, 1e-4))


def values_outside_dropped(reference: Any, current: Any, bins: int) -> float:
    """Current values outside the reference's range are dropped: the outer bins are open."""
    seen = np.asarray(current)
    seen = seen[(seen >= np.min(reference)) & (seen <= np.max(reference))]
    borders = _borders(reference, bins)
    p = _counts(reference, borders) / len(reference)
    q = _counts(seen, borders) / max(len(seen), 1)
    return _index(np.maximum(p, 1e-4), np.maximum(q, 1e-4))


def empty_bins_skipped(reference: Any, current: Any, bins: int) -> float:
    """Bins that are empty on one side are left out: they show the largest change."""
    p, q = _shares(reference, current, _borders(reference, bins), floor=0.0)
    both = (p > 0) & (q > 0)
    return _index(p[both], q[both])


def floor_far_too_small(reference: Any, current: Any, bins: int) -> float:
    """An empty bin got a far smaller share than 0.0001: it then outweighs all the others."""
    return _index(*_shares(reference, current, _borders(reference, bins), floor=1e-10))


def rescaled_after_the_floor(reference: Any, current: Any, bins: int) -> float:
    """The shares were rescaled to sum to 1 after the floor: leave them as they are."""
    p, q = _shares(reference, current, _borders(reference, bins))
    return _index(p / p.sum(), q / q.sum())


def floor_added_to_every_share(reference: Any, current: Any, bins: int) -> float:
    """0.0001 is added to every share: only shares below it are replaced by it."""
    p, q = _shares(reference, current, _borders(reference, bins), floor=0.0)
    return _index(p + 1e-4, q + 1e-4)


def one_sided_divergence(reference: Any, current: Any, bins: int) -> float:
    """This is the Kullback-Leibler divergence, Σ q ln(q / p): the factor is q - p."""
    p, q = _shares(reference, current, _borders(reference, bins))
    return float(np.sum(q * np.log(q / p)))


def logarithm_to_base_ten(reference: Any, current: Any, bins: int) -> float:
    """The logarithm is to base 10: the usual limits of 0.1 and 0.25 are for the natural one."""
    p, q = _shares(reference, current, _borders(reference, bins))
    return _index(p, q) / np.log(10)


def both_divided_by_the_size_of_the_reference(reference: Any, current: Any, bins: int) -> float:
    """Both counts are divided by the reference's size: divide each by its own."""
    borders = _borders(reference, bins)
    p = _counts(reference, borders) / len(reference)
    q = _counts(current, borders) / len(reference)
    return _index(np.maximum(p, 1e-4), np.maximum(q, 1e-4))
