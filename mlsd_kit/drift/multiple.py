"""Many tests at once: p-values adjusted so that false alarms stay under control."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlsd_kit._vector import as_vector

Method = Literal["bonferroni", "holm", "fdr_bh"]


def adjust_pvalues(pvalues: ArrayLike, method: Method = "fdr_bh") -> NDArray[np.float64]:
    """Adjusted p-values: comparing them with alpha controls the error over the whole family.

    With 40 unchanged features and alpha = 0.05, two raw p-values are "significant" by chance.

    - "bonferroni": m · p. Chance of *any* false alarm ≤ alpha.
    - "holm": p(i) · (m - i + 1), made increasing. The same guarantee, never less powerful.
    - "fdr_bh": p(i) · m / i, made increasing from the largest down (Benjamini and Hochberg 1995).
      Expected share of false alarms *among the alarms* ≤ alpha, for independent or positively
      dependent tests.

    Parameters
    ----------
    pvalues : array-like of shape (m,)
    method : {"fdr_bh", "holm", "bonferroni"}, default="fdr_bh"

    Returns
    -------
    ndarray of shape (m,), in the order given, each in [0, 1].

    Raises
    ------
    ValueError
        If a p-value is missing or outside [0, 1], or ``method`` is unknown.

    >>> p = [0.01, 0.04, 0.03, 0.5]
    >>> adjust_pvalues(p, "bonferroni").round(4)
    array([0.04, 0.16, 0.12, 1.  ])
    >>> adjust_pvalues(p, "holm").round(4)
    array([0.04, 0.09, 0.09, 0.5 ])
    >>> adjust_pvalues(p, "fdr_bh").round(4)
    array([0.04  , 0.0533, 0.0533, 0.5   ])
    """
    p = as_vector(pvalues, "pvalues")
    if p.min() < 0 or p.max() > 1:
        raise ValueError("pvalues must lie between 0 and 1; pass probabilities, not statistics.")
    m = p.size
    if method == "bonferroni":
        return np.minimum(p * m, 1.0)
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, m + 1)
    if method == "holm":
        adjusted = np.maximum.accumulate(p[order] * (m - rank + 1))
    elif method == "fdr_bh":
        adjusted = np.minimum.accumulate((p[order] * m / rank)[::-1])[::-1]
    else:
        raise ValueError(f'method must be "fdr_bh", "holm" or "bonferroni", got {method!r}.')
    result = np.empty(m)
    result[order] = np.minimum(adjusted, 1.0)
    return result
