"""Nearest neighbours by brute force: exact, in blocks, without an (n, n) matrix.

`search` finds them, `shortlist` rules out most rows by matrix products with a proven error bound,
`classification` and `regression` vote and average under scikit-learn's names.
"""

from __future__ import annotations

from mlsd_kit.neighbors.classification import KNeighborsClassifier
from mlsd_kit.neighbors.regression import KNeighborsRegressor
from mlsd_kit.neighbors.search import nearest

__all__ = ["KNeighborsClassifier", "KNeighborsRegressor", "nearest"]
